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

from strata.clients.cloudstack import Document
from strata.errors import Failed, Problem
from strata.provider.kind import AlreadyThere, Observed, Operation
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
        """A cluster's storage names pod and cluster, a zone's neither; only a zone's says which hypervisor."""
        place = (("pod", args.pod), ("cluster", args.cluster))
        if args.scope == "zone":
            reason = "found one; storage of the scope zone has none, leave it out"
            return [Problem(name, reason) for name, value in place if value is not None]
        problems = [
            Problem(name, "is required for storage of the scope cluster")
            for name, value in place
            if value is None
        ]
        if args.hypervisor is not None:
            reason = "found one; storage of the scope cluster has its cluster's, leave it out"
            problems.append(Problem("hypervisor", reason))
        return problems

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
        try:
            await super().preflight(args, op)
        except AlreadyThere as error:
            # What this one takes the place of ends no check: the rest is about what comes after it.
            if op.replacing is None or error.id != op.replacing:
                raise
        if any(str(row["id"]) != op.replacing for row in await self.alike(args)):
            return
        if args.scope == "zone":
            await self._hypervisor(args, op)
            return
        hosts = await self.api.rows("listHosts", clusterid=args.cluster, type="Routing")
        if not any(host.get("state") == "Up" for host in hosts):
            cluster = await self._name_of("listClusters", str(args.cluster))
            known = ", ".join(f"{host.get('name')} is {host.get('state')}" for host in hosts) or "it has none"
            lacking = f"no host of cluster {cluster} is up ({known}), and CloudStack mounts it from one."
            await self._lacks(args, lacking, "Add a host, or look why it is not up.", op)

    async def _lacks(self, args: PrimaryStorageArgs, lacking: str, advice: str, op: Operation) -> None:
        """What the storage can't be added without. In a preview the same run may add it, before this storage."""
        if not op.preview:
            raise Failed(f"The primary storage {args.name} can't be added: {lacking} {advice}")
        await op.warn(
            f"The primary storage {args.name}: {lacking} Unless this run adds it, the storage will be refused. {advice}"
        )

    async def _hypervisor(self, args: PrimaryStorageArgs, op: Operation) -> str | None:
        if args.scope == "cluster" or args.hypervisor:
            return args.hypervisor
        clusters = await self.api.rows("listClusters", zoneid=args.zone)
        found = sorted({str(row["hypervisortype"]) for row in clusters})
        asked = "it is the whole zone's, and CloudStack wants to know which hypervisor uses it; the zone's clusters have"
        if len(found) > 1:  # another cluster makes it no clearer
            raise Failed(
                f"The primary storage {args.name} can't be added: {asked} {', '.join(found)}. Give `hypervisor`."
            )
        if not found:
            await self._lacks(args, f"{asked} none yet.", "Add a cluster, or give `hypervisor`.", op)
        return found[0] if found else None

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
            hypervisor=await self._hypervisor(args, op),
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
    """The url that makes such a row; only what could be declared comes out in canonical form, the rest as plain text."""
    scheme = "nfs" if row.get("type") == "NetworkFilesystem" else str(row.get("type", "")).lower()
    plain = f"{scheme}://{row.get('ipaddress', '')}{row.get('path', '')}"
    try:
        return nfs_url(plain)
    except ValueError:  # storage that somebody else made: no NFS, or a path that no declaration has
        return plain
