"""What the cluster has and the emulator only shows: cluster, nodes, SVMs, aggregates, LIFs, built-in policies."""

from __future__ import annotations

from collections.abc import Collection as Names

from lab.ontap.errors import OntapError
from lab.ontap.model import Change, Collection, Document, Field, Shape
from lab.ontap.system import System
from lab.ontap.volume_checks import committed

_RELEASE = (
    Field("version.full"),
    Field("version.generation", shape=Shape.INTEGER),
    Field("version.major", shape=Shape.INTEGER),
    Field("version.minor", shape=Shape.INTEGER),
)

CLUSTER = Collection(
    table="cluster",
    path="/api/cluster",
    keys=("uuid",),
    identity=("uuid", "name"),
    single=True,
    fields=(Field("uuid"), Field("name"), Field("contact"), Field("location"), *_RELEASE),
    unmodelled=("management_interfaces", "peering_policy", "statistics", "metric", "timezone", "certificate"),
)

NODES = Collection(
    table="nodes",
    path="/api/cluster/nodes",
    keys=("uuid",),
    identity=("uuid", "name"),
    fields=(
        Field("uuid"),
        Field("name"),
        Field("state"),
        Field("model"),
        Field("serial_number"),
        Field("location"),
        Field("uptime", shape=Shape.INTEGER),
        *_RELEASE,
    ),
    unmodelled=("controller", "ha", "management_interfaces", "membership", "statistics", "metric"),
)

SVMS = Collection(
    table="svms",
    path="/api/svm/svms",
    keys=("uuid",),
    identity=("uuid", "name"),
    references={"aggregates": "/api/storage/aggregates"},
    fields=(
        Field("uuid"),
        Field("name"),
        Field("state"),
        Field("subtype"),
        Field("language"),
        Field("comment"),
        Field("ipspace.name"),
        Field("ipspace.uuid"),
        Field("aggregates", shape=Shape.OBJECTS),
        Field("snapshot_policy.name"),
        *(Field(f"{each}.allowed", shape=Shape.FLAG) for each in ("nfs", "cifs", "iscsi")),
        *(Field(f"{each}.enabled", shape=Shape.FLAG) for each in ("nfs", "cifs", "iscsi")),
    ),
    unmodelled=(
        "certificate",
        "dns",
        "fcp",
        "ip_interfaces",
        "ldap",
        "max_volumes",
        "nis",
        "nsswitch",
        "nvme",
        "s3",
    ),
)

AGGREGATES = Collection(
    table="aggregates",
    path="/api/storage/aggregates",
    keys=("uuid",),
    identity=("uuid", "name"),
    references={"node": "/api/cluster/nodes", "home_node": "/api/cluster/nodes"},
    fields=(
        Field("uuid"),
        Field("name"),
        Field("state"),
        Field("snaplock_type"),
        *(Field(f"{each}.{part}") for each in ("node", "home_node") for part in ("name", "uuid")),
        *(Field(f"space.block_storage.{each}", shape=Shape.SIZE) for each in ("size", "available", "used")),
        *(Field(f"block_storage.primary.{each}") for each in ("disk_class", "disk_type", "raid_type")),
        Field("block_storage.storage_type"),
        Field("block_storage.mirror.enabled", shape=Shape.FLAG),
        Field("block_storage.hybrid_cache.enabled", shape=Shape.FLAG),
    ),
    unmodelled=("cloud_storage", "data_encryption", "metric", "statistics", "space", "volume-count", "_tags"),
)

CLOUD_STORES = Collection(
    table="cloud_stores",
    path="/api/storage/aggregates/{aggregate.uuid}/cloud-stores",
    keys=("aggregate.uuid", "target.uuid"),
    identity=("target.uuid",),
    fields=(
        Field("aggregate.uuid"),
        Field("target.uuid"),
        Field("target.name"),
        Field("primary", shape=Shape.FLAG),
    ),
    unmodelled=("aggregate", "availability", "mirror_degraded", "unreclaimed_space_threshold", "used"),
)

_NODE_REFERENCES = ("location.node", "location.home_node")
LIFS = Collection(
    table="lifs",
    path="/api/network/ip/interfaces",
    keys=("uuid",),
    identity=("uuid", "name"),
    references={"svm": "/api/svm/svms", **dict.fromkeys(_NODE_REFERENCES, "/api/cluster/nodes")},
    fields=(
        Field("uuid"),
        Field("name"),
        Field("svm.name"),
        Field("svm.uuid"),
        Field("ip.address"),
        Field("ip.netmask"),
        Field("ip.family"),
        Field("enabled", shape=Shape.FLAG),
        Field("state"),
        Field("scope"),
        Field("services", shape=Shape.TEXTS),
        Field("service_policy.name"),
        *(Field(f"{each}.{part}") for each in _NODE_REFERENCES for part in ("name", "uuid")),
        Field("location.home_port.name"),
        Field("location.port.name"),
        Field("location.is_home", shape=Shape.FLAG),
    ),
    unmodelled=("ipspace", "subnet", "vip", "dns_zone", "statistics", "metric", "location", "service_policy"),
)

SNAPSHOT_POLICIES = Collection(
    table="snapshot_policies",
    path="/api/storage/snapshot-policies",
    keys=("uuid",),
    identity=("uuid", "name"),
    fields=(
        Field("uuid"),
        Field("name"),
        Field("enabled", shape=Shape.FLAG),
        Field("scope"),
        Field("comment"),
    ),
    unmodelled=("copies", "svm"),
)

EFFICIENCY_POLICIES = Collection(
    table="efficiency_policies",
    path="/api/storage/volume-efficiency-policies",
    keys=("uuid",),
    identity=("uuid", "name"),
    references={"svm": "/api/svm/svms"},
    fields=(
        Field("uuid"),
        Field("name"),
        Field("svm.name"),
        Field("svm.uuid"),
        Field("enabled", shape=Shape.FLAG),
        Field("type"),
        Field("schedule.name"),
    ),
    unmodelled=("comment", "duration", "qos_policy", "start_threshold_percent"),
)


class Shown:
    """Records that can only be read."""

    def view(self, system: System, document: Document, asked: Names[str]) -> Document:
        """As stored."""
        return dict(document)

    def check(self, system: System, change: Change) -> Change:
        """Nothing can be written here."""
        raise OntapError("3", "The lab does not emulate writing to this collection.")

    def apply(self, system: System, change: Change) -> None:
        """Nothing can be written here."""
        raise OntapError("3", "The lab does not emulate writing to this collection.")


class Released(Shown):
    """The cluster and its nodes: with the ONTAP version that the settings say."""

    def view(self, system: System, document: Document, asked: Names[str]) -> Document:
        """With the version (Ansible reads full, generation, major and minor)."""
        generation, major, minor = (int(each) for each in (system.settings.version + ".0.0").split(".")[:3])
        return {
            **document,
            "version.full": f"NetApp Release {system.settings.version}: Tue Jan 09 12:00:00 UTC 2024",
            "version.generation": generation,
            "version.major": major,
            "version.minor": minor,
        }


class Aggregates(Shown):
    """With what guaranteed volumes have taken."""

    def view(self, system: System, document: Document, asked: Names[str]) -> Document:
        """Size, used and available."""
        used = committed(system.store, document["uuid"])
        free = document["space.block_storage.size"] - used
        return {**document, "space.block_storage.used": used, "space.block_storage.available": free}


class Svms(Shown):
    """With the room in each assigned aggregate, and NFS as its service says."""

    def view(self, system: System, document: Document, asked: Names[str]) -> Document:
        """Manila reads `aggregates.available_size`."""
        aggregates = []
        for each in document["aggregates"]:
            size = system.store.table("aggregates")[each["uuid"]]["space.block_storage.size"]
            aggregates.append({**each, "available_size": size - committed(system.store, each["uuid"])})
        service = system.store.table("nfs_services").get(document["uuid"], {})
        return {**document, "aggregates": aggregates, "nfs.enabled": service.get("enabled", False)}
