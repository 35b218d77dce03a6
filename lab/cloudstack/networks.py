"""Physical networks and the traffic types on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lab.cloudstack import addresses, providers
from lab.cloudstack.commands import Call, Started, command, removal, remove
from lab.cloudstack.errors import PERMISSION, ApiError, failed, invalid
from lab.cloudstack.listing import chosen, listed, matching
from lab.ontap.model import Document

if TYPE_CHECKING:
    from lab.cloudstack.system import System

TRAFFIC = ("Public", "Management", "Guest", "Storage")
_LABELS = ("kvmnetworklabel", "xennetworklabel", "vmwarenetworklabel", "hypervnetworklabel", "vlan")


def spoken_zone(zone: Document) -> str:
    """How the server's texts print a zone."""
    return f'Zone {{"id": "{zone["~n"]}", "name": "{zone["name"]}", "uuid": "{zone["uuid"]}"}}'


def with_traffic(system: System, zone: str, traffic: str) -> Document | None:
    """The zone's physical network that carries the traffic."""
    for row in system.rows("traffic_types"):
        network = system.live("physical_networks", row["physicalnetworkid"])
        if network is not None and network["zoneid"] == zone and row["traffictype"] == traffic:
            return network
    return None


def _created(call: Call, started: Started) -> Document:
    return {
        "physicalnetwork": view(call.system, call.system.store.table("physical_networks")[str(started.id)])
    }


@command(
    "createPhysicalNetwork",
    required=("zoneid", "name"),
    job="admin.network.CreatePhysicalNetworkCmd",
    finish=_created,
)
def create_physical_network(call: Call) -> Started:
    """In a zone that is not enabled; one name can be taken twice."""
    system, zone = call.system, call.row("zoneid")
    if zone["allocationstate"] == "Enabled":
        text = f"Cannot create PhysicalNetwork since the Zone is currently enabled, zone: {spoken_zone(zone)}"
        raise ApiError(531, text, PERMISSION)
    row = system.add(
        "physical_networks",
        name=call.params["name"],
        zoneid=zone["uuid"],
        state="Disabled",
        vlan=call.get("vlan"),
        isolationmethods=call.get("isolationmethods"),
        tags=call.get("tags"),
        networkspeed=call.get("networkspeed"),
    )
    providers.seed(system, row["uuid"])
    return Started(row["uuid"], "PhysicalNetwork", row["uuid"])


@command("listPhysicalNetworks", of="physical_networks")
def list_physical_networks(call: Call) -> Document:
    """By zone, name or id."""
    rows = chosen(call, "physical_networks", "zoneid", "name")
    return listed(call, "physicalnetwork", [view(call.system, row) for row in rows])


def _updated(call: Call, _started: Started) -> Document:
    row = call.row("id", "physical_networks")
    row.update(
        {
            name: call.params[name]
            for name in ("state", "vlan", "tags", "networkspeed")
            if call.get(name) is not None
        }
    )
    return {"physicalnetwork": view(call.system, row)}


@command(
    "updatePhysicalNetwork",
    required=("id",),
    of="physical_networks",
    job="admin.network.UpdatePhysicalNetworkCmd",
    finish=_updated,
)
def update_physical_network(_call: Call) -> Started:
    """State, guest VLANs, tags."""
    return Started()


def _deleted(call: Call, _started: Started) -> Document:
    system, key = call.system, call.params["id"]
    if any(row.get("physicalnetworkid") == key for row in system.rows("networks")):
        raise failed(
            "The Physical Network is not deletable because there are networks associated to this physical network"
        )
    ranges = [row for row in system.rows("vlans") if row["physicalnetworkid"] == key]
    if any(addresses.within(vm["publicip"], row) for vm in system.rows("system_vms") for row in ranges):
        # Not observed: the words.
        raise failed(
            "The Physical Network is not deletable because there are allocated public IP addresses on it"
        )
    remove(call.row("id", "physical_networks"))
    system.remove_all(("traffic_types", "providers", "vlans"), "physicalnetworkid", key)
    return {"success": True}


@command(
    "deletePhysicalNetwork",
    required=("id",),
    of="physical_networks",
    job="admin.network.DeletePhysicalNetworkCmd",
    finish=_deleted,
)
def delete_physical_network(call: Call) -> Started:
    """Takes its traffic types, providers and VLAN ranges with it; an enabled zone does not keep it."""
    return Started(kind="PhysicalNetwork", instance=call.params["id"])


def view(system: System, row: Document) -> Document:
    """A physical network."""
    made: dict[str, Any] = {"id": row["uuid"], "name": row["name"], "broadcastdomainrange": "ZONE"}
    made.update(zoneid=row["zoneid"], zonename=system.name_of("zones", row["zoneid"]), state=row["state"])
    made.update(vlan=row["vlan"], isolationmethods=row["isolationmethods"], tags=row["tags"])
    made["networkspeed"] = row["networkspeed"]
    return {name: value for name, value in made.items() if value is not None}


def _traffic_added(call: Call, started: Started) -> Document:
    return {
        "traffictype": traffic_view(call.system, call.system.store.table("traffic_types")[str(started.id)])
    }


@command(
    "addTrafficType",
    required=("physicalnetworkid", "traffictype"),
    job="admin.usage.AddTrafficTypeCmd",
    finish=_traffic_added,
)
def add_traffic_type(call: Call) -> Started:
    """Refusals come at once, the rest is a job."""
    system, network, traffic = call.system, call.params["physicalnetworkid"], call.params["traffictype"]
    kind = next((each for each in TRAFFIC if each.lower() == traffic.lower()), None)
    if kind is None:
        raise invalid(f"Unable to resolve trafficType '{traffic}' to a supported value")
    for row in system.rows("traffic_types"):
        if row["physicalnetworkid"] == network and row["traffictype"] == kind:
            raise failed(f"This physical network already supports the traffic type: {kind}")
    labels = {name: call.params[name] for name in _LABELS if call.get(name)}
    made = system.add("traffic_types", traffictype=kind, physicalnetworkid=network, labels=labels)
    return Started(made["uuid"], "TrafficType", made["uuid"])


@command("listTrafficTypes", required=("physicalnetworkid",))
def list_traffic_types(call: Call) -> Document:
    """Of one physical network."""
    rows = matching(call.system.rows("traffic_types"), call, "physicalnetworkid")
    return listed(call, "traffictype", [traffic_view(call.system, row) for row in rows])


def _traffic_updated(call: Call, _started: Started) -> Document:
    row = call.row("id", "traffic_types")
    row["labels"].update({name: call.params[name] for name in _LABELS if call.get(name)})
    return {"traffictype": traffic_view(call.system, row)}


@command(
    "updateTrafficType",
    required=("id",),
    of="traffic_types",
    job="admin.usage.UpdateTrafficTypeCmd",
    finish=_traffic_updated,
)
def update_traffic_type(call: Call) -> Started:
    """Labels only."""
    return Started(kind="TrafficType", instance=call.params["id"])


@command(
    "deleteTrafficType",
    required=("id",),
    of="traffic_types",
    job="admin.usage.DeleteTrafficTypeCmd",
    finish=removal("traffic_types"),
)
def delete_traffic_type(call: Call) -> Started:
    """Takes the traffic away from the network."""
    return Started(kind="TrafficType", instance=call.params["id"])


def traffic_view(system: System, row: Document) -> Document:
    """A traffic type with the labels that were given."""
    network = system.store.table("physical_networks")[row["physicalnetworkid"]]
    made = {
        "id": row["uuid"],
        "traffictype": row["traffictype"],
        "physicalnetworkid": row["physicalnetworkid"],
    }
    if network.get("isolationmethods"):
        made["isolationmethods"] = network["isolationmethods"]
    return {**made, **row["labels"]}
