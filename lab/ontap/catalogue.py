"""Every collection the emulator has, with its behaviour, and which one a path means."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lab.ontap.export_policies import EXPORT_POLICIES, ExportPolicies
from lab.ontap.export_rules import EXPORT_RULES, ExportRules
from lab.ontap.inventory import (
    AGGREGATES,
    CLOUD_STORES,
    CLUSTER,
    EFFICIENCY_POLICIES,
    LIFS,
    NODES,
    SNAPSHOT_POLICIES,
    SVMS,
    Aggregates,
    Released,
    Shown,
    Svms,
)
from lab.ontap.jobs import JOBS, JobRecords
from lab.ontap.model import Collection
from lab.ontap.nfs_services import NFS_SERVICES, NfsServices
from lab.ontap.qos_policies import QOS_POLICIES, QosPolicies
from lab.ontap.system import Records
from lab.ontap.volume_fields import VOLUMES
from lab.ontap.volumes import Volumes

_ALL: tuple[tuple[Collection, Records], ...] = (
    (CLUSTER, Released()),
    (NODES, Released()),
    (JOBS, JobRecords()),
    (SVMS, Svms()),
    (AGGREGATES, Aggregates()),
    (CLOUD_STORES, Shown()),
    (VOLUMES, Volumes()),
    (QOS_POLICIES, QosPolicies()),
    (SNAPSHOT_POLICIES, Shown()),
    (EFFICIENCY_POLICIES, Shown()),
    (EXPORT_POLICIES, ExportPolicies()),
    (EXPORT_RULES, ExportRules()),
    (NFS_SERVICES, NfsServices()),
    (LIFS, Shown()),
)

COLLECTIONS: tuple[Collection, ...] = tuple(collection for collection, _ in _ALL)
RECORDS: dict[str, Records] = {collection.table: records for collection, records in _ALL}


@dataclass(frozen=True)
class Target:
    """What a path means. `parent` is the key in front (a policy's id, an aggregate's uuid), `key` the record's own."""

    collection: Collection
    parent: str | None = None
    key: str | None = None

    @property
    def full_key(self) -> str:
        """The key in the table: `<parent>/<key>` where there is a parent."""
        return "/".join(each for each in (self.parent, self.key or "") if each is not None)


def resolve(path: str) -> Target | None:
    """The target of a path, with or without a trailing slash."""
    trimmed = path.rstrip("/")
    for collection in COLLECTIONS:
        pattern = re.sub(r"\\{[^}]*\\}", "(?P<parent>[^/]+)", re.escape(collection.path))
        key = "" if collection.single else "(?:/(?P<key>[^/]+))?"
        match = re.fullmatch(pattern + key, trimmed)
        if match is not None:
            found = match.groupdict()
            return Target(collection, found.get("parent"), found.get("key"))
    return None
