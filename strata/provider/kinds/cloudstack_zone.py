"""A zone of CloudStack: created empty and disabled, after the cloud-wide Swift store and never before.

Identity   the zone's id; its name may be changed.
Drifts     name, dns, internalDns, domain, guestCidr, localStorage.
Replaces   networkType, securityGroups.
Import     `pulumi import strata:cloudstack:Zone NAME ID`, or the zone's name where only one has it.
Deleting   see cloudstack_zone_deletion: CloudStack deletes no zone while there is a region-wide image store.
Source     CloudStack API: createZone, listZones, updateZone, deleteZone.
"""

from __future__ import annotations

from typing import Any, ClassVar

from strata.clients.cloudstack import Document
from strata.errors import Failed, Problem
from strata.provider.diff import Difference
from strata.provider.kind import Observed, Operation
from strata.provider.kinds.cloudstack_object import text
from strata.provider.kinds.cloudstack_store_content import swift_stores
from strata.provider.kinds.cloudstack_zone_args import ZoneArgs, ZoneOutputs
from strata.provider.kinds.cloudstack_zone_deletion import ZoneDeletion
from strata.provider.kinds.cloudstack_zone_part import ZonePart


class Zone(ZonePart[ZoneArgs, ZoneOutputs]):
    """cloudstack:Zone."""

    token: ClassVar[str] = "strata:cloudstack:Zone"
    Args: ClassVar[type] = ZoneArgs
    Outputs: ClassVar[type] = ZoneOutputs
    noun: ClassVar[str] = "zone"
    command: ClassVar[str] = "listZones"
    updating: ClassVar[str] = "updateZone"
    removing: ClassVar[str] = "deleteZone"
    default_timeout: ClassVar[float] = 900.0

    def check(self, args: ZoneArgs) -> list[Problem]:
        """A Basic zone has no guest CIDR, and always has security groups."""
        if args.network_type != "Basic":
            return []
        problems = []
        if args.guest_cidr is not None:
            problems.append(Problem("guestCidr", "a Basic zone has none; leave it out"))
        if args.security_groups is False:
            problems.append(
                Problem("securityGroups", "found False; a Basic zone always has them; leave it out")
            )
        return problems

    async def observed(self, row: Document) -> Observed[ZoneArgs, ZoneOutputs]:
        """From the list's row alone."""
        actual = ZoneArgs(
            name=str(row["name"]),
            network_type=row["networktype"],
            dns=_two(row, "dns1", "dns2"),
            internal_dns=_two(row, "internaldns1", "internaldns2"),
            domain=text(row, "domain") or "",
            guest_cidr=text(row, "guestcidraddress") or None,
            security_groups=bool(row.get("securitygroupsenabled")),
            local_storage=bool(row.get("localstorageenabled")),
        )
        return Observed(str(row["id"]), actual, ZoneOutputs(zone_token=text(row, "zonetoken") or ""))

    async def alike(self, args: ZoneArgs) -> list[Document]:
        """Zones of that name."""
        return [row for row in await self.api.rows("listZones", name=args.name) if row["name"] == args.name]

    async def preflight(self, args: ZoneArgs, op: Operation) -> None:
        """Swift first: whatever the graph says, CloudStack has the store, or there will be no zone."""
        if op.replacing is not None:
            await self._refuse_replacement(args)
        await self._require_store(args)
        await super().preflight(args, op)

    async def _refuse_replacement(self, args: ZoneArgs) -> None:
        if await self.api.era() == "modern":
            raise Failed(
                f"The zone {args.name} can't be replaced, which a change of networkType or securityGroups would be: CloudStack "
                "deletes no zone while there is the store for the whole cloud, and the new zone needs that store. Nothing was "
                "changed. Declare the new zone under another name beside it, or destroy the whole stack first."
            )

    async def _require_store(self, args: ZoneArgs) -> None:
        stores = await swift_stores(self.api)
        if any(str(store["id"]) == args.image_store for store in stores):
            return
        known = ", ".join(f"{store.get('name') or store.get('url')} ({store['id']})" for store in stores)
        there = f"it has {known}" if known else "it has none"
        raise Failed(
            f"The zone {args.name} is not created: CloudStack must have the cloud-wide Swift store first, because what is on "
            f"secondary storage before is not on Swift. Asked for the store {args.image_store or '(imageStore is not given)'}, "
            f"{there}. Create the object store (strata:cloudstack.objectStore) and repeat."
        )

    async def foresee(self, id: str, args: ZoneArgs, changes: list[Difference], op: Operation) -> None:
        """A new name that another zone has would make two that nobody can tell apart."""
        await super().foresee(id, args, changes, op)
        if any(one.property == "name" for one in changes):
            other = [str(row["id"]) for row in await self.alike(args) if row["id"] != id]
            if other:
                raise Failed(
                    f"The zone {id} can't be named {args.name}: the zone with the id {other[0]} has that name. "
                    "Choose another name."
                )

    async def add(self, args: ZoneArgs, op: Operation) -> str:
        """Disabled, as the server leaves it."""
        wanted = self.parameters(args, {"name", "dns", "internalDns", "domain", "guestCidr", "localStorage"})
        answer = await self.api.write(
            "createZone",
            f"creating the zone {args.name}",
            op.deadline,
            networktype=args.network_type,
            securitygroupenabled=_flag(args.security_groups),
            **{name: value for name, value in wanted.items() if value != ""},
        )
        return str(answer["zone"]["id"])

    def parameters(self, args: ZoneArgs, changed: set[str]) -> dict[str, Any]:
        """The two servers of a list go together: without the second, an old second would stay."""
        found = {
            name: getattr(args, attribute)
            for prop, name, attribute in (
                ("name", "name", "name"),
                ("domain", "domain", "domain"),
                ("guestCidr", "guestcidraddress", "guest_cidr"),
            )
            if prop in changed
        }
        if "localStorage" in changed:
            found["localstorageenabled"] = _flag(args.local_storage)
        for prop, name, servers in (
            ("dns", "dns", args.dns),
            ("internalDns", "internaldns", args.internal_dns),
        ):
            if prop in changed:
                found |= {f"{name}1": servers[0], f"{name}2": servers[1] if len(servers) > 1 else ""}
        return found

    async def delete(self, id: str, args: ZoneArgs, op: Operation) -> None:
        """Not the reverse of creating."""
        await ZoneDeletion(self.api, id, args, op).run()


def _two(row: Document, first: str, second: str) -> tuple[str, ...]:
    return tuple(str(row[name]) for name in (first, second) if row.get(name))


def _flag(value: bool | None) -> str | None:
    return None if value is None else str(value).lower()
