"""Network offerings, and the guest network that a Basic zone is given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lab.cloudstack import networks
from lab.cloudstack.commands import Call, Started, command, removal
from lab.cloudstack.errors import invalid
from lab.cloudstack.listing import chosen, listed
from lab.ontap.model import Document

if TYPE_CHECKING:
    from lab.cloudstack.system import System


@command("listNetworkOfferings", of="offerings")
def list_network_offerings(call: Call) -> Document:
    """By name, id or kind of guest network."""
    rows = chosen(call, "offerings", "name", "guestiptype")
    return listed(call, "networkoffering", [offering_view(row) for row in rows])


def offering_view(row: Document) -> Document:
    """An offering with who provides each of its services."""
    shared = row["guestiptype"] == "Shared"
    made: dict[str, Any] = {"id": row["uuid"], "name": row["name"], "displaytext": row["displaytext"]}
    made.update(
        created=row["created"], traffictype="Guest", isdefault=True, specifyvlan=shared, conservemode=True
    )
    made.update(specifyipranges=shared, availability="Optional", networkrate=200, state="Enabled")
    made.update(guestiptype=row["guestiptype"], serviceofferingid=row["serviceofferingid"])
    made["service"] = [
        {
            "name": each,
            "provider": [{"name": "SecurityGroupProvider" if each == "SecurityGroup" else "VirtualRouter"}],
        }
        for each in row["services"]
    ]
    made.update(forvpc=False, fornsx=False, fortungsten=False, ispersistent=False, egressdefaultpolicy=False)
    made.update(supportsstrechedl2subnet=False, supportspublicaccess=False, supportsinternallb=False)
    return {**made, "internetprotocol": "IPv4", "specifyasnumber": False, "hasannotations": False}


@command("createNetwork", required=("zoneid", "networkofferingid", "name"))
def create_network(call: Call) -> Document:
    """The guest network of a Basic zone, which keeps its physical network from being deleted."""
    system, zone = call.system, call.row("zoneid")
    carrier = networks.with_traffic(system, zone["uuid"], "Guest")
    if carrier is None:
        raise invalid("Unable to find physical network which match the tags null")  # not observed
    row = system.add("networks", name=call.params["name"], zoneid=zone["uuid"], traffictype="Guest")
    row.update(physicalnetworkid=carrier["uuid"], offering=call.params["networkofferingid"])
    row["displaytext"] = call.get("displaytext") or call.params["name"]
    return {"network": network_view(system, row)}


@command("listNetworks", of="networks")
def list_networks(call: Call) -> Document:
    """Guest networks; the system's own only with `issystem`."""
    system = call.system
    rows = chosen(call, "networks", "zoneid", "name", "physicalnetworkid", "traffictype")
    shown = [row for row in rows if bool(row.get("system")) == call.flag("issystem")]
    return listed(call, "network", [network_view(system, row) for row in shown])


def _updated(call: Call, _started: Started) -> Document:
    row = call.row("id", "networks")
    row.update({name: call.params[name] for name in ("name", "displaytext") if call.get(name)})
    return {"network": network_view(call.system, row)}


@command(
    "updateNetwork", required=("id",), of="networks", job="user.network.UpdateNetworkCmd", finish=_updated
)
def update_network(call: Call) -> Started:
    """By a job: names. Not observed."""
    return Started(kind="Network", instance=call.params["id"])


@command(
    "deleteNetwork",
    required=("id",),
    of="networks",
    job="user.network.DeleteNetworkCmd",
    finish=removal("networks"),
)
def delete_network(call: Call) -> Started:
    """By a job."""
    return Started(kind="Network", instance=call.params["id"])


def network_view(system: System, row: Document) -> Document:
    """A network; few of its many fields, none of which was recorded."""
    made: dict[str, Any] = {"id": row["uuid"], "name": row["name"], "displaytext": row.get("displaytext")}
    made.update(zoneid=row["zoneid"], zonename=system.name_of("zones", row["zoneid"]))
    made.update(
        networkofferingid=row.get("offering"),
        traffictype=row["traffictype"],
        issystem=bool(row.get("system")),
    )
    made.update(
        state="Setup", physicalnetworkid=row.get("physicalnetworkid"), type="Shared", acltype="Domain"
    )
    return {name: value for name, value in made.items() if value is not None}
