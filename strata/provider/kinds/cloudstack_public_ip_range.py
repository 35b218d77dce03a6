"""A range of public addresses of a CloudStack zone, or the guests' range of a pod in a Basic zone.

Identity   its addresses: ranges have no name. The id is CloudStack's.
Ours       CloudStack has no place for a mark: a range that is all that is declared counts as one that this stack made.
Drifts     gateway, netmask, startIp, endIp; changed in place from CloudStack 4.16 on.
Replaces   zone, vlan, physicalNetwork, pod, network.
Import     `pulumi import strata:cloudstack:PublicIpRange NAME ID` or `START-END` where only one has these ends.
Source     createVlanIpRange, listVlanIpRanges, updateVlanIpRange, deleteVlanIpRange; facts/cloudstack-real.md 2.
"""

from __future__ import annotations

from dataclasses import dataclass

from strata.clients.cloudstack import Document
from strata.errors import Failed, Problem
from strata.provider.diff import Difference
from strata.provider.fields import managed, output, replaces, setting
from strata.provider.kind import Observed, Operation
from strata.provider.kinds.cloudstack_ip_range import IpRange, netmask, vlan
from strata.provider.kinds.cloudstack_object import text
from strata.provider.kinds.cloudstack_zone_part import ipv4


@dataclass(frozen=True)
class PublicIpRangeArgs:
    """Which addresses, and on which network."""

    zone: str = replaces("Id of the zone.", example="3440dfcd-574d-47d1-b645-b2d394ddb6fa")
    gateway: str = managed("Gateway of the addresses.", example="10.130.210.1", normalize=ipv4)
    netmask: str = managed("Netmask of the subnet.", example="255.255.255.0", normalize=netmask)
    start_ip: str = managed("First address.", example="10.130.210.10", normalize=ipv4)
    end_ip: str = managed("Last address.", example="10.130.210.99", normalize=ipv4)
    vlan: str | None = replaces(
        "VLAN number, or untagged; left out, CloudStack makes it untagged.",
        example="210",
        default=None,
        normalize=vlan,
    )
    physical_network: str | None = replaces(
        "Id of the physical network; left out, CloudStack takes the one with that traffic.",
        example="da0c58da-f333-4d7d-bdbe-4bf33a08c473",
        default=None,
    )
    pod: str | None = replaces(
        "Id of the pod whose guests get the addresses, in a Basic zone.",
        example="e2b8dc1f-7a6a-4880-b3a9-0442d36c035b",
        default=None,
    )
    network: str | None = replaces(
        "Id of the guest network that gets the addresses; with it the range is not public.",
        example="2df8a1c2-44e4-4562-892c-ab65aa1d4f64",
        default=None,
    )
    adopt: bool = setting("Take over a range that overlaps this one.", example=False, default=False)


@dataclass(frozen=True)
class PublicIpRangeOutputs:
    """What only CloudStack knows."""

    cidr: str = output("The subnet.", example="10.130.210.0/24")
    for_guests: bool = output("Whether guests get the addresses, not the public.", example=False)


class PublicIpRange(IpRange[PublicIpRangeArgs, PublicIpRangeOutputs]):
    """cloudstack:PublicIpRange."""

    token = "strata:cloudstack:PublicIpRange"
    Args = PublicIpRangeArgs
    Outputs = PublicIpRangeOutputs
    default_timeout = 300.0
    noun = "public IP range"
    command = "listVlanIpRanges"
    updating = "updateVlanIpRange"
    removing = "deleteVlanIpRange"
    spelled = {"gateway": "gateway", "netmask": "netmask", "startIp": "startip", "endIp": "endip"}

    def check(self, args: PublicIpRangeArgs) -> list[Problem]:
        """The addresses fit together, and a pod's range names the guest network."""
        problems = super().check(args)
        if args.pod is not None and args.network is None:
            problems.append(
                Problem("network", "is missing; the range of a pod needs the id of the zone's guest network")
            )
        return problems

    async def neighbours(self, args: PublicIpRangeArgs) -> list[Document]:
        """The zone's, public and of guests: the server compares them all."""
        return await self.api.rows(self.command, zoneid=args.zone)

    async def observed(self, row: Document) -> Observed[PublicIpRangeArgs, PublicIpRangeOutputs]:
        """From the list's row alone."""
        guests = row.get("forvirtualnetwork") is False
        actual = PublicIpRangeArgs(
            zone=str(row["zoneid"]),
            gateway=str(row.get("gateway", "")),
            netmask=str(row.get("netmask", "")),
            start_ip=str(row.get("startip", "")),
            end_ip=str(row.get("endip") or row.get("startip", "")),
            vlan=_declared_vlan(row),
            physical_network=text(row, "physicalnetworkid"),
            pod=text(row, "podid") if guests else None,
            network=text(row, "networkid") if guests else None,
        )
        return Observed(str(row["id"]), actual, PublicIpRangeOutputs(str(row.get("cidr", "")), guests))

    async def lacking(self, args: PublicIpRangeArgs) -> str | None:
        """A physical network of the zone that carries the traffic, where none is named."""
        traffic = "Public" if args.network is None else "Guest"
        if args.physical_network is not None or await self.carries(args.zone, traffic):
            return None
        return (
            f"The {self.noun} {self.called(args)} needs a physical network with {traffic} traffic, and zone {args.zone} "
            "has none: declare the traffic on one of its physicalNetworks."
        )

    async def ask_for(self, args: PublicIpRangeArgs, op: Operation) -> str:
        """One synchronous call."""
        answer = await self.api.write(
            "createVlanIpRange",
            f"adding the {self.noun} {self.called(args)} to zone {args.zone}",
            op.deadline,
            zoneid=args.zone,
            gateway=args.gateway,
            netmask=args.netmask,
            startip=args.start_ip,
            endip=args.end_ip,
            vlan=args.vlan,
            podid=args.pod,
            networkid=args.network,
            physicalnetworkid=args.physical_network,
            forvirtualnetwork="true" if args.network is None else "false",
        )
        id = str(answer["vlan"]["id"])
        op.exists(id)
        return id

    async def foresee(
        self, id: str, args: PublicIpRangeArgs, changes: list[Difference], op: Operation
    ) -> None:
        """An older CloudStack can't change a range at all."""
        await super().foresee(id, args, changes, op)
        if not await self.api.has("updateVlanIpRange"):
            raise Failed(
                f"This CloudStack can't change the {self.noun} {self.called(args)}: that came with 4.16. Declare more "
                "addresses as a range of their own, or delete the range and declare it anew."
            )


def _declared_vlan(row: Document) -> str | None:
    found = text(row, "vlan")
    return None if found is None else found.lower().removeprefix("vlan://")
