"""`strata:cloudstack` with its defaults filled in: the object store, and the zones that come after it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from strata.stackfile.values import Given, Secret, Timeouts

Era = Literal["modern", "legacy"]
"""4.2 and later, or 3.0 to 4.1, where Swift needs a global setting and a restart."""


@dataclass(frozen=True)
class Management:
    """The management server's own host: a key of `strata:hosts`, and the service there."""

    host: str
    service: str = "cloudstack-management"


@dataclass(frozen=True)
class HypervisorCredentials:
    """How CloudStack logs in on hypervisor hosts."""

    name: str
    username: Given
    password: Secret


@dataclass(frozen=True)
class ObjectStore:
    """The cloud-wide secondary storage; `account` is a key of the Swift accounts."""

    account: str
    name: str | None = None
    read_only: bool | None = None
    storage_policy: str | None = None
    allow_existing_zones: bool = False
    adopt: bool = False
    protect: bool = True
    timeouts: Timeouts = Timeouts()


@dataclass(frozen=True)
class Staging:
    """The NFS export that a zone's secondary storage VM works on before it goes to Swift.

    url     `nfs://10.130.208.55/secondary`
    volume  the key of the volume behind it; None for another server's export
    server  the data LIF or the other server; None where only a URL is given
    """

    url: str
    volume: str | None = None
    server: str | None = None


@dataclass(frozen=True)
class Traffic:
    """A kind of traffic on a physical network, with the label of the interface that carries it on each hypervisor."""

    type: str
    kvm: str | None = None
    xen: str | None = None
    vmware: str | None = None
    simulator: str | None = None


@dataclass(frozen=True)
class PhysicalNetwork:
    """A physical network of a zone; `vlans` are the guests': `100-199`."""

    key: str
    name: str
    traffic: tuple[Traffic, ...]
    isolation: tuple[str, ...] | None = None
    vlans: str | None = None
    tags: tuple[str, ...] | None = None
    providers: tuple[str, ...] = ()
    adopt: bool = False
    timeouts: Timeouts = Timeouts()


@dataclass(frozen=True)
class AddressRange:
    """Addresses from `start_ip` to `end_ip`; `vlan` is a number or None, which is untagged."""

    key: str
    gateway: str
    netmask: str
    start_ip: str
    end_ip: str
    vlan: str | None = None
    adopt: bool = False
    timeouts: Timeouts = Timeouts()


@dataclass(frozen=True)
class GuestNetwork:
    """The one network that all guests of a Basic zone (or of an Advanced one with security groups) share."""

    name: str
    offering: str
    display_text: str | None = None
    physical_network: str | None = None
    adopt: bool = False
    timeouts: Timeouts = Timeouts()


@dataclass(frozen=True)
class HypervisorHost:
    """A hypervisor host; `credentials` is a key of the hypervisor credentials."""

    key: str
    address: str
    credentials: str
    tags: tuple[str, ...] | None = None
    adopt: bool = False
    timeouts: Timeouts = Timeouts()

    @property
    def url(self) -> str:
        """As addHost takes it."""
        return f"http://{self.address}"


@dataclass(frozen=True)
class PrimaryStorage:
    """Where the disks of virtual machines lie."""

    key: str
    name: str
    url: str
    scope: str = "cluster"
    tags: tuple[str, ...] | None = None
    adopt: bool = False
    protect: bool = True
    timeouts: Timeouts = Timeouts()


@dataclass(frozen=True)
class HypervisorCluster:
    """Hosts of one hypervisor, with the primary storage that they share."""

    key: str
    name: str
    hypervisor: str
    hosts: Mapping[str, HypervisorHost] = field(default_factory=dict)
    primary_storage: Mapping[str, PrimaryStorage] = field(default_factory=dict)
    adopt: bool = False
    timeouts: Timeouts = Timeouts()


@dataclass(frozen=True)
class Pod:
    """A pod: the range is for the system's own addresses; `guest_ip_range` is a Basic zone's."""

    key: str
    name: str
    gateway: str
    netmask: str
    start_ip: str
    end_ip: str
    storage_ip_range: AddressRange | None = None
    guest_ip_range: AddressRange | None = None
    clusters: Mapping[str, HypervisorCluster] = field(default_factory=dict)
    adopt: bool = False
    timeouts: Timeouts = Timeouts()


@dataclass(frozen=True)
class SystemVmTemplate:
    """The system VM template, put onto the staging store by CloudStack's own installer script on the management host.

    mount  a key of the mounts: the staging volume, on the management host
    path   where that is
    """

    mount: str
    path: str
    source: str
    hypervisor: str = "kvm"


@dataclass(frozen=True)
class Zone:
    """A zone; it stands only behind an object store, which is why it has no secondary storage of its own but staging."""

    key: str
    name: str
    network_type: Literal["Advanced", "Basic"]
    dns: tuple[str, ...]
    internal_dns: tuple[str, ...]
    staging: Staging
    physical_networks: Mapping[str, PhysicalNetwork]
    pods: Mapping[str, Pod] = field(default_factory=dict)
    public_ip_ranges: Mapping[str, AddressRange] = field(default_factory=dict)
    guest_network: GuestNetwork | None = None
    system_vm_template: SystemVmTemplate | None = None
    domain: str | None = None
    guest_cidr: str | None = None
    security_groups: bool | None = None
    local_storage: bool | None = None
    enabled: bool = True
    wait_for_system_vms: bool = True
    adopt: bool = False
    protect: bool = True
    timeouts: Timeouts = Timeouts()


@dataclass(frozen=True)
class CloudStack:
    """`strata:cloudstack`; there are no zones without an object store."""

    endpoint: Given
    api_key: Secret
    secret_key: Secret
    ca_file: str | None = None
    verify_tls: bool = True
    era: Era = "modern"
    management: Management | None = None
    hypervisor_credentials: Mapping[str, HypervisorCredentials] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    object_store: ObjectStore | None = None
    zones: Mapping[str, Zone] = field(default_factory=dict)
