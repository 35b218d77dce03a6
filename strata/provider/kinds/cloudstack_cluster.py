"""A cluster: hosts of one hypervisor in a pod.

Identity   the cluster's id; its name may be changed.
Drifts     name.
Replaces   zone, pod, hypervisor, clusterType.
Import     `pulumi import strata:cloudstack:Cluster NAME ID`, or the cluster's name where only one has it.
Source     CloudStack API: addCluster (which answers with a list), listClusters, updateCluster, deleteCluster.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from strata.clients.cloudstack import Document
from strata.provider.fields import managed, output, replaces, setting
from strata.provider.kind import Observed, Operation
from strata.provider.kinds.cloudstack_object import text
from strata.provider.kinds.cloudstack_zone_part import ZonePart, first

HYPERVISORS = (
    "KVM",
    "XenServer",
    "VMware",
    "Hyperv",
    "BareMetal",
    "Ovm",
    "Ovm3",
    "LXC",
    "External",
    "Simulator",
)


def hypervisor_name(text: str) -> str:
    """CloudStack's spelling of a hypervisor; it takes any word, and makes `None` of one that it does not know."""
    for name in HYPERVISORS:
        if name.lower() == text.lower():
            return name
    raise ValueError(f"found {text!r}; allowed are {', '.join(HYPERVISORS)}")


def spelled(text: str) -> str:
    """CloudStack's spelling of what a list calls it; a name that is not known stays as it is."""
    try:
        return hypervisor_name(text)
    except ValueError:
        return text


@dataclass(frozen=True)
class ClusterArgs:
    """What the user may declare."""

    zone: str = replaces("Id of the zone.", example="6d8c9b5e-4f11-4c55-9f7e-0e9d6f8c1a20")
    pod: str = replaces("Id of the pod.", example="3f5b6f5e-51a7-4a5f-9c6b-2a4f64a0e0b7")
    name: str = managed("Name of the cluster.", example="cluster1")
    hypervisor: str = replaces("Hypervisor of its hosts.", example="KVM", normalize=hypervisor_name)
    cluster_type: Literal["CloudManaged", "ExternalManaged"] = replaces(
        "Who knows the hosts: CloudStack, or for VMware a vCenter.",
        example="CloudManaged",
        default="CloudManaged",
    )
    adopt: bool = setting("Take over a cluster of that name that is there.", example=False, default=False)


@dataclass(frozen=True)
class ClusterOutputs:
    """What only CloudStack knows."""

    pod_name: str = output("Name of the pod.", example="pod1", default="")


class Cluster(ZonePart[ClusterArgs, ClusterOutputs]):
    """cloudstack:Cluster."""

    token: ClassVar[str] = "strata:cloudstack:Cluster"
    Args: ClassVar[type] = ClusterArgs
    Outputs: ClassVar[type] = ClusterOutputs
    noun: ClassVar[str] = "cluster"
    command: ClassVar[str] = "listClusters"
    updating: ClassVar[str] = "updateCluster"
    removing: ClassVar[str] = "deleteCluster"
    spelled: ClassVar[dict[str, str]] = {"name": "clustername"}

    async def observed(self, row: Document) -> Observed[ClusterArgs, ClusterOutputs]:
        """From the list's row alone."""
        actual = ClusterArgs(
            zone=str(row["zoneid"]),
            pod=str(row["podid"]),
            name=str(row["name"]),
            hypervisor=spelled(str(row["hypervisortype"])),
            cluster_type=row["clustertype"],
        )
        return Observed(str(row["id"]), actual, ClusterOutputs(pod_name=text(row, "podname") or ""))

    async def alike(self, args: ClusterArgs) -> list[Document]:
        """Clusters of that name in the pod."""
        rows = await self.api.rows("listClusters", zoneid=args.zone, podid=args.pod, name=args.name)
        return [row for row in rows if row["name"] == args.name]

    async def add(self, args: ClusterArgs, op: Operation) -> str:
        """Without hosts."""
        pod = await self._name_of("listPods", args.pod)
        answer = await self.api.write(
            "addCluster",
            f"adding the cluster {args.name} to pod {pod}",
            op.deadline,
            zoneid=args.zone,
            podid=args.pod,
            clustername=args.name,
            clustertype=args.cluster_type,
            hypervisor=args.hypervisor,
        )
        return str(first(answer, "cluster")["id"])
