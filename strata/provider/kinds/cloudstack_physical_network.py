"""A physical network of a CloudStack zone: the traffic on it, the guests' VLANs, and the providers that serve guests.

Identity   zone and name, although CloudStack takes one name twice; the id is CloudStack's.
Ours       CloudStack has no place for a mark: a network that is all that is declared counts as one that this stack made, and
           so does one of that name that is still bare (no traffic, Disabled), which a run that was cut off leaves.
Drifts     vlans, tags, state, traffic with its labels, declared providers that are not enabled. Storage traffic that the
           server adds by itself when the zone is enabled is none.
Replaces   zone, name, isolation; an enabled zone takes no new physical network.
Import     `pulumi import strata:cloudstack:PhysicalNetwork NAME ID`, or the network's name where only one has it.
Deleting   takes traffic types, providers and address ranges with it; refused while guest networks are on it.
Source     createPhysicalNetwork, addTrafficType, updatePhysicalNetwork and relatives; facts/cloudstack-real.md 2.
"""

from __future__ import annotations

from typing import Any

from strata.clients.cloudstack import Document
from strata.clients.cloudstack_errors import LostAnswer
from strata.errors import Failed
from strata.provider.diff import Difference
from strata.provider.fields import Role
from strata.provider.kind import Observed, Operation
from strata.provider.kinds import cloudstack_physical_network_providers as providers
from strata.provider.kinds.cloudstack_object import text
from strata.provider.kinds.cloudstack_physical_network_args import (
    PhysicalNetworkArgs,
    PhysicalNetworkOutputs,
    Traffic,
    in_order,
    label_changes,
    ranges,
    traffic_from,
)
from strata.provider.kinds.cloudstack_zone_part import ZonePart, tags_of


class PhysicalNetwork(ZonePart[PhysicalNetworkArgs, PhysicalNetworkOutputs]):
    """cloudstack:PhysicalNetwork."""

    token = "strata:cloudstack:PhysicalNetwork"
    Args = PhysicalNetworkArgs
    Outputs = PhysicalNetworkOutputs
    default_timeout = 600.0
    noun = "physical network"
    command = "listPhysicalNetworks"
    updating = "updatePhysicalNetwork"
    removing = "deletePhysicalNetwork"
    spelled = {"vlans": "vlan", "tags": "tags", "state": "state"}

    def same(self, path: str, declared: Any, actual: Any) -> bool:
        """Providers beyond the declared ones are let be, and ranges of VLANs are compared as numbers."""
        if path == "providers" and isinstance(declared, list):
            return set(declared) <= set(actual or ())
        if path == "vlans" and isinstance(declared, str) and isinstance(actual, str):
            try:
                return ranges(declared) == ranges(actual)
            except ValueError:
                return False
        return False

    def tolerates(self, difference: Difference, declared: dict[str, Any], outputs: dict[str, Any]) -> bool:
        """Storage traffic that nobody declared: the server adds it when the zone is enabled."""
        actual = difference.actual
        return (
            difference.property == "traffic"
            and difference.declared is None
            and isinstance(actual, dict)
            and actual.get("type") == "Storage"
        )

    async def observed(self, row: Document) -> Observed[PhysicalNetworkArgs, PhysicalNetworkOutputs]:
        """The list's row, its traffic types and its enabled providers."""
        id = str(row["id"])
        carried = [traffic_from(one) for one in await self._traffic_rows(id)]
        actual = PhysicalNetworkArgs(
            zone=str(row["zoneid"]),
            name=str(row["name"]),
            isolation=tags_of(row.get("isolationmethods")) or None,
            vlans=text(row, "vlan"),
            tags=tags_of(row.get("tags")) or None,
            state="Enabled" if row.get("state") == "Enabled" else "Disabled",
            traffic=in_order(tuple(carried)),
            providers=await providers.enabled_on(self.api, id),
        )
        return Observed(id, actual, PhysicalNetworkOutputs(str(row.get("broadcastdomainrange", ""))))

    async def alike(self, args: PhysicalNetworkArgs) -> list[Document]:
        """Those of that name in the zone."""
        rows = await self.api.rows(self.command, zoneid=args.zone)
        return [row for row in rows if row.get("name") == args.name]

    async def preflight(self, args: PhysicalNetworkArgs, op: Operation) -> None:
        """The name is free or the network ours, and a new one can be added: only while the zone is not enabled."""
        there = await self._in_the_way(args, op)
        if not there:
            await self._check_zone(args)
        elif len(there) == 1 and not args.adopt and await self._is_bare(args, there[0]):
            await op.warn(
                f"The physical network {args.name} (id {there[0]['id']}) is there without any traffic, as a run that was "
                "cut off leaves it: it is gone on from."
            )
        else:
            await super().preflight(args, op)

    async def create(self, args: PhysicalNetworkArgs, op: Operation) -> str:
        """The bare network first; as soon as its id is known, it is brought to what is declared like any other."""
        id = await super().create(args, op)
        row = await self.api.row(self.command, id=id)
        if row is not None and (changes := await self._differing(args, row)):
            await self.update(id, args, changes, op)
        return id

    async def add(self, args: PhysicalNetworkArgs, op: Operation) -> str:
        """By a job. State, traffic and providers can't be given here."""
        answer = await self.api.write(
            "createPhysicalNetwork",
            f"adding the physical network {args.name} to zone {args.zone}",
            op.deadline,
            progress=op.progress,
            zoneid=args.zone,
            name=args.name,
            isolationmethods=",".join(args.isolation) if args.isolation else None,
            vlan=args.vlans,
            tags=",".join(args.tags) if args.tags else None,
        )
        id = str(answer["id"])
        op.exists(id)
        return id

    async def update(
        self, id: str, args: PhysicalNetworkArgs, changes: list[Difference], op: Operation
    ) -> None:
        """Traffic, then the network itself, then providers: the order in which CloudStack's own wizard goes."""
        touched = {one.property for one in changes}
        if "traffic" in touched:
            await self._carry(id, args, op)
        await self._change(id, self.parameters(args, touched), args, op)
        if "providers" in touched and args.providers:
            await providers.enable(self.api, id, args.providers, args.name, op)

    def parameters(self, args: PhysicalNetworkArgs, changed: set[str]) -> dict[str, Any]:
        """Tags travel in one text."""
        params = super().parameters(args, changed)
        return {**params, "tags": ",".join(params["tags"])} if "tags" in params else params

    async def _differing(self, args: PhysicalNetworkArgs, row: Document) -> list[Difference]:
        found = await super()._differing(args, row)
        return [one for one in found if not self.tolerates(one, {}, {})]

    async def _traffic_rows(self, id: str) -> list[Document]:
        return await self.api.rows("listTrafficTypes", physicalnetworkid=id)

    async def _check_zone(self, args: PhysicalNetworkArgs) -> None:
        zone = await self.api.row("listZones", id=args.zone)
        if zone is None:
            raise Failed(f"The zone {args.zone} of the physical network {args.name} is not there (any more).")
        called = zone.get("name", args.zone)
        if zone.get("allocationstate") == "Enabled":
            raise Failed(
                f"Zone {called} is enabled, and CloudStack adds no physical network to an enabled zone (531), so "
                f"{args.name} can't be made. Disable the zone first (`enabled: false` in the stack file), or use the "
                "physical networks that it has."
            )
        if zone.get("networktype") == "Basic" and args.vlans is not None:
            raise Failed(
                f"Zone {called} is a Basic zone, which has no VLANs of guests: leave `vlans` of the physical network "
                f"{args.name} out."
            )

    async def _is_bare(self, args: PhysicalNetworkArgs, row: Document) -> bool:
        """Whether it is what `add` leaves and nothing more; such a network can't be in use."""
        if row.get("state") != "Disabled" or await self._traffic_rows(str(row["id"])):
            return False
        changes = await self._differing(args, row)
        return not any(one.role is Role.REPLACES for one in changes)

    async def _carry(self, id: str, args: PhysicalNetworkArgs, op: Operation) -> None:
        """Bring the traffic types to what is declared; adding one twice is refused (530), so each is looked for first."""
        there = {str(row.get("traffictype")): row for row in await self._traffic_rows(id)}
        declared = {one.type: one for one in args.traffic}
        for surplus in sorted(there.keys() - declared.keys() - {"Storage"}):
            doing = f"taking {surplus} traffic off the physical network {args.name}"
            await self.api.write(
                "deleteTrafficType", doing, op.deadline, progress=op.progress, id=there[surplus]["id"]
            )
        for kind, one in declared.items():
            if kind not in there:
                await self._add_traffic(id, args, one, op)
            elif labels := label_changes(one, there[kind]):
                doing = f"changing the labels of {kind} traffic on the physical network {args.name}"
                await self.api.write(
                    "updateTrafficType",
                    doing,
                    op.deadline,
                    progress=op.progress,
                    id=there[kind]["id"],
                    **labels,
                )

    async def _add_traffic(self, id: str, args: PhysicalNetworkArgs, one: Traffic, op: Operation) -> None:
        try:
            await self.api.write(
                "addTrafficType",
                f"adding {one.type} traffic to the physical network {args.name}",
                op.deadline,
                progress=op.progress,
                physicalnetworkid=id,
                traffictype=one.type,
                **label_changes(one),
            )
        except LostAnswer:
            if not any(row.get("traffictype") == one.type for row in await self._traffic_rows(id)):
                raise
