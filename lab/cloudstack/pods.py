"""Pods and the addresses in them: the pod's own range, public VLAN ranges, ranges of the storage network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lab.cloudstack import addresses, networks
from lab.cloudstack.commands import Call, command, remove
from lab.cloudstack.errors import ApiError, failed, invalid
from lab.cloudstack.listing import chosen, listed
from lab.ontap.model import Document

if TYPE_CHECKING:
    from lab.cloudstack.system import System


@command("createPod", required=("zoneid", "name"))
def create_pod(call: Call) -> Document:
    """Synchronous. Without an end the range goes to the last address of the subnet."""
    system, zone, name = call.system, call.row("zoneid"), call.params["name"]
    first = addresses.address(call.get("startip"))
    if first is None:
        raise invalid("The start IP is invalid")
    if addresses.address(call.get("netmask")) is None:
        raise invalid("The netmask is invalid")
    cidr = addresses.subnet(call.get("gateway"), call.get("netmask"))
    if cidr is None:
        raise invalid("The gateway is invalid")  # not observed
    last = call.get("endip") or str(cidr.broadcast_address - 1)
    others = [row for row in system.rows("pods") if row["zoneid"] == zone["uuid"]]
    if any(row["name"] == name for row in others):
        raise invalid(
            f"A pod with name: {name} already exists in zone {networks.spoken_zone(zone)}. "
            "Please specify a different pod name. "
        )
    gateway = call.params["gateway"]
    if addresses.overlap((gateway, gateway), (str(first), last)):
        raise invalid("The gateway shouldn't overlap start/end IP addresses")
    for other in others:
        taken = addresses.subnet(other["gateway"], other["netmask"])
        if taken is not None and taken.overlaps(cidr):
            raise invalid(
                f"The subnet of the pod you are adding conflicts with the subnet of pod {other['name']} "
                f"in zone {zone['name']}. Please specify a different CIDR."
            )
    row = system.add("pods", name=name, zoneid=zone["uuid"], startip=str(first), endip=last)
    row.update(gateway=gateway, netmask=call.params["netmask"], allocationstate="Enabled")
    return {"pod": view(system, row)}


@command("listPods", of="pods")
def list_pods(call: Call) -> Document:
    """By zone, name or id."""
    rows = chosen(call, "pods", "zoneid", "name")
    return listed(call, "pod", [view(call.system, row) for row in rows])


def _no_pod(number: int) -> ApiError:
    return invalid(f"A pod with ID: {number} does not exist.")


@command("updatePod", required=("id",), of="pods", gone=_no_pod)
def update_pod(call: Call) -> Document:
    """Name, state and range."""
    row = call.row("id", "pods")
    for name in ("name", "startip", "endip", "gateway", "netmask", "allocationstate"):
        if call.get(name):
            row[name] = call.params[name]
    return {"pod": view(call.system, row)}


@command("deletePod", required=("id",), of="pods", gone=_no_pod)
def delete_pod(call: Call) -> Document:
    """Addresses in use are looked at first; a range of the storage network does not keep it."""
    system, pod = call.system, call.row("id", "pods")
    key = pod["uuid"]
    hosts = [row for row in system.rows("hosts") if row["podid"] == key]
    vms = [row for row in system.rows("system_vms") if row["podid"] == key]
    # Simulated hosts take addresses of the pod; real ones bring their own.
    blockers = (
        (vms or [row for row in hosts if row["hypervisor"] == "Simulator"], "private IP addresses allocated"),
        (hosts, "servers"),
        ([row for row in system.rows("clusters") if row["podid"] == key], "clusters"),
    )
    for found, what in blockers:
        if found:
            raise failed(f"The pod cannot be deleted because there are {what} in this pod.")
    remove(pod)
    system.remove_all(("vlans", "storage_ranges"), "podid", key)
    return {"success": True}


def view(system: System, row: Document) -> Document:
    """A pod; its range is told twice, as lists and as `ipranges`."""
    made: dict[str, Any] = {"id": row["uuid"], "name": row["name"], "zoneid": row["zoneid"]}
    made.update(
        zonename=system.name_of("zones", row["zoneid"]), gateway=row["gateway"], netmask=row["netmask"]
    )
    if system.legacy:
        made.update(startip=row["startip"], endip=row["endip"])
        return {**made, "allocationstate": row["allocationstate"]}
    one = {"startip": row["startip"], "endip": row["endip"], "forsystemvms": "0", "vlanid": "vlan://untagged"}
    made["ipranges"] = [one]
    made.update({name: [value] for name, value in one.items()})
    return {**made, "allocationstate": row["allocationstate"], "hasannotations": False}
