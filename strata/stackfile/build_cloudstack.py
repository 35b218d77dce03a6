"""`strata:cloudstack` of a document without faults, as the model has it: names followed, defaults filled in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from strata.stackfile.filling import Values, connection, fill, secret, timeouts
from strata.stackfile.model import (
    AddressRange,
    CloudStack,
    GuestNetwork,
    HypervisorCluster,
    HypervisorCredentials,
    HypervisorHost,
    Management,
    Mount,
    ObjectStore,
    PhysicalNetwork,
    Pod,
    PrimaryStorage,
    Staging,
    SystemVmTemplate,
    Traffic,
    Volume,
    Zone,
)

SECTION = "strata:cloudstack"


def cloudstack(values: Values, volumes: Mapping[str, Volume], mounts: Mapping[str, Mount]) -> CloudStack:
    """The whole section; volumes and mounts are what its staging stores stand on."""
    store = values.get("objectStore")
    # What holds the cloud together is protected, or given up, as one.
    protect = bool((store or {}).get("protect", True))
    return fill(
        CloudStack,
        values,
        api_key=secret(values["apiKey"], SECTION, ("apiKey",)),
        secret_key=secret(values["secretKey"], SECTION, ("secretKey",)),
        management=fill(Management, values["management"]) if "management" in values else None,
        hypervisor_credentials={
            name: _login(name, one) for name, one in values.get("hypervisorCredentials", {}).items()
        },
        settings={name: _setting(value) for name, value in values.get("settings", {}).items()},
        object_store=fill(ObjectStore, store, timeouts=timeouts(store)) if store is not None else None,
        zones={
            key: _zone(key, {"name": key, "protect": protect, **one}, volumes, mounts)
            for key, one in values.get("zones", {}).items()
        },
        **connection(values, "endpoint"),
    )


def _login(name: str, values: Values) -> HypervisorCredentials:
    password = secret(values["password"], SECTION, ("hypervisorCredentials", name, "password"))
    return HypervisorCredentials(name=name, password=password, **connection(values, "username"))


def _setting(value: Any) -> str:
    """As CloudStack spells it: every value of a setting is text there."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _zone(key: str, values: Values, volumes: Mapping[str, Volume], mounts: Mapping[str, Mount]) -> Zone:
    kind, guests, template = values["networkType"], values.get("guestNetwork"), values.get("systemVmTemplate")
    return fill(
        Zone,
        values,
        key=key,
        staging=_staging(values["staging"], volumes),
        physical_networks={
            name: _physical_network(name, one, kind) for name, one in values["physicalNetworks"].items()
        },
        public_ip_ranges={name: _range(name, one) for name, one in values.get("publicIpRanges", {}).items()},
        guest_network=None
        if guests is None
        else fill(GuestNetwork, {"name": "defaultGuestNetwork", **guests}, timeouts=timeouts(guests)),
        pods={name: _pod(name, one, values["protect"]) for name, one in values.get("pods", {}).items()},
        system_vm_template=None
        if template is None
        else fill(SystemVmTemplate, template, path=mounts[template["mount"]].path),
        timeouts=timeouts(values),
    )


def _staging(values: Values, volumes: Mapping[str, Volume]) -> Staging:
    if "url" in values:
        return Staging(url=values["url"])
    lif, volume = values["dataLif"], values["volume"]
    return Staging(url=f"nfs://{lif}{volumes[volume].junction_path}", volume=volume, server=lif)


def _physical_network(key: str, values: Values, kind: str) -> PhysicalNetwork:
    return fill(
        PhysicalNetwork,
        {"name": key, **values},
        key=key,
        traffic=tuple(fill(Traffic, labels, type=type) for type, labels in values["traffic"].items()),
        providers=tuple(values.get("providers", _usual_providers(values, kind))),
        timeouts=timeouts(values),
    )


def _usual_providers(values: Values, kind: str) -> tuple[str, ...]:
    """What the wizard of CloudStack's user interface enables where guests are; only in a Basic zone do they share a network."""
    if "Guest" not in values["traffic"]:
        return ()
    return ("VirtualRouter", "VpcVirtualRouter" if kind == "Advanced" else "SecurityGroupProvider")


def _range(key: str, values: Values) -> AddressRange:
    # An untagged network has no VLAN, whether that is said or left out.
    vlan = values.get("vlan", "untagged")
    return fill(
        AddressRange,
        values,
        key=key,
        vlan=None if vlan == "untagged" else str(vlan),
        timeouts=timeouts(values),
    )


def _pod(key: str, values: Values, protect: bool) -> Pod:
    def own_range(name: str) -> AddressRange | None:
        return _range(key, values[name]) if name in values else None

    return fill(
        Pod,
        {"name": key, **values},
        key=key,
        storage_ip_range=own_range("storageIpRange"),
        guest_ip_range=own_range("guestIpRange"),
        clusters={name: _cluster(name, one, protect) for name, one in values.get("clusters", {}).items()},
        timeouts=timeouts(values),
    )


def _cluster(key: str, values: Values, protect: bool) -> HypervisorCluster:
    return fill(
        HypervisorCluster,
        {"name": key, **values},
        key=key,
        hosts={
            name: fill(HypervisorHost, one, key=name, timeouts=timeouts(one))
            for name, one in values.get("hosts", {}).items()
        },
        primary_storage={
            name: fill(
                PrimaryStorage,
                {"name": name, "protect": protect, **one},
                key=name,
                timeouts=timeouts(one),
            )
            for name, one in values.get("primaryStorage", {}).items()
        },
        timeouts=timeouts(values),
    )
