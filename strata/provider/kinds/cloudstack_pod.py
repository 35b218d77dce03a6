"""A pod: a rack's addresses for the system's own use, and the place of clusters.

Identity   the pod's id; its name may be changed.
Drifts     name, gateway, netmask, startIp, endIp.
Replaces   zone.
Import     `pulumi import strata:cloudstack:Pod NAME ID`, or the pod's name where only one has it.
Source     CloudStack API: createPod, listPods, updatePod, deletePod. Later releases show several
           ranges; the first is the pod's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from strata.clients.cloudstack import Document
from strata.errors import Problem
from strata.provider.fields import managed, output, replaces, setting
from strata.provider.kind import Observed, Operation
from strata.provider.kinds.cloudstack_object import text
from strata.provider.kinds.cloudstack_zone_part import ZonePart, ipv4, range_problems


@dataclass(frozen=True)
class PodArgs:
    """What the user may declare."""

    zone: str = replaces("Id of the zone.", example="6d8c9b5e-4f11-4c55-9f7e-0e9d6f8c1a20")
    name: str = managed("Name of the pod, one of its kind in the zone.", example="pod1")
    gateway: str = managed("Gateway of the pod's network.", example="10.130.208.1", normalize=ipv4)
    netmask: str = managed("Netmask of the pod's network.", example="255.255.255.0", normalize=ipv4)
    start_ip: str = managed(
        "First address that system VMs may have in the pod.", example="10.130.208.100", normalize=ipv4
    )
    end_ip: str | None = managed(
        "Last of them; left out, it is the last of the network.",
        example="10.130.208.150",
        default=None,
        normalize=ipv4,
    )
    adopt: bool = setting("Take over a pod of that name that is there.", example=False, default=False)


@dataclass(frozen=True)
class PodOutputs:
    """What only CloudStack knows."""

    zone_name: str = output("Name of the zone.", example="zone1", default="")


class Pod(ZonePart[PodArgs, PodOutputs]):
    """cloudstack:Pod."""

    token: ClassVar[str] = "strata:cloudstack:Pod"
    Args: ClassVar[type] = PodArgs
    Outputs: ClassVar[type] = PodOutputs
    noun: ClassVar[str] = "pod"
    command: ClassVar[str] = "listPods"
    updating: ClassVar[str] = "updatePod"
    removing: ClassVar[str] = "deletePod"
    spelled: ClassVar[dict[str, str]] = {
        "name": "name",
        "gateway": "gateway",
        "netmask": "netmask",
        "startIp": "startip",
        "endIp": "endip",
    }

    def check(self, args: PodArgs) -> list[Problem]:
        """The range lies in the network, in order, and beside the gateway."""
        return range_problems(args.gateway, args.netmask, args.start_ip, args.end_ip)

    async def observed(self, row: Document) -> Observed[PodArgs, PodOutputs]:
        """From the list's row alone."""
        actual = PodArgs(
            zone=str(row["zoneid"]),
            name=str(row["name"]),
            gateway=str(row["gateway"]),
            netmask=str(row["netmask"]),
            start_ip=_first(row.get("startip")),
            end_ip=_first(row.get("endip")),
        )
        return Observed(str(row["id"]), actual, PodOutputs(zone_name=text(row, "zonename") or ""))

    async def alike(self, args: PodArgs) -> list[Document]:
        """Pods of that name in the zone."""
        rows = await self.api.rows("listPods", zoneid=args.zone, name=args.name)
        return [row for row in rows if row["name"] == args.name]

    async def add(self, args: PodArgs, op: Operation) -> str:
        """Its own range with it."""
        zone = await self._name_of("listZones", args.zone)
        answer = await self.api.write(
            "createPod",
            f"creating the pod {args.name} in zone {zone}",
            op.deadline,
            zoneid=args.zone,
            **self.parameters(args, set(self.spelled)),
        )
        return str(answer["pod"]["id"])


def _first(value: Any) -> str:
    """A range's end: lists of such in later releases, one text in earlier ones."""
    return str(value[0]) if isinstance(value, list) and value else str(value or "")
