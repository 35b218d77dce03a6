"""The cluster as it is delivered: one node, one SVM with NFS and a data LIF, two aggregates, the built-in policies."""

from __future__ import annotations

import uuid

from lab.ontap.config import Config
from lab.ontap.model import Document
from lab.ontap.store import Store
from lab.ontap.timestamps import timestamp


def seeded(config: Config) -> Store:
    """A new system's records."""
    store = Store(config.state_file)
    node = _named(f"{config.cluster}-01")
    svm = _named(config.svm)
    _add(store, "cluster", {**_named(config.cluster), "contact": "", "location": "lab"})
    _add(
        store,
        "nodes",
        {
            **node,
            "state": "up",
            "model": "SIMBOX",
            "serial_number": "4048820-60-9",
            "location": "lab",
            "uptime": 0,
        },
    )
    aggregates = [_named("aggr1"), _named("aggr2")]
    for aggregate in aggregates:
        _add(store, "aggregates", _aggregate(aggregate, node, config.aggregate_size))
    _add(store, "svms", _svm(svm, aggregates))
    _add(store, "nfs_services", _nfs_service(svm), key=svm["uuid"])
    _add(store, "lifs", _lif(svm, node, config.lif_address))
    _policies(store, svm)
    _add(store, "volumes", _root_volume(store, svm, aggregates[0], timestamp(config.clock.now())))
    return store


def _named(name: str) -> Document:
    return {"uuid": str(uuid.uuid4()), "name": name}


def _add(store: Store, table: str, document: Document, key: str | None = None) -> None:
    store.table(table)[key or str(document["uuid"])] = document


def _of(parent: str, record: Document) -> Document:
    return {f"{parent}.name": record["name"], f"{parent}.uuid": record["uuid"]}


def _aggregate(aggregate: Document, node: Document, size: int) -> Document:
    return {
        **aggregate,
        **_of("node", node),
        **_of("home_node", node),
        "state": "online",
        "space.block_storage.size": size,
        "block_storage.primary.disk_class": "performance",
        "block_storage.primary.disk_type": "fcal",
        "block_storage.primary.raid_type": "raid_dp",
        "block_storage.storage_type": "hdd",
        "block_storage.mirror.enabled": False,
        "block_storage.hybrid_cache.enabled": False,
        "snaplock_type": "non_snaplock",
    }


def _svm(svm: Document, aggregates: list[Document]) -> Document:
    return {
        **svm,
        "state": "running",
        "subtype": "default",
        "language": "c.utf_8",
        "comment": "",
        "ipspace.name": "Default",
        "ipspace.uuid": str(uuid.uuid4()),
        "aggregates": [dict(each) for each in aggregates],
        "nfs.allowed": True,
        "nfs.enabled": True,
        "cifs.allowed": True,
        "cifs.enabled": False,
        "iscsi.allowed": True,
        "iscsi.enabled": False,
        "snapshot_policy.name": "default",
    }


def _nfs_service(svm: Document) -> Document:
    return {
        **_of("svm", svm),
        "enabled": True,
        "state": "online",
        "protocol.v3_enabled": True,
        "protocol.v40_enabled": True,
        "protocol.v41_enabled": True,
        "protocol.v41_features.pnfs_enabled": False,
        "protocol.v4_id_domain": "defaultv4iddomain.com",
        "transport.tcp_enabled": True,
        "transport.udp_enabled": True,
        "vstorage_enabled": False,
    }


def _lif(svm: Document, node: Document, address: str) -> Document:
    return {
        **_named("lif_nfs_1"),
        **_of("svm", svm),
        "ip.address": address,
        "ip.netmask": "24",
        "ip.family": "ipv4",
        "enabled": True,
        "state": "up",
        "scope": "svm",
        "services": ["data_core", "data_nfs"],
        "service_policy.name": "default-data-files",
        **_of("location.node", node),
        **_of("location.home_node", node),
        "location.home_port.name": "e0d",
        "location.port.name": "e0d",
        "location.is_home": True,
    }


def _policies(store: Store, svm: Document) -> None:
    for name in ("default", "none"):
        policy = {**_named(name), "enabled": name != "none", "scope": "cluster", "comment": ""}
        _add(store, "snapshot_policies", policy)
    for name, schedule in (("auto", "auto"), ("default", "daily"), ("inline-only", "-")):
        policy = {**_named(name), **_of("svm", svm), "enabled": True, "type": "scheduled"}
        _add(store, "efficiency_policies", {**policy, "schedule.name": schedule})
    number = store.next_number("export_policies")
    _add(store, "export_policies", {"id": number, "name": "default", **_of("svm", svm)}, key=str(number))


def _root_volume(store: Store, svm: Document, aggregate: Document, now: str) -> Document:
    policy = store.find("export_policies", "name", "default")
    snapshots = store.find("snapshot_policies", "name", "default")
    assert policy
    assert snapshots
    size = 2**30
    return {
        **_named(svm["name"].replace("-", "_") + "_root"),
        **_of("svm", svm),
        "aggregates": [dict(aggregate)],
        "size": size,
        "state": "online",
        "type": "rw",
        "style": "flexvol",
        "language": "c.utf_8",
        "comment": "",
        "create_time": now,
        "is_svm_root": True,
        "snapshot_policy.uuid": snapshots["uuid"],
        "nas.path": "/",
        "nas.export_policy.id": policy["id"],
        "nas.security_style": "unix",
        "nas.uid": 0,
        "nas.gid": 0,
        "nas.unix_permissions": 755,
        "guarantee.type": "volume",
        "space.snapshot.reserve_percent": 5,
        "autosize.mode": "off",
        "autosize.grow_threshold": 85,
        "autosize.shrink_threshold": 50,
        "efficiency.dedupe": "none",
        "efficiency.compression": "none",
        "efficiency.compaction": "none",
        "efficiency.cross_volume_dedupe": "none",
    }
