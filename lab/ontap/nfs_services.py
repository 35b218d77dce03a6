"""The NFS service of an SVM: can be read, switched on and off. Source: facts: ontap 2 (NFS service) and 8."""

from __future__ import annotations

from collections.abc import Collection as Names

from lab.ontap.errors import OntapError
from lab.ontap.model import Change, Collection, Document, Field, Shape
from lab.ontap.system import System

_VERSIONS = ("protocol.v3_enabled", "protocol.v40_enabled", "protocol.v41_enabled")

NFS_SERVICES = Collection(
    table="nfs_services",
    path="/api/protocols/nfs/services",
    keys=("svm.uuid",),
    identity=("svm.uuid", "svm.name"),
    verbs=frozenset({"read", "modify"}),
    references={"svm": "/api/svm/svms"},
    fields=(
        Field("svm.name"),
        Field("svm.uuid"),
        Field("enabled", "c", Shape.FLAG),
        Field("state"),
        *(Field(name, "c", Shape.FLAG) for name in _VERSIONS),
        Field("protocol.v41_features.pnfs_enabled", shape=Shape.FLAG),
        Field("protocol.v4_id_domain", "c"),
        Field("transport.tcp_enabled", shape=Shape.FLAG),
        Field("transport.udp_enabled", shape=Shape.FLAG),
        Field("vstorage_enabled", shape=Shape.FLAG),
    ),
    unmodelled=(
        "protocol",
        "transport",
        "root",
        "security",
        "windows",
        "statistics",
        "metric",
        "qtree",
        "exports",
    ),
)


class NfsServices:
    """The behaviour of /api/protocols/nfs/services. The key is the SVM's uuid."""

    def view(self, system: System, document: Document, asked: Names[str]) -> Document:
        """As stored; a service that is off is offline."""
        return {**document, "state": "online" if document["enabled"] else "offline"}

    def check(self, system: System, change: Change) -> Change:
        """Judge the request."""
        if change.key not in system.store.table("nfs_services"):
            raise OntapError("4", f"entry doesn't exist (NFS service of SVM {change.key})", "svm.uuid")
        return change

    def apply(self, system: System, change: Change) -> None:
        """Do it; without a job."""
        system.store.table("nfs_services")[change.key].update(change.body)
