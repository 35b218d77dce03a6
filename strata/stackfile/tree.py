"""A forgiving look at a document that may be wrong in many places at once.

The schema says what has the wrong type; checks across entries skip that and still find everything else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from strata.stackfile.located import Path

CLUSTERS: Final[Path] = ("config", "strata:ontap", "clusters")
POLICIES: Final[Path] = ("config", "strata:ontap", "exportPolicies")
VOLUMES: Final[Path] = ("config", "strata:ontap", "volumes")
HOSTS: Final[Path] = ("config", "strata:hosts")
MOUNTS: Final[Path] = ("config", "strata:mounts")
GLANCE: Final[Path] = ("config", "strata:glance")
STORE: Final[Path] = (*GLANCE, "store")
SWIFT_ACCOUNTS: Final[Path] = ("config", "strata:swift", "accounts")
CLOUDSTACK: Final[Path] = ("config", "strata:cloudstack")
OBJECT_STORE: Final[Path] = (*CLOUDSTACK, "objectStore")
CREDENTIALS: Final[Path] = (*CLOUDSTACK, "hypervisorCredentials")
ZONES: Final[Path] = (*CLOUDSTACK, "zones")


@dataclass(frozen=True)
class Entry:
    """One named object of a section."""

    name: str
    path: Path
    values: dict[str, Any]

    def text(self, key: str) -> str | None:
        """The value where it is a text."""
        value = self.values.get(key)
        return value if isinstance(value, str) else None

    def texts(self, key: str) -> Iterator[tuple[Path, str]]:
        """The texts of a list, with their places."""
        value = self.values.get(key)
        for i, item in enumerate(value if isinstance(value, list) else []):
            if isinstance(item, str):
                yield (*self.path, key, i), item

    def at(self, key: str) -> Path:
        """The path of one of its keys."""
        return (*self.path, key)

    def inner(self, key: str) -> Entry:
        """An object within it; without keys where there is none."""
        value = self.values.get(key)
        return Entry(key, (*self.path, key), value if isinstance(value, dict) else {})


@dataclass(frozen=True)
class Tree:
    """The whole document."""

    data: Any

    def at(self, path: Path) -> Any:
        """The value at a path; None where there is none."""
        node = self.data
        for step in path:
            node = node.get(step) if isinstance(node, dict) else None
        return node

    def names(self, path: Path) -> set[str]:
        """The keys of a section."""
        section = self.at(path)
        return set(section) if isinstance(section, dict) else set()

    def entries(self, path: Path) -> list[Entry]:
        """The objects of a section."""
        section = self.at(path)
        if not isinstance(section, dict):
            return []
        return [
            Entry(name, (*path, name), values) for name, values in section.items() if isinstance(values, dict)
        ]

    def entry(self, path: Path) -> Entry | None:
        """One object; None where there is none."""
        values = self.at(path)
        return Entry(str(path[-1]), path, values) if isinstance(values, dict) else None


def home(entry: Entry, tree: Tree) -> tuple[str, str] | None:
    """Cluster and SVM of a volume or policy; None where they aren't known."""
    clusters = tree.names(CLUSTERS)
    cluster = entry.text("cluster") or (next(iter(clusters)) if len(clusters) == 1 else None)
    svm = entry.text("svm")
    return (cluster, svm) if cluster and svm else None


def hosts_of(mount: Entry) -> list[tuple[Path, str]]:
    """The hosts that a mount names, with their places."""
    single = mount.text("host")
    return [(mount.at("host"), single)] if single else list(mount.texts("hosts"))


def clusters_of(zone: Entry, tree: Tree) -> list[Entry]:
    """The hypervisor clusters of all pods of a zone."""
    pods = tree.entries(zone.at("pods"))
    return [cluster for pod in pods for cluster in tree.entries(pod.at("clusters"))]
