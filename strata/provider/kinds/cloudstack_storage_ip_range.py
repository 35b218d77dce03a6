"""A range of addresses of a CloudStack pod's storage network: secondary storage VMs reach the staging store by them.

Identity   its addresses: ranges have no name. The id is CloudStack's.
Ours       CloudStack has no place for a mark: a range that is all that is declared counts as one that this stack made.
Drifts     netmask, startIp, endIp, vlan; the server changes them only while no address is in use.
Replaces   zone, pod, gateway.
Import     `pulumi import strata:cloudstack:StorageIpRange NAME ID` or `START-END` where only one has these ends.
Source     createStorageNetworkIpRange (a job whose result lacks the pod) and its relatives; facts/cloudstack-real.md 2.
"""

from __future__ import annotations

from dataclasses import dataclass

from strata.clients.cloudstack import Document
from strata.clients.cloudstack_errors import LostAnswer
from strata.errors import Failed
from strata.provider.diff import Difference
from strata.provider.fields import managed, output, replaces, setting
from strata.provider.kind import Observed, Operation
from strata.provider.kinds.cloudstack_ip_range import UNTAGGED, IpRange, netmask, vlan
from strata.provider.kinds.cloudstack_object import text
from strata.provider.kinds.cloudstack_zone_part import ipv4


@dataclass(frozen=True)
class StorageIpRangeArgs:
    """Which addresses of which pod."""

    zone: str = replaces("Id of the zone.", example="3440dfcd-574d-47d1-b645-b2d394ddb6fa")
    pod: str = replaces("Id of the pod.", example="e2b8dc1f-7a6a-4880-b3a9-0442d36c035b")
    gateway: str = replaces("Gateway of the storage network.", example="10.130.212.1", normalize=ipv4)
    netmask: str = managed("Netmask of the subnet.", example="255.255.255.0", normalize=netmask)
    start_ip: str = managed("First address.", example="10.130.212.10", normalize=ipv4)
    end_ip: str = managed("Last address.", example="10.130.212.50", normalize=ipv4)
    vlan: str | None = managed(
        "VLAN number, or untagged; left out, CloudStack makes it untagged.",
        example="212",
        default=None,
        normalize=vlan,
    )
    adopt: bool = setting("Take over a range that overlaps this one.", example=False, default=False)


@dataclass(frozen=True)
class StorageIpRangeOutputs:
    """What only CloudStack knows."""

    network: str | None = output(
        "Id of the storage network.", example="e5aa1fce-940e-44f4-b3ec-8b9efc090639", default=None
    )


class StorageIpRange(IpRange[StorageIpRangeArgs, StorageIpRangeOutputs]):
    """cloudstack:StorageIpRange."""

    token = "strata:cloudstack:StorageIpRange"
    Args = StorageIpRangeArgs
    Outputs = StorageIpRangeOutputs
    default_timeout = 300.0
    noun = "storage IP range"
    command = "listStorageNetworkIpRange"
    updating = "updateStorageNetworkIpRange"
    removing = "deleteStorageNetworkIpRange"
    spelled = {"netmask": "netmask", "startIp": "startip", "endIp": "endip", "vlan": "vlan"}

    async def neighbours(self, args: StorageIpRangeArgs) -> list[Document]:
        """The pod's; that it meets a range of another pod, the job says."""
        rows = await self.api.rows(self.command, zoneid=args.zone)
        return [row for row in rows if row.get("podid") == args.pod]

    async def observed(self, row: Document) -> Observed[StorageIpRangeArgs, StorageIpRangeOutputs]:
        """From the list's row, which has the pod; a job's result has not."""
        actual = StorageIpRangeArgs(
            zone=str(row["zoneid"]),
            pod=str(row["podid"]),
            gateway=str(row.get("gateway", "")),
            netmask=str(row.get("netmask", "")),
            start_ip=str(row.get("startip", "")),
            end_ip=str(row.get("endip") or row.get("startip", "")),
            vlan=text(row, "vlan") or UNTAGGED,
        )
        return Observed(str(row["id"]), actual, StorageIpRangeOutputs(text(row, "networkid")))

    async def lacking(self, args: StorageIpRangeArgs) -> str | None:
        """A physical network with Storage traffic: else the addresses would be nobody's."""
        if await self.carries(args.zone, "Storage"):
            return None
        return (
            f"The {self.noun} {self.called(args)} needs a physical network with Storage traffic, and zone {args.zone} has "
            "none: declare `Storage` in the traffic of one of its physicalNetworks."
        )

    async def ask_for(self, args: StorageIpRangeArgs, op: Operation) -> str:
        """By a job; its result has the id."""
        answer = await self.api.write(
            "createStorageNetworkIpRange",
            f"adding the {self.noun} {self.called(args)} to pod {args.pod}",
            op.deadline,
            progress=op.progress,
            podid=args.pod,
            gateway=args.gateway,
            netmask=args.netmask,
            startip=args.start_ip,
            endip=args.end_ip,
            vlan=None if args.vlan == UNTAGGED else args.vlan,
        )
        made = answer.get("storagenetworkiprange") or {}
        rows = [made] if made.get("id") else await self.alike(args)
        if not rows:
            raise LostAnswer(
                f"CloudStack added the {self.noun} {self.called(args)} and does not list it. Repeat."
            )
        id = str(rows[0]["id"])
        op.exists(id)
        return id

    async def foresee(
        self, id: str, args: StorageIpRangeArgs, changes: list[Difference], op: Operation
    ) -> None:
        """A tag can be changed but not taken away."""
        await super().foresee(id, args, changes, op)
        if any(one.path == "vlan" and one.declared == UNTAGGED for one in changes):
            raise Failed(
                f"The {self.noun} {self.called(args)} can't be made untagged: CloudStack's API has no way to take a tag "
                "away. Delete the range and declare it anew."
            )
