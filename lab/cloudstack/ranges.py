"""Ranges of addresses of a zone: public VLAN ranges, guest ranges of a Basic zone, the storage network's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lab.cloudstack import addresses, networks
from lab.cloudstack.commands import MODERN, Call, Started, command, removal, remove
from lab.cloudstack.errors import ApiError, failed, invalid
from lab.cloudstack.listing import chosen, listed
from lab.ontap.model import Document

if TYPE_CHECKING:
    from lab.cloudstack.system import System


@command("createVlanIpRange")
def create_vlan_ip_range(call: Call) -> Document:
    """Synchronous. With `podid` and `networkid` it is the guest range of a Basic zone, else public."""
    system = call.system
    of_network = call.live("networkid") or {}
    zone = call.live("zoneid") or system.live("zones", of_network.get("zoneid")) or {}
    first, gateway = call.get("startip"), call.get("gateway")
    last = call.get("endip") or first
    cidr = addresses.subnet(gateway, call.get("netmask"))
    start, end = addresses.address(first), addresses.address(last)
    if cidr is None or start is None or end is None or start not in cidr or end not in cidr:
        raise invalid("Please specify a valid IP range or valid netmask or valid gateway")
    for row in system.rows("vlans"):
        if row["zoneid"] == zone.get("uuid") and addresses.overlap(
            (str(start), str(end)), (row["startip"], row["endip"])
        ):
            raise invalid(
                "The IP range already has IPs that overlap with the new range. "
                "Please specify a different start IP/end IP."
            )
    public = call.get("forvirtualnetwork") != "false"
    network = call.get("networkid") or _system_network(system, zone, "Public")
    carrier = networks.with_traffic(system, zone.get("uuid", ""), "Public" if public else "Guest")
    row = system.add(
        "vlans", zoneid=zone.get("uuid"), forvirtualnetwork=public, vlan=_vlan(call), cidr=str(cidr)
    )
    row.update(gateway=gateway, netmask=call.get("netmask"), startip=str(start), endip=str(end))
    row.update(networkid=network, physicalnetworkid=carrier["uuid"] if carrier else None)
    row["podid"] = call.get("podid")
    return {"vlan": view(system, row)}


def _vlan(call: Call) -> str:
    asked = call.get("vlan") or "untagged"
    return asked if asked.startswith("vlan://") else f"vlan://{asked}"


def _system_network(system: System, zone: Document, traffic: str) -> str | None:
    for row in system.rows("networks"):
        if row["zoneid"] == zone.get("uuid") and row.get("traffictype") == traffic and row.get("system"):
            return str(row["uuid"])
    return None


@command("listVlanIpRanges", of="vlans")
def list_vlan_ip_ranges(call: Call) -> Document:
    """By zone, network, pod or id."""
    rows = chosen(call, "vlans", "zoneid", "networkid", "podid", "physicalnetworkid")
    return listed(call, "vlaniprange", [view(call.system, row) for row in rows])


@command("updateVlanIpRange", required=("id",), of="vlans", eras=MODERN)
def update_vlan_ip_range(call: Call) -> Document:
    """Since 4.16, synchronous: addresses, gateway and netmask, each kept where it is not given. Not observed."""
    row = call.row("id", "vlans")
    wanted = {name: call.get(name) or str(row[name]) for name in ("gateway", "netmask", "startip", "endip")}
    cidr = addresses.subnet(wanted["gateway"], wanted["netmask"])
    ends = [addresses.address(wanted[name]) for name in ("startip", "endip")]
    if cidr is None or any(end is None or end not in cidr for end in ends):
        raise invalid("Please specify a valid IP range or valid netmask or valid gateway")
    for vm in call.system.rows("system_vms"):
        if addresses.within(vm["publicip"], row) and not addresses.within(vm["publicip"], wanted):
            raise invalid(f"The start IP address must be less than or equal to {vm['publicip']}")
    row.update(wanted, cidr=str(cidr))
    return {"vlan": view(call.system, row)}


def _no_range(number: int) -> ApiError:
    return invalid(f"Please specify a valid IP range id: {number}")  # not observed


@command("deleteVlanIpRange", required=("id",), of="vlans", gone=_no_range)
def delete_vlan_ip_range(call: Call) -> Document:
    """Gone at once, unless a system VM has an address of it."""
    row = call.row("id", "vlans")
    for vm in call.system.rows("system_vms"):
        if addresses.within(vm["publicip"], row):
            raise failed(f"Unable to delete VLAN IP range: {vm['publicip']} is in use")  # not observed
    remove(row)
    return {"success": True}


def view(system: System, row: Document) -> Document:
    """A range; pod fields only where it has one."""
    made: dict[str, Any] = {"id": row["uuid"], "forvirtualnetwork": row["forvirtualnetwork"]}
    made.update({name: row[name] for name in ("zoneid", "vlan")})
    made.update(podid=row["podid"], podname=system.name_of("pods", row["podid"]))
    names = ("gateway", "netmask", "cidr", "startip", "endip", "networkid", "physicalnetworkid")
    made.update({name: row[name] for name in names})
    if not system.legacy:
        made["forsystemvms"] = False
    return {name: value for name, value in made.items() if value is not None}


def _storage_created(call: Call, _started: Started) -> Document:
    system = call.system
    pod = call.row("podid")
    first, last = call.params["startip"], call.get("endip") or call.params["startip"]
    taken = [row for row in system.rows("storage_ranges") if row["zoneid"] == pod["zoneid"]]
    if any(addresses.overlap((first, last), (row["startip"], row["endip"])) for row in taken):
        raise failed(
            f"The Storage network Start IP and endIP address range overlap with private IP :{first} - {last}"
        )
    row = system.add("storage_ranges", podid=pod["uuid"], zoneid=pod["zoneid"], startip=first, endip=last)
    row.update(gateway=call.params["gateway"], netmask=call.params["netmask"], vlan=call.get("vlan"))
    row["networkid"] = _system_network(system, {"uuid": pod["zoneid"]}, "Storage")
    # The job's answer lacks the pod, the zone and the network that the list has.
    shown = storage_view(row)
    return {
        "storagenetworkiprange": {k: v for k, v in shown.items() if k not in ("podid", "zoneid", "networkid")}
    }


@command(
    "createStorageNetworkIpRange",
    required=("podid", "startip", "netmask", "gateway"),
    job="admin.network.CreateStorageNetworkIpRangeCmd",
    finish=_storage_created,
)
def create_storage_network_ip_range(_call: Call) -> Started:
    """By a job that has no id of what it makes."""
    return Started()


@command("listStorageNetworkIpRange", of="storage_ranges")
def list_storage_network_ip_range(call: Call) -> Document:
    """By zone, pod or id."""
    rows = chosen(call, "storage_ranges", "zoneid", "podid")
    return listed(call, "storagenetworkiprange", [storage_view(row) for row in rows])


def _storage_updated(call: Call, _started: Started) -> Document:
    row = call.row("id", "storage_ranges")
    row.update(
        {name: call.params[name] for name in ("startip", "endip", "netmask", "vlan") if call.get(name)}
    )
    return {"storagenetworkiprange": storage_view(row)}


@command(
    "updateStorageNetworkIpRange",
    required=("id",),
    of="storage_ranges",
    job="admin.network.UpdateStorageNetworkIpRangeCmd",
    finish=_storage_updated,
)
def update_storage_network_ip_range(_call: Call) -> Started:
    """By a job; all but the gateway. Not observed."""
    return Started()


@command(
    "deleteStorageNetworkIpRange",
    required=("id",),
    of="storage_ranges",
    job="admin.network.DeleteStorageNetworkIpRangeCmd",
    finish=removal("storage_ranges"),
)
def delete_storage_network_ip_range(_call: Call) -> Started:
    """By a job."""
    return Started()


def storage_view(row: Document) -> Document:
    """A range of the storage network."""
    names = ("podid", "startip", "endip", "gateway", "networkid", "zoneid", "netmask", "vlan")
    return {"id": row["uuid"], **{name: row[name] for name in names if row.get(name) is not None}}
