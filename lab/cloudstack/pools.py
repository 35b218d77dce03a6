"""Primary storage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from lab.cloudstack.commands import Call, Started, command, remove
from lab.cloudstack.errors import PLAIN, ApiError, failed, invalid
from lab.cloudstack.listing import chosen, listed
from lab.ontap.model import Document

if TYPE_CHECKING:
    from lab.cloudstack.system import System

_TIB = 2**40


@command("createStoragePool", required=("zoneid", "name", "url"))
def create_storage_pool(call: Call) -> Document:
    """A cluster's pool needs a host in it; one path serves once."""
    system, cluster = call.system, call.live("clusterid")
    place = urlsplit(call.params["url"].replace(":/", "/", 1).replace("nfs/", "nfs:/", 1))
    for row in system.rows("pools"):
        if (row["ipaddress"], row["path"]) == (place.hostname, place.path):
            raise failed(
                f"Failed to add data store: Storage pool {place.path} already in use by another pod (id={row['~n']})",
                PLAIN,
            )
    scope = (call.get("scope") or "CLUSTER").upper()
    if scope == "CLUSTER" and not any(
        row["clusterid"] == (cluster or {}).get("uuid") for row in system.rows("hosts")
    ):
        number = (cluster or {}).get("~n")
        raise failed(
            f"Failed to add data store: No host up to associate a storage pool with in cluster {number}",
            PLAIN,
        )
    row = system.add("pools", name=call.params["name"], zoneid=call.params["zoneid"], scope=scope, state="Up")
    row.update(ipaddress=place.hostname, path=place.path, tags=call.get("tags"))
    row["podid"] = call.get("podid") if scope == "CLUSTER" else None
    row["clusterid"] = cluster["uuid"] if cluster and scope == "CLUSTER" else None
    row["hypervisor"] = cluster["hypervisor"] if cluster else call.get("hypervisor")
    row["type"] = "NetworkFilesystem" if place.scheme == "nfs" else place.scheme
    return {"storagepool": view(system, row, fresh=True)}


@command("listStoragePools", of="pools")
def list_storage_pools(call: Call) -> Document:
    """By zone, pod, cluster, name or id."""
    rows = chosen(call, "pools", "zoneid", "podid", "clusterid", "name", "path", "ipaddress")
    return listed(call, "storagepool", [view(call.system, row) for row in rows])


@command("updateStoragePool", required=("id",), of="pools")
def update_storage_pool(call: Call) -> Document:
    """Name and tags."""
    row = call.row("id", "pools")
    row["name"] = call.get("name") or row["name"]
    if call.get("tags") is not None:
        row["tags"] = call.params["tags"] or None  # not observed: nothing takes them away
    return {"storagepool": view(call.system, row)}


def _maintained(call: Call, _started: Started) -> Document:
    row = call.row("id", "pools")
    row["state"] = "Maintenance" if call.command.startswith("enable") else "Up"
    return {"storagepool": view(call.system, row)}


@command(
    "enableStorageMaintenance",
    required=("id",),
    of="pools",
    job="admin.storage.PreparePrimaryStorageForMaintenanceCmd",
    finish=_maintained,
)
def enable_storage_maintenance(call: Call) -> Started:
    """Answers under another command's name."""
    call.row("id", "pools")["state"] = "PrepareForMaintenance"
    return Started(kind="StoragePool", instance=call.params["id"])


@command(
    "cancelStorageMaintenance",
    required=("id",),
    of="pools",
    job="admin.storage.CancelPrimaryStorageMaintenanceCmd",
    finish=_maintained,
)
def cancel_storage_maintenance(call: Call) -> Started:
    """Back to work."""
    return Started(kind="StoragePool", instance=call.params["id"])


def _no_pool(number: int) -> ApiError:
    return invalid(f"Unable to find pool by id {number}")  # not observed


@command("deleteStoragePool", required=("id",), of="pools", gone=_no_pool)
def delete_storage_pool(call: Call) -> Document:
    """From maintenance only."""
    row = call.row("id", "pools")
    if row["state"] != "Maintenance":
        spoken = {"id": row["~n"], "name": row["name"], "poolType": row["type"], "uuid": row["uuid"]}
        text = ",".join(
            f'"{name}":{value if name == "id" else _quoted(value)}' for name, value in spoken.items()
        )
        raise invalid(
            f"Unable to delete storage due to it is not in Maintenance state, pool: StoragePool {{{text}}}"
        )
    remove(row)
    return {"success": True}


def _quoted(value: str) -> str:
    return f'"{value}"'


def view(system: System, row: Document, fresh: bool = False) -> Document:
    """A pool; what its host measures is not in the answer to the create."""
    made: dict[str, Any] = {"id": row["uuid"], "zoneid": row["zoneid"]}
    made.update(zonename=system.name_of("zones", row["zoneid"]), podid=row["podid"])
    made.update(podname=system.name_of("pods", row["podid"]), name=row["name"], ipaddress=row["ipaddress"])
    made.update(path=row["path"], created=row["created"], type=row["type"], clusterid=row["clusterid"])
    made.update(clustername=system.name_of("clusters", row["clusterid"]), capacitybytes=_TIB)
    made.update(disksizetotal=_TIB, disksizeallocated=0, disksizeused=0)
    if not fresh:
        made.update(capacityiops=1000000, usediops=500000)
    made.update(tags=row["tags"], istagarule=False, state=row["state"], scope=row["scope"])
    made.update(overprovisionfactor="2.0", hypervisor=row["hypervisor"], provider="DefaultPrimary")
    if not fresh:
        made.update(storagecapabilities={"VOLUME_SNAPSHOT_QUIESCEVM": "false"}, details={})
    made.update(managed=False, hasannotations=False)
    return {name: value for name, value in made.items() if value is not None}
