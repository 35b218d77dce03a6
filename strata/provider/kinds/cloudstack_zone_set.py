"""The zones of a stack together: what guards their deletion.

Pulumi deletes a zone's parts before the zone, so whether the zone can be deleted at all has to be found out before the first of
them goes. This resource depends on every zone that is enabled: it is updated before, and deleted before, anything of a zone is.
From 4.2 on CloudStack deletes no zone while there is a store for the whole cloud, and the store can go with the last zone only.

Identity   there is one in a stack; the id is `zones`.
Drifts     zones: one that was declared and is not there. Zones of others are not ours and no difference.
Replaces   nothing.
Import     `pulumi import strata:cloudstack:ZoneSet NAME zones:ZONE-ID,ZONE-ID`, with the ids of all zones of the stack, which
           are noted by it; with `zones` alone the next `pulumi up` notes them.
Deleting   only looks: refuses where the zones could not be deleted after it, else forgets.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from strata.clients.cloudstack import Document
from strata.errors import Failed, Problem
from strata.provider.diff import Difference
from strata.provider.fields import managed, output, setting
from strata.provider.kind import Observed, Operation
from strata.provider.kinds.cloudstack_object import CloudStackKind
from strata.provider.kinds.cloudstack_store_content import blocking_stores, first_names, users_things
from strata.provider.kinds.cloudstack_zone_checks import no_users_machines

ID = "zones"
_DECLARED = "zones"
_RULE = "CloudStack deletes no zone while there is a store for the whole cloud, and the store can go with the last zone only"


@dataclass(frozen=True)
class ZoneSetArgs:
    """What the user may declare."""

    zones: tuple[str, ...] = managed(
        "Ids of all zones of the stack.",
        example=["5f9c2c1e-0b0a-4f0e-9a53-2b8f6f3c9c11"],
        unordered=True,
    )
    noted: bool = managed(
        "Whether the stack has taken note of these zones; always true. It is kept in the state only.",
        example=True,
        default=True,
    )
    image_store: str = setting(
        "Id of the cloud-wide object store.", example="0d7ea2d1-1b5e-4d3f-9b6c-7f1f2c1b9a55", default=""
    )


@dataclass(frozen=True)
class ZoneSetOutputs:
    """What only CloudStack knows."""

    names: tuple[str, ...] = output("Names of all zones of the cloud.", example=["zone1"], default=())


class ZoneSet(CloudStackKind[ZoneSetArgs, ZoneSetOutputs]):
    """cloudstack:ZoneSet."""

    token: ClassVar[str] = "strata:cloudstack:ZoneSet"
    Args: ClassVar[type] = ZoneSetArgs
    Outputs: ClassVar[type] = ZoneSetOutputs

    def check(self, args: ZoneSetArgs) -> list[Problem]:
        """It can't be declared not to take note."""
        return [] if args.noted else [Problem("noted", "found False; allowed is True")]

    def tolerates(self, difference: Difference, declared: dict[str, Any], outputs: dict[str, Any]) -> bool:
        """Zones of others are no difference."""
        if difference.path == "noted":
            noted, zones = outputs.get("memory", {}).get(_DECLARED), declared.get("zones")
            return noted is not None and isinstance(zones, list) and set(noted) == set(zones)
        return set(difference.declared or ()) <= set(difference.actual or ())

    async def observe(self, id: str) -> Observed[ZoneSetArgs, ZoneSetOutputs] | None:
        """All zones of the cloud; there is always the set of them."""
        if id.partition(":")[0] != ID:
            return None
        rows = await self.api.rows("listZones")
        zones, names = (tuple(sorted(str(row[key]) for row in rows)) for key in ("id", "name"))
        return Observed(ID, ZoneSetArgs(zones, noted=bool(self.recalled(id))), ZoneSetOutputs(names))

    def recalled(self, id: str) -> dict[str, Any]:
        """The zones that an import names."""
        zones = [zone for zone in id.partition(":")[2].split(",") if zone]
        return {_DECLARED: zones} if zones else {}

    async def create(self, args: ZoneSetArgs, op: Operation) -> str:
        """Nothing is made; what is declared is remembered."""
        op.memory[_DECLARED] = list(args.zones)
        return ID

    async def foresee(self, id: str, args: ZoneSetArgs, changes: list[Difference], op: Operation) -> None:
        """One of several zones can't go while the store stays."""
        rows, before = await self.api.rows("listZones"), set(op.memory.get(_DECLARED, ()))
        going = [row for row in rows if row["id"] in before and row["id"] not in args.zones]
        staying = [row for row in rows if row not in going]
        if not going or await self._store(args) is None:
            return
        if staying:
            raise Failed(
                f"The zone {_names(going)} can't be removed while {_names(staying)} stays: {_RULE}. Nothing was touched. "
                "Put the zone back into the stack file and disable it (enabled: false) instead; or take it out of Pulumi's "
                "hands with `pulumi state delete --target-dependents`; or destroy all zones together."
            )
        await op.warn(
            f"The zone {_names(going)} is the last one. {_RULE}, so the store goes with it where the stack allows it, and "
            "`pulumi up --refresh` adds it anew."
        )

    async def update(self, id: str, args: ZoneSetArgs, changes: list[Difference], op: Operation) -> None:
        """Take note of what is declared now."""
        op.memory[_DECLARED] = list(args.zones)

    async def delete(self, id: str, args: ZoneSetArgs, op: Operation) -> None:
        """Whether the zones and the store can be deleted after this, found out while nothing is touched."""
        ours = {*args.zones} if _DECLARED not in op.memory else {*op.memory[_DECLARED]}
        zones = await self.api.rows("listZones")
        for zone in zones:
            if zone["id"] in ours:
                await no_users_machines(self.api, zone)
        store = await self._store(args)
        if store is None:
            return
        foreign = [row for row in zones if row["id"] not in ours]
        if foreign:
            raise Failed(
                f"The zones of this stack can't be deleted: {_RULE}, and {_names(foreign)}, which is not this stack's, needs the "
                f"store {store.get('name')}. Nothing was touched. Delete that zone first, or leave all in CloudStack and take it "
                "out of Pulumi's hands with `pulumi state delete --target-dependents`."
            )
        strange = [row for row in await blocking_stores(self.api) if row["id"] != args.image_store]
        if strange:
            raise Failed(
                f"The zones of this stack can't be deleted: {_RULE}, and {_names(strange)} is not this stack's. Nothing was "
                "touched. Delete that store in CloudStack first, then repeat."
            )
        if things := await users_things(self.api, str(store["id"])):
            raise Failed(
                f"The zones of this stack can't be deleted: {_RULE}, and the store {store.get('name')} holds "
                f"{first_names(things)}. Nothing was touched. Delete them or move them away first, then repeat."
            )

    async def _store(self, args: ZoneSetArgs) -> Document | None:
        """The store for the whole cloud that blocks the deletion of zones: the stack's own before others."""
        stores = await blocking_stores(self.api)
        return next((row for row in stores if row["id"] == args.image_store), stores[0] if stores else None)


def _names(rows: list[Document]) -> str:
    return ", ".join(str(row.get("name")) for row in rows)
