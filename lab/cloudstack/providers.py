"""Network service providers, which come with a physical network, and the elements to configure before some are enabled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lab.cloudstack.commands import Call, Started, command, removal
from lab.cloudstack.errors import failed
from lab.cloudstack.listing import listed, matching
from lab.ontap.model import Document

if TYPE_CHECKING:
    from lab.cloudstack.system import System

_ROUTER = ["Vpn", "Dhcp", "Dns", "Gateway", "Firewall", "Lb", "SourceNat", "StaticNat", "PortForwarding"]
# name: (state at first, services, whether single services can be enabled, kind of its element)
_SEEDS: tuple[tuple[str, str, list[str], bool, str | None], ...] = (
    ("ConfigDrive", "Enabled", ["Dhcp", "Dns", "UserData"], True, None),
    ("InternalLbVm", "Disabled", ["Lb"], True, "internalloadbalancer"),
    ("BaremetalPxeProvider", "Enabled", [], False, None),
    ("VpcVirtualRouter", "Disabled", [*_ROUTER, "NetworkACL", "UserData"], True, "virtualrouter"),
    ("SecurityGroupProvider", "Disabled", ["SecurityGroup"], False, None),
    ("VirtualRouter", "Disabled", [*_ROUTER, "UserData"], True, "virtualrouter"),
)


def seed(system: System, network: str) -> None:
    """The providers that every new physical network has."""
    for name, state, services, single, element in _SEEDS:
        row = system.add(
            "providers",
            name=name,
            physicalnetworkid=network,
            state=state,
            servicelist=services,
            canenableindividualservice=single,
            element=element,
        )
        if element:
            system.add("elements", nspid=row["uuid"], kind=element, enabled=False)


@command("listNetworkServiceProviders")
def list_network_service_providers(call: Call) -> Document:
    """By physical network, name or state."""
    rows = matching(call.system.rows("providers"), call, "physicalnetworkid", "name", "state")
    return listed(call, "networkserviceprovider", [view(row) for row in rows])


def _updated(call: Call, _started: Started) -> Document:
    row, state = call.row("id", "providers"), call.get("state")
    element = call.system.store.find("elements", "nspid", row["uuid"])
    if state == "Enabled" and element is not None and not element["enabled"]:
        raise failed("Provider is not ready, cannot Enable the provider, please configure the provider first")
    if state is not None:
        row["state"] = state
    return {"networkserviceprovider": view(row)}


@command(
    "updateNetworkServiceProvider",
    required=("id",),
    of="providers",
    job="admin.network.UpdateNetworkServiceProviderCmd",
    finish=_updated,
)
def update_network_service_provider(_call: Call) -> Started:
    """Enable or disable; the job tells that the element was not configured."""
    return Started()


@command(
    "deleteNetworkServiceProvider",
    required=("id",),
    of="providers",
    job="admin.network.DeleteNetworkServiceProviderCmd",
    finish=removal("providers"),
)
def delete_network_service_provider(_call: Call) -> Started:
    """Takes it off the network."""
    return Started()


def view(row: Document) -> Document:
    """A provider."""
    made: dict[str, Any] = {"name": row["name"], "physicalnetworkid": row["physicalnetworkid"]}
    made.update(state=row["state"], id=row["uuid"], servicelist=row["servicelist"])
    return {**made, "canenableindividualservice": row["canenableindividualservice"]}


def _elements(call: Call, kind: str) -> Document:
    rows = [row for row in matching(call.system.rows("elements"), call, "nspid") if row["kind"] == kind]
    return listed(call, f"{kind}element", [_element_view(row) for row in rows])


def _element_view(row: Document) -> Document:
    return {"id": row["uuid"], "nspid": row["nspid"], "enabled": row["enabled"]}


def _configured(call: Call, _started: Started) -> Document:
    row = call.row("id", "elements")
    row["enabled"] = call.flag("enabled")
    return {f"{row['kind']}element": _element_view(row)}


@command("listVirtualRouterElements")
def list_virtual_router_elements(call: Call) -> Document:
    """Of VirtualRouter and VpcVirtualRouter."""
    return _elements(call, "virtualrouter")


@command(
    "configureVirtualRouterElement",
    required=("enabled", "id"),
    of="elements",
    job="admin.router.ConfigureVirtualRouterElementCmd",
    finish=_configured,
)
def configure_virtual_router_element(_call: Call) -> Started:
    """Its job names an instance of the kind None."""
    return Started(kind="None")


@command("listInternalLoadBalancerElements")
def list_internal_load_balancer_elements(call: Call) -> Document:
    """Of InternalLbVm."""
    return _elements(call, "internalloadbalancer")


@command(
    "configureInternalLoadBalancerElement",
    required=("enabled", "id"),
    of="elements",
    job="admin.internallb.ConfigureInternalLoadBalancerElementCmd",
    finish=_configured,
)
def configure_internal_load_balancer_element(_call: Call) -> Started:
    """Enable it."""
    return Started()
