"""What a stack file says, checked and with its defaults filled in.

Sizes are texts such as `50GiB`, times texts such as `10m`. None stands for what the file leaves
out and Strata then doesn't manage.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from strata.stackfile.model_cloudstack import (
    AddressRange,
    CloudStack,
    GuestNetwork,
    HypervisorCluster,
    HypervisorCredentials,
    HypervisorHost,
    Management,
    ObjectStore,
    PhysicalNetwork,
    Pod,
    PrimaryStorage,
    Staging,
    SystemVmTemplate,
    Traffic,
    Zone,
)
from strata.stackfile.model_drift import Drift
from strata.stackfile.model_swift import Swift, SwiftAccount, SwiftContainer
from strata.stackfile.values import Encrypted, Given, Outside, Secret, Timeouts

__all__ = [
    "AddressRange",
    "Autosize",
    "CloudStack",
    "Cluster",
    "Efficiency",
    "Encrypted",
    "ExistingPolicy",
    "ExportPolicy",
    "ExportRule",
    "Given",
    "Glance",
    "GlanceStore",
    "GuestNetwork",
    "Host",
    "HypervisorCluster",
    "HypervisorCredentials",
    "HypervisorHost",
    "Management",
    "Migration",
    "Mount",
    "ObjectStore",
    "Ontap",
    "Outside",
    "PhysicalNetwork",
    "Pod",
    "PrimaryStorage",
    "Secret",
    "SharedPolicy",
    "StackFile",
    "Staging",
    "Swift",
    "SwiftAccount",
    "SwiftContainer",
    "SystemVmTemplate",
    "Timeouts",
    "Traffic",
    "Volume",
    "Zone",
]


@dataclass(frozen=True)
class Cluster:
    """How an ONTAP cluster is reached."""

    name: str
    hostname: Given
    username: Given
    password: Secret
    port: Given = 443
    ca_file: str | None = None
    verify_tls: bool = True


@dataclass(frozen=True)
class Host:
    """How a host is reached by SSH."""

    name: str
    address: Given
    private_key: Secret
    host_key: Given
    port: Given = 22
    user: Given = "root"


@dataclass(frozen=True)
class ExportRule:
    """One rule of an export policy; `superuser` is always said, since ONTAP's own default is any."""

    clients: tuple[str, ...]
    protocols: tuple[str, ...] = ("nfs",)
    read_only: tuple[str, ...] = ("sys",)
    read_write: tuple[str, ...] = ("sys",)
    superuser: tuple[str, ...] = ("none",)
    anonymous_user: str | None = None
    allow_suid: bool | None = None
    allow_device_creation: bool | None = None


@dataclass(frozen=True)
class ExportPolicy:
    """An export policy that Strata makes; `key` is its name in the stack file, `name` the one on the SVM."""

    key: str
    cluster: str
    svm: str
    name: str
    rules: tuple[ExportRule, ...]
    adopt: bool = False
    timeouts: Timeouts = Timeouts()


@dataclass(frozen=True)
class SharedPolicy:
    """A policy under `strata:ontap.exportPolicies`."""

    key: str


@dataclass(frozen=True)
class ExistingPolicy:
    """A policy of the SVM that Strata leaves alone."""

    name: str


@dataclass(frozen=True)
class Efficiency:
    """Storage efficiency."""

    dedupe: str | None = None
    compression: str | None = None
    compaction: str | None = None
    cross_volume_dedupe: str | None = None
    policy: str | None = None


@dataclass(frozen=True)
class Autosize:
    """How far ONTAP may grow and shrink a volume by itself."""

    mode: str
    maximum: str | None = None
    minimum: str | None = None
    grow_threshold: int | None = None
    shrink_threshold: int | None = None


@dataclass(frozen=True)
class Volume:
    """An NFS volume; `key` is its name in the stack file, `name` the one on the cluster."""

    key: str
    cluster: str
    svm: str
    aggregate: str
    name: str
    size: str
    junction_path: str | None = None
    export_policy: ExportPolicy | SharedPolicy | ExistingPolicy | None = None
    efficiency: Efficiency | None = None
    guarantee: str | None = None
    snapshot_policy: str | None = None
    snapshot_reserve: int | None = None
    autosize: Autosize | None = None
    unix_permissions: str | None = None
    uid: int | None = None
    gid: int | None = None
    security_style: str | None = None
    comment: str | None = None
    qos_policy: str | None = None
    adopt: bool = False
    deletion: str = "recoveryQueue"
    protect: bool = True
    timeouts: Timeouts = Timeouts()


@dataclass(frozen=True)
class Mount:
    """An NFS mount on one or several hosts.

    volume          the key of the volume that is mounted; None for another server's export
    server, export  what stands before and behind the colon in fstab
    fsck_pass       `pass` in the stack file
    """

    key: str
    hosts: tuple[str, ...]
    volume: str | None
    server: str
    export: str
    path: str
    type: str = "nfs"
    options: tuple[str, ...] = ("defaults",)
    dump: int = 0
    fsck_pass: int = 0
    adopt: bool = False
    cover_files: bool = False
    timeouts: Timeouts = Timeouts()


@dataclass(frozen=True)
class GlanceStore:
    """Glance's filesystem store; `mount` is a key of the mounts, `directory` lies on it. None: a local directory."""

    mount: str | None
    directory: str
    config_file: str = "/etc/glance/glance-api.conf"
    section: str = "glance_store"
    service: str = "glance-api"
    owner: str = "glance"
    group: str = "glance"
    mode: str | None = None
    adopt: bool = False
    allow_images_left: bool = False
    timeouts: Timeouts = Timeouts()


@dataclass(frozen=True)
class Migration:
    """How images that are already there are moved to the store; `proof` is auto, all or a number in digits.

    switch  auto, reload or restart
    leave  ids of images whose file is lost
    """

    keep_source: bool = True
    workers: int = 8
    proof: str = "auto"
    switch: str = "auto"
    leave: tuple[str, ...] = ()
    timeouts: Timeouts = Timeouts()


@dataclass(frozen=True)
class Glance:
    """The hosts that run Glance's API, the first of which moves images, and the one store of all of them.

    migrate_from  directories from which images are moved to the store
    """

    hosts: tuple[str, ...]
    store: GlanceStore
    migrate_from: tuple[str, ...] = ()
    migration: Migration = Migration()


@dataclass(frozen=True)
class Ontap:
    """`strata:ontap`; the export policies are the shared ones, a volume's own are in the volume."""

    clusters: Mapping[str, Cluster] = field(default_factory=dict)
    export_policies: Mapping[str, ExportPolicy] = field(default_factory=dict)
    volumes: Mapping[str, Volume] = field(default_factory=dict)


@dataclass(frozen=True)
class StackFile:
    """One environment; everything by its key, in the order of the file."""

    ontap: Ontap = Ontap()
    hosts: Mapping[str, Host] = field(default_factory=dict)
    mounts: Mapping[str, Mount] = field(default_factory=dict)
    glance: Glance | None = None
    swift: Swift = Swift()
    cloudstack: CloudStack | None = None
    drift: Drift = Drift()

    @property
    def glance_mount(self) -> Mount | None:
        """The mount on which Glance's store lies; None where that is a local directory."""
        name = self.glance.store.mount if self.glance else None
        return self.mounts[name] if name else None
