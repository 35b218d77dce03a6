"""Primary storage: where the disks of virtual machines lie, on NFS.

Identity   the storage's id; its name may be changed. One path of a server serves once.
Drifts     name, tags.
Replaces   zone, pod, cluster, url, scope, hypervisor.
Import     `pulumi import strata:cloudstack:PrimaryStorage NAME ID`, or its name where only one has it.
Deleting   puts it into maintenance first, which stops what runs on it; CloudStack refuses while disks lie there.
Source     CloudStack API: createStoragePool, listStoragePools, updateStoragePool, enableStorageMaintenance, deleteStoragePool.
"""

from __future__ import annotations

from typing import Any, ClassVar
from urllib.parse import urlsplit

from strata.clients.cloudstack import Document
from strata.errors import Failed, Problem
from strata.provider.kind import Observed, Operation
from strata.provider.kinds.cloudstack_object import text
from strata.provider.kinds.cloudstack_primary_storage_args import (
    PrimaryStorageArgs,
    PrimaryStorageOutputs,
    nfs_url,
)
from strata.provider.kinds.cloudstack_zone_part import ZonePart, tags_of


class PrimaryStorage(ZonePart[PrimaryStorageArgs, PrimaryStorageOutputs]):
    """cloudstack:PrimaryStorage."""

    token: ClassVar[str] = "strata:cloudstack:PrimaryStorage"
    Args: ClassVar[type] = PrimaryStorageArgs
    Outputs: ClassVar[type] = PrimaryStorageOutputs
    noun: ClassVar[str] = "primary storage"
    command: ClassVar[str] = "listStoragePools"
    updating: ClassVar[str] = "updateStoragePool"
    removing: ClassVar[str] = "deleteStoragePool"
    default_timeout: ClassVar[float] = 900.0

    def check(self, args: PrimaryStorageArgs) -> list[Problem]:
        """A cluster's storage names pod and cluster, a zone's neither."""
        if args.scope == "zone":
            return [
                Problem(name, "found one; storage of the scope zone has none, leave it out")
                for name, value in (("pod", args.pod), ("cluster", args.cluster))
                if value is not None
            ]
        return [
            Problem(name, "is required for storage of the scope cluster")
            for name, value in (("pod", args.pod), ("cluster", args.cluster))
            if value is None
        ]

    async def observed(self, row: Document) -> Observed[PrimaryStorageArgs, PrimaryStorageOutputs]:
        """From the list's row alone."""
        scope = str(row.get("scope", "CLUSTER")).lower()
        actual = PrimaryStorageArgs(
            zone=str(row["zoneid"]),
            pod=text(row, "podid"),
            cluster=text(row, "clusterid"),
            name=str(row["name"]),
            url=_url(row),
            scope="zone" if scope == "zone" else "cluster",
            hypervisor=text(row, "hypervisor") if scope == "zone" else None,
            tags=tags_of(row.get("tags")),
        )
        return Observed(str(row["id"]), actual, PrimaryStorageOutputs(type=text(row, "type") or ""))

    async def alike(self, args: PrimaryStorageArgs) -> list[Document]:
        """What has its url anywhere (a path serves once), or its name in the same cluster or zone."""
        return [
            row
            for row in await self.every()
            if _url(row) == args.url
            or (
                row["name"] == args.name
                and (row.get("zoneid"), row.get("clusterid")) == (args.zone, args.cluster)
            )
        ]

    async def preflight(self, args: PrimaryStorageArgs, op: Operation) -> None:
        """A cluster's storage needs a host that is up; a zone's needs to know for whom it is."""
        await super().preflight(args, op)
        if await self.alike(args):
            return
        if args.scope == "zone":
            await self._hypervisor(args)
            return
        hosts = await self.api.rows("listHosts", clusterid=args.cluster, type="Routing")
        if not any(host.get("state") == "Up" for host in hosts):
            cluster = await self._name_of("listClusters", str(args.cluster))
            known = ", ".join(f"{host.get('name')} is {host.get('state')}" for host in hosts) or "it has none"
            raise Failed(
                f"The primary storage {args.name} can't be added: no host of cluster {cluster} is up ({known}), and CloudStack "
                "mounts it from one. Add a host, or look why it is not up."
            )

    async def _hypervisor(self, args: PrimaryStorageArgs) -> str | None:
        if args.scope == "cluster" or args.hypervisor:
            return args.hypervisor
        clusters = await self.api.rows("listClusters", zoneid=args.zone)
        found = sorted({str(row["hypervisortype"]) for row in clusters})
        if len(found) != 1:
            raise Failed(
                f"The primary storage {args.name} is the whole zone's, and CloudStack wants to know which hypervisor uses it; "
                f"the zone's clusters have {', '.join(found) or 'none yet'}. Give `hypervisor`."
            )
        return found[0]

    async def add(self, args: PrimaryStorageArgs, op: Operation) -> str:
        """CloudStack mounts it on a host before it answers."""
        zone = await self._name_of("listZones", args.zone)
        answer = await self.api.write(
            "createStoragePool",
            f"adding the primary storage {args.name} ({args.url}) to zone {zone}",
            op.deadline,
            zoneid=args.zone,
            podid=args.pod,
            clusterid=args.cluster,
            name=args.name,
            url=args.url,
            scope=args.scope,
            hypervisor=await self._hypervisor(args),
            tags=",".join(args.tags) if args.tags else None,
        )
        return str(answer["storagepool"]["id"])

    def parameters(self, args: PrimaryStorageArgs, changed: set[str]) -> dict[str, Any]:
        """Name and tags are all that an update can change."""
        found = {"name": args.name} if "name" in changed else {}
        return found | ({"tags": ",".join(args.tags or ())} if "tags" in changed else {})

    async def delete(self, id: str, args: PrimaryStorageArgs, op: Operation) -> None:
        """Maintenance, then away."""
        row = await self.api.row(self.command, id=id)
        name = str(row["name"]) if row else id
        if row and await self._in_maintenance(id, name, "enableStorageMaintenance", "state", op):
            await self._remove(id, name, op)


def _url(row: Document) -> str:
    """The url that makes such a row; only NFS comes out in canonical form."""
    scheme = "nfs" if row.get("type") == "NetworkFilesystem" else str(row.get("type", "")).lower()
    plain = f"{scheme}://{row.get('ipaddress', '')}{row.get('path', '')}"
    return nfs_url(plain) if scheme == "nfs" and urlsplit(plain).hostname else plain
