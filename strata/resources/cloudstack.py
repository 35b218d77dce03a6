"""Resources of cloudstack. Generated from the kinds by `python -m tools.generate`; change those instead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi

from strata.resources.base import StrataResource


class Zone(StrataResource):
    """cloudstack:Zone."""

    TOKEN = "strata:cloudstack:Zone"
    OUTPUTS = ("zone_token",)

    name: pulumi.Output[str]
    """Name of the zone."""
    network_type: pulumi.Output[str]
    """Kind of networking."""
    dns: pulumi.Output[Sequence[str]]
    """One or two DNS servers that guests use."""
    internal_dns: pulumi.Output[Sequence[str]]
    """One or two DNS servers that CloudStack's own system VMs use."""
    domain: pulumi.Output[str]
    """Network domain of the guests' networks; an empty text takes it away."""
    guest_cidr: pulumi.Output[str]
    """Network of the guests behind virtual routers; Advanced zones only."""
    security_groups: pulumi.Output[bool]
    """Whether an Advanced zone has security groups."""
    local_storage: pulumi.Output[bool]
    """Whether disks may lie on the hosts' own disks."""
    zone_token: pulumi.Output[str]
    """The zone's token."""

    def __init__(
        self,
        resource_name: str,
        *,
        name: pulumi.Input[str],
        network_type: pulumi.Input[str],
        dns: pulumi.Input[Sequence[str]],
        internal_dns: pulumi.Input[Sequence[str]],
        domain: pulumi.Input[str] | None = None,
        guest_cidr: pulumi.Input[str] | None = None,
        security_groups: pulumi.Input[bool] | None = None,
        local_storage: pulumi.Input[bool] | None = None,
        image_store: pulumi.Input[str] | None = None,
        remove_store: pulumi.Input[bool] | None = None,
        adopt: pulumi.Input[bool] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = {
            "name": name,
            "network_type": network_type,
            "dns": dns,
            "internal_dns": internal_dns,
            "domain": domain,
            "guest_cidr": guest_cidr,
            "security_groups": security_groups,
            "local_storage": local_storage,
            "image_store": image_store,
            "remove_store": remove_store,
            "adopt": adopt,
        }
        super().__init__(resource_name, inputs, opts)


class Pod(StrataResource):
    """cloudstack:Pod."""

    TOKEN = "strata:cloudstack:Pod"
    OUTPUTS = ("zone_name",)

    zone: pulumi.Output[str]
    """Id of the zone."""
    name: pulumi.Output[str]
    """Name of the pod, one of its kind in the zone."""
    gateway: pulumi.Output[str]
    """Gateway of the pod's network."""
    netmask: pulumi.Output[str]
    """Netmask of the pod's network."""
    start_ip: pulumi.Output[str]
    """First address that system VMs may have in the pod."""
    end_ip: pulumi.Output[str]
    """Last of them; left out, it is the last of the network."""
    zone_name: pulumi.Output[str]
    """Name of the zone."""

    def __init__(
        self,
        resource_name: str,
        *,
        zone: pulumi.Input[str],
        name: pulumi.Input[str],
        gateway: pulumi.Input[str],
        netmask: pulumi.Input[str],
        start_ip: pulumi.Input[str],
        end_ip: pulumi.Input[str] | None = None,
        adopt: pulumi.Input[bool] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = {
            "zone": zone,
            "name": name,
            "gateway": gateway,
            "netmask": netmask,
            "start_ip": start_ip,
            "end_ip": end_ip,
            "adopt": adopt,
        }
        super().__init__(resource_name, inputs, opts)


class Cluster(StrataResource):
    """cloudstack:Cluster."""

    TOKEN = "strata:cloudstack:Cluster"
    OUTPUTS = ("pod_name",)

    zone: pulumi.Output[str]
    """Id of the zone."""
    pod: pulumi.Output[str]
    """Id of the pod."""
    name: pulumi.Output[str]
    """Name of the cluster."""
    hypervisor: pulumi.Output[str]
    """Hypervisor of its hosts."""
    cluster_type: pulumi.Output[str]
    """Who knows the hosts: CloudStack, or for VMware a vCenter."""
    pod_name: pulumi.Output[str]
    """Name of the pod."""

    def __init__(
        self,
        resource_name: str,
        *,
        zone: pulumi.Input[str],
        pod: pulumi.Input[str],
        name: pulumi.Input[str],
        hypervisor: pulumi.Input[str],
        cluster_type: pulumi.Input[str] | None = None,
        adopt: pulumi.Input[bool] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = {
            "zone": zone,
            "pod": pod,
            "name": name,
            "hypervisor": hypervisor,
            "cluster_type": cluster_type,
            "adopt": adopt,
        }
        super().__init__(resource_name, inputs, opts)


class Host(StrataResource):
    """cloudstack:Host."""

    TOKEN = "strata:cloudstack:Host"
    OUTPUTS = (
        "name",
        "address",
    )

    zone: pulumi.Output[str]
    """Id of the zone."""
    pod: pulumi.Output[str]
    """Id of the pod."""
    cluster: pulumi.Output[str]
    """Id of the cluster."""
    url: pulumi.Output[str]
    """The host's address as a URL."""
    hypervisor: pulumi.Output[str]
    """Hypervisor of the host."""
    tags: pulumi.Output[Sequence[str]]
    """Tags by which offerings choose hosts."""
    name: pulumi.Output[str]
    """The host's own name."""
    address: pulumi.Output[str]
    """Its address in the pod."""

    def __init__(
        self,
        resource_name: str,
        *,
        zone: pulumi.Input[str],
        pod: pulumi.Input[str],
        cluster: pulumi.Input[str],
        url: pulumi.Input[str],
        hypervisor: pulumi.Input[str],
        credentials: pulumi.Input[str] | None = None,
        tags: pulumi.Input[Sequence[str]] | None = None,
        adopt: pulumi.Input[bool] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = {
            "zone": zone,
            "pod": pod,
            "cluster": cluster,
            "url": url,
            "hypervisor": hypervisor,
            "credentials": credentials,
            "tags": tags,
            "adopt": adopt,
        }
        super().__init__(resource_name, inputs, opts)


class PrimaryStorage(StrataResource):
    """cloudstack:PrimaryStorage."""

    TOKEN = "strata:cloudstack:PrimaryStorage"
    OUTPUTS = ("type",)

    zone: pulumi.Output[str]
    """Id of the zone."""
    name: pulumi.Output[str]
    """Name of the storage."""
    url: pulumi.Output[str]
    """Where it is: NFS."""
    pod: pulumi.Output[str]
    """Id of the pod; left out where the scope is the zone."""
    cluster: pulumi.Output[str]
    """Id of the cluster; left out where the scope is the zone."""
    scope: pulumi.Output[str]
    """Whose it is: one cluster's, or the whole zone's."""
    hypervisor: pulumi.Output[str]
    """Hypervisor that uses it, for the scope zone; left out, it is that of the zone's clusters."""
    tags: pulumi.Output[Sequence[str]]
    """Tags by which offerings choose storage."""
    type: pulumi.Output[str]
    """CloudStack's word for the kind of storage."""

    def __init__(
        self,
        resource_name: str,
        *,
        zone: pulumi.Input[str],
        name: pulumi.Input[str],
        url: pulumi.Input[str],
        pod: pulumi.Input[str] | None = None,
        cluster: pulumi.Input[str] | None = None,
        scope: pulumi.Input[str] | None = None,
        hypervisor: pulumi.Input[str] | None = None,
        tags: pulumi.Input[Sequence[str]] | None = None,
        adopt: pulumi.Input[bool] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = {
            "zone": zone,
            "name": name,
            "url": url,
            "pod": pod,
            "cluster": cluster,
            "scope": scope,
            "hypervisor": hypervisor,
            "tags": tags,
            "adopt": adopt,
        }
        super().__init__(resource_name, inputs, opts)


class ZoneState(StrataResource):
    """cloudstack:ZoneState."""

    TOKEN = "strata:cloudstack:ZoneState"
    OUTPUTS = ("system_vms",)

    zone: pulumi.Output[str]
    """Id of the zone."""
    state: pulumi.Output[str]
    """Whether users may use the zone."""
    system_vms_ready: pulumi.Output[bool]
    """Whether the system VMs ever ran; always true. Ones that never came are waited for again."""
    system_vms: pulumi.Output[Sequence[str]]
    """The zone's system VMs, each with its kind and state."""

    def __init__(
        self,
        resource_name: str,
        *,
        zone: pulumi.Input[str],
        state: pulumi.Input[str] | None = None,
        system_vms_ready: pulumi.Input[bool] | None = None,
        wait_for_system_vms: pulumi.Input[bool] | None = None,
        seeded: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = {
            "zone": zone,
            "state": state,
            "system_vms_ready": system_vms_ready,
            "wait_for_system_vms": wait_for_system_vms,
            "seeded": seeded,
        }
        super().__init__(resource_name, inputs, opts)


class PhysicalNetwork(StrataResource):
    """cloudstack:PhysicalNetwork."""

    TOKEN = "strata:cloudstack:PhysicalNetwork"
    OUTPUTS = ("broadcast_domain",)

    zone: pulumi.Output[str]
    """Id of the zone, which must not be enabled yet."""
    name: pulumi.Output[str]
    """Name; CloudStack can't change it."""
    traffic: pulumi.Output[Sequence[Mapping[str, Any]]]
    """What it carries. Storage that CloudStack itself has added when the zone was enabled is let be."""
    isolation: pulumi.Output[Sequence[str]]
    """How guests are kept apart: VLAN, VXLAN, GRE, …; left out, the server decides."""
    vlans: pulumi.Output[str]
    """VLANs of guest networks, all ranges that there are to be; not in a Basic zone."""
    tags: pulumi.Output[Sequence[str]]
    """Tag by which network offerings choose this network."""
    state: pulumi.Output[str]
    """Enabled or Disabled."""
    providers: pulumi.Output[Sequence[str]]
    """Providers that are to be enabled; others that are enabled too are let be."""
    broadcast_domain: pulumi.Output[str]
    """ZONE or POD."""

    def __init__(
        self,
        resource_name: str,
        *,
        zone: pulumi.Input[str],
        name: pulumi.Input[str],
        traffic: pulumi.Input[Sequence[Mapping[str, Any]]],
        isolation: pulumi.Input[Sequence[str]] | None = None,
        vlans: pulumi.Input[str] | None = None,
        tags: pulumi.Input[Sequence[str]] | None = None,
        state: pulumi.Input[str] | None = None,
        providers: pulumi.Input[Sequence[str]] | None = None,
        adopt: pulumi.Input[bool] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = {
            "zone": zone,
            "name": name,
            "traffic": traffic,
            "isolation": isolation,
            "vlans": vlans,
            "tags": tags,
            "state": state,
            "providers": providers,
            "adopt": adopt,
        }
        super().__init__(resource_name, inputs, opts)


class GuestNetwork(StrataResource):
    """cloudstack:GuestNetwork."""

    TOKEN = "strata:cloudstack:GuestNetwork"
    OUTPUTS = ("state",)

    zone: pulumi.Output[str]
    """Id of the zone."""
    name: pulumi.Output[str]
    """Name; renamed in place."""
    offering: pulumi.Output[str]
    """Name of the network offering."""
    display_text: pulumi.Output[str]
    """Text that users see."""
    physical_network: pulumi.Output[str]
    """Id of the physical network; left out, CloudStack takes the one with Guest traffic."""
    state: pulumi.Output[str]
    """Setup until the first guest starts, then Implemented."""

    def __init__(
        self,
        resource_name: str,
        *,
        zone: pulumi.Input[str],
        name: pulumi.Input[str],
        offering: pulumi.Input[str],
        display_text: pulumi.Input[str] | None = None,
        physical_network: pulumi.Input[str] | None = None,
        adopt: pulumi.Input[bool] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = {
            "zone": zone,
            "name": name,
            "offering": offering,
            "display_text": display_text,
            "physical_network": physical_network,
            "adopt": adopt,
        }
        super().__init__(resource_name, inputs, opts)


class PublicIpRange(StrataResource):
    """cloudstack:PublicIpRange."""

    TOKEN = "strata:cloudstack:PublicIpRange"
    OUTPUTS = (
        "cidr",
        "for_guests",
    )

    zone: pulumi.Output[str]
    """Id of the zone."""
    gateway: pulumi.Output[str]
    """Gateway of the addresses."""
    netmask: pulumi.Output[str]
    """Netmask of the subnet."""
    start_ip: pulumi.Output[str]
    """First address."""
    end_ip: pulumi.Output[str]
    """Last address."""
    vlan: pulumi.Output[str]
    """VLAN number, or untagged; left out, CloudStack makes it untagged."""
    physical_network: pulumi.Output[str]
    """Id of the physical network; left out, CloudStack takes the one with that traffic."""
    pod: pulumi.Output[str]
    """Id of the pod whose guests get the addresses, in a Basic zone."""
    network: pulumi.Output[str]
    """Id of the guest network that gets the addresses; with it the range is not public."""
    cidr: pulumi.Output[str]
    """The subnet."""
    for_guests: pulumi.Output[bool]
    """Whether guests get the addresses, not the public."""

    def __init__(
        self,
        resource_name: str,
        *,
        zone: pulumi.Input[str],
        gateway: pulumi.Input[str],
        netmask: pulumi.Input[str],
        start_ip: pulumi.Input[str],
        end_ip: pulumi.Input[str],
        vlan: pulumi.Input[str] | None = None,
        physical_network: pulumi.Input[str] | None = None,
        pod: pulumi.Input[str] | None = None,
        network: pulumi.Input[str] | None = None,
        adopt: pulumi.Input[bool] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = {
            "zone": zone,
            "gateway": gateway,
            "netmask": netmask,
            "start_ip": start_ip,
            "end_ip": end_ip,
            "vlan": vlan,
            "physical_network": physical_network,
            "pod": pod,
            "network": network,
            "adopt": adopt,
        }
        super().__init__(resource_name, inputs, opts)


class StorageIpRange(StrataResource):
    """cloudstack:StorageIpRange."""

    TOKEN = "strata:cloudstack:StorageIpRange"
    OUTPUTS = ("network",)

    zone: pulumi.Output[str]
    """Id of the zone."""
    pod: pulumi.Output[str]
    """Id of the pod."""
    gateway: pulumi.Output[str]
    """Gateway of the storage network."""
    netmask: pulumi.Output[str]
    """Netmask of the subnet."""
    start_ip: pulumi.Output[str]
    """First address."""
    end_ip: pulumi.Output[str]
    """Last address."""
    vlan: pulumi.Output[str]
    """VLAN number, or untagged; left out, CloudStack makes it untagged."""
    network: pulumi.Output[str]
    """Id of the storage network."""

    def __init__(
        self,
        resource_name: str,
        *,
        zone: pulumi.Input[str],
        pod: pulumi.Input[str],
        gateway: pulumi.Input[str],
        netmask: pulumi.Input[str],
        start_ip: pulumi.Input[str],
        end_ip: pulumi.Input[str],
        vlan: pulumi.Input[str] | None = None,
        adopt: pulumi.Input[bool] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = {
            "zone": zone,
            "pod": pod,
            "gateway": gateway,
            "netmask": netmask,
            "start_ip": start_ip,
            "end_ip": end_ip,
            "vlan": vlan,
            "adopt": adopt,
        }
        super().__init__(resource_name, inputs, opts)


class GlobalSetting(StrataResource):
    """cloudstack:GlobalSetting."""

    TOKEN = "strata:cloudstack:GlobalSetting"
    OUTPUTS = ("needs_restart",)

    name: pulumi.Output[str]
    """Name of the setting."""
    value: pulumi.Output[str]
    """Its value, as text."""
    needs_restart: pulumi.Output[bool]
    """Whether a change comes into force only when the management server is restarted."""

    def __init__(
        self,
        resource_name: str,
        *,
        name: pulumi.Input[str],
        value: pulumi.Input[str],
        adopt: pulumi.Input[bool] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = {
            "name": name,
            "value": value,
            "adopt": adopt,
        }
        super().__init__(resource_name, inputs, opts)


class ImageStore(StrataResource):
    """cloudstack:ImageStore."""

    TOKEN = "strata:cloudstack:ImageStore"
    OUTPUTS = (
        "url",
        "era",
        "scope",
    )

    account: pulumi.Output[str]
    """Name of the Swift account under strata:swift.accounts. What is read back is the account whose authUrl the
    store has."""
    name: pulumi.Output[str]
    """Name of the store; without one it is its URL."""
    read_only: pulumi.Output[bool]
    """Whether nothing new is written to the store."""
    storage_policy: pulumi.Output[str]
    """Swift storage policy of the containers that CloudStack makes; given once, with the add. It can't be read back."""
    url: pulumi.Output[str]
    """The auth URL that CloudStack uses."""
    era: pulumi.Output[str]
    """modern or legacy."""
    scope: pulumi.Output[str]
    """REGION: for the whole cloud."""

    def __init__(
        self,
        resource_name: str,
        *,
        account: pulumi.Input[str],
        name: pulumi.Input[str] | None = None,
        read_only: pulumi.Input[bool] | None = None,
        storage_policy: pulumi.Input[str] | None = None,
        allow_existing_zones: pulumi.Input[bool] | None = None,
        seeds_template: pulumi.Input[bool] | None = None,
        era: pulumi.Input[str] | None = None,
        after_restart: pulumi.Input[str] | None = None,
        adopt: pulumi.Input[bool] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = {
            "account": account,
            "name": name,
            "read_only": read_only,
            "storage_policy": storage_policy,
            "allow_existing_zones": allow_existing_zones,
            "seeds_template": seeds_template,
            "era": era,
            "after_restart": after_restart,
            "adopt": adopt,
        }
        super().__init__(resource_name, inputs, opts)


class StagingStore(StrataResource):
    """cloudstack:StagingStore."""

    TOKEN = "strata:cloudstack:StagingStore"
    OUTPUTS = ("name",)

    zone: pulumi.Output[str]
    """Id of the zone."""
    url: pulumi.Output[str]
    """Where it is, as an NFS URL."""
    name: pulumi.Output[str]
    """Its name, which is its URL."""

    def __init__(
        self,
        resource_name: str,
        *,
        zone: pulumi.Input[str],
        url: pulumi.Input[str],
        adopt: pulumi.Input[bool] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = {
            "zone": zone,
            "url": url,
            "adopt": adopt,
        }
        super().__init__(resource_name, inputs, opts)


class ZoneSet(StrataResource):
    """cloudstack:ZoneSet."""

    TOKEN = "strata:cloudstack:ZoneSet"
    OUTPUTS = ("names",)

    zones: pulumi.Output[Sequence[str]]
    """Ids of all zones of the stack."""
    noted: pulumi.Output[bool]
    """Whether the stack has taken note of these zones; always true. It is kept in the state only."""
    names: pulumi.Output[Sequence[str]]
    """Names of all zones of the cloud."""

    def __init__(
        self,
        resource_name: str,
        *,
        zones: pulumi.Input[Sequence[str]],
        noted: pulumi.Input[bool] | None = None,
        image_store: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = {
            "zones": zones,
            "noted": noted,
            "image_store": image_store,
        }
        super().__init__(resource_name, inputs, opts)
