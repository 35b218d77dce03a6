"""Zones: created empty and disabled, enabled once Management and Public traffic have a network, deleted when bare."""

from __future__ import annotations

import uuid
from typing import Any

from lab.cloudstack import addresses, networks
from lab.cloudstack.commands import Call, command, remove
from lab.cloudstack.errors import ApiError, failed, invalid
from lab.cloudstack.listing import chosen, listed
from lab.ontap.model import Document

TYPES = ("Basic", "Advanced")


@command("createZone", required=("name", "dns1", "internaldns1", "networktype"))
def create_zone(call: Call) -> Document:
    """Synchronous. `allocationstate=Enabled` is taken even for a zone that has nothing."""
    system, name, kind = call.system, call.params["name"], call.params["networktype"]
    if kind not in TYPES:
        raise invalid("Invalid zone type; only Advanced and Basic values are supported")
    if kind == "Basic" and call.get("guestcidraddress"):
        raise invalid("guestCidrAddress parameter is not supported for Basic zone")
    _check_name(call, name)
    _check_dns(call)
    security = kind == "Basic" or call.flag("securitygroupenabled")
    zone = system.add(
        "zones",
        name=name,
        networktype=kind,
        guestcidraddress=call.get("guestcidraddress"),
        securitygroupsenabled=security,
        allocationstate="Enabled" if call.get("allocationstate") == "Enabled" else "Disabled",
        token=str(uuid.uuid4()),
        localstorageenabled=call.flag("localstorageenabled"),
        domain=call.get("domain"),
        **{each: call.get(each) for each in ("dns1", "dns2", "internaldns1", "internaldns2")},
    )
    # The networks of the system itself come with the zone; ranges of addresses hang on them.
    for traffic in ("Public", "Management", "Storage"):
        system.add("networks", name=traffic, zoneid=zone["uuid"], traffictype=traffic, system=True)
    return {"zone": view(call, zone)}


def _check_name(call: Call, name: str) -> None:
    if not any(row["name"] == name for row in call.system.rows("zones")):
        return
    if call.system.settings.races:
        call.system.settings.races -= 1
        return
    raise invalid("A zone with that name already exists. Please specify a unique zone name.")


def _check_dns(call: Call) -> None:
    words = {"dns1": "DNS1", "dns2": "DNS2", "internaldns1": "internal DNS1", "internaldns2": "internal DNS2"}
    for name, spoken in words.items():
        if call.get(name) and addresses.address(call.get(name)) is None:
            raise invalid(f"Please enter a valid IP address for {spoken}")


@command("listZones", of="zones")
def list_zones(call: Call) -> Document:
    """By id, name or type; parameters it does not know change nothing."""
    rows = chosen(call, "zones", "name", "networktype")
    word = call.get("keyword")
    rows = [row for row in rows if not word or word in row["name"]]
    return listed(call, "zone", [view(call, row) for row in rows])


def _no_zone(number: int) -> ApiError:
    return invalid(f"A zone with ID: {number} does not exist.")


@command("updateZone", required=("id",), of="zones", gone=_no_zone)
def update_zone(call: Call) -> Document:
    """Names, DNS and state. Enabling looks for two networks and for nothing else."""
    zone = call.row("id", "zones")
    name = call.get("name")
    if name and name != zone["name"]:
        _check_name(call, name)
    _check_dns(call)
    state = call.get("allocationstate")
    if state == "Enabled" and zone["allocationstate"] != "Enabled":
        _check_enabling(call, zone)
    for each in ("name", "dns1", "internaldns1", "guestcidraddress"):
        if call.get(each):
            zone[each] = call.params[each]
    for each in ("dns2", "internaldns2", "domain"):
        # Nothing takes the value away. Not observed: the server keeps what it has only where the parameter is absent.
        if call.get(each) is not None:
            zone[each] = call.params[each] or None
    if call.get("localstorageenabled") is not None:
        zone["localstorageenabled"] = call.flag("localstorageenabled")
    if state in ("Enabled", "Disabled"):
        zone["allocationstate"] = state
    return {"zone": view(call, zone)}


def _check_enabling(call: Call, zone: Document) -> None:
    system = call.system
    wanted = ["Management"]
    if zone["networktype"] == "Advanced" and not zone["securitygroupsenabled"]:
        wanted.append("Public")
    for traffic in wanted:
        if networks.with_traffic(system, zone["uuid"], traffic) is None:
            raise invalid(
                "Cannot enable this Zone since: Unable to find the default physical network with "
                f"traffic={traffic} in the specified zone id"
            )
    management = networks.with_traffic(system, zone["uuid"], "Management")
    if management is not None and networks.with_traffic(system, zone["uuid"], "Storage") is None:
        system.add("traffic_types", traffictype="Storage", physicalnetworkid=management["uuid"], labels={})


@command("deleteZone", required=("id",), of="zones", gone=_no_zone)
def delete_zone(call: Call) -> Document:
    """Refused while anything is in it; a region-wide image store is in every zone, staging stores are in none."""
    system, zone = call.system, call.row("id", "zones")
    key = zone["uuid"]
    stores = [] if system.legacy else system.rows("image_stores")
    # Checked in this order; only the last has no full stop.
    blockers = (
        ("hosts", "there are servers in this zone."),
        ("secondary_hosts", "there are servers in this zone."),  # to 4.1, where they are hosts; not observed
        ("pods", "there are pods in this zone."),
        ("system_vms", "there are virtual machines in this zone."),
        ("user_vms", "there are virtual machines in this zone."),
        ("physical_networks", "there are physical networks in this zone."),
    )
    for table, text in blockers:
        if any(row["zoneid"] == key for row in system.rows(table)):
            raise failed(f"The zone cannot be deleted because {text}")
    if any(store.get("zoneid") in (None, key) for store in stores):
        raise failed("The zone cannot be deleted because there are Secondary storages in this zone")
    remove(zone)
    system.remove_all(("networks", "vlans"), "zoneid", key)
    return {"success": True}


def view(call: Call, zone: Document) -> Document:
    """A zone; who is no administrator does not see its DNS."""
    admin = call.user["accounttype"] == 1
    made: dict[str, Any] = {"id": zone["uuid"], "name": zone["name"]}
    hidden = ("dns1", "dns2", "internaldns1", "internaldns2", "guestcidraddress", "domain")
    made.update({name: zone[name] for name in hidden if admin and zone.get(name)})
    made.update(networktype=zone["networktype"], securitygroupsenabled=zone["securitygroupsenabled"])
    if not call.system.legacy:
        made.update(gputotal=0, gpuused=0)
    made.update(
        allocationstate=zone["allocationstate"], zonetoken=zone["token"], dhcpprovider="VirtualRouter"
    )
    made["localstorageenabled"] = zone["localstorageenabled"]
    if call.system.legacy:
        return made
    made.update(tags=[], allowuserspecifyvrmtu=False, routerprivateinterfacemaxmtu=1500)
    made.update(
        routerpublicinterfacemaxmtu=1500, type="Core", isnsxenabled=False, ismultiarch=False, asnrange=""
    )
    return {**made, "routedmodeenabled": True, "hasannotations": False}
