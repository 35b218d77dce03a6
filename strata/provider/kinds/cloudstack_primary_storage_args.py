"""What may be declared of primary storage, and what is read back."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from strata.provider.fields import managed, output, replaces, setting
from strata.provider.kinds.cloudstack_cluster import hypervisor_name
from strata.provider.kinds.cloudstack_host_args import tags_alone


def nfs_url(text: str) -> str:
    """Canonical form of `nfs://server/path`: no doubled and no last slashes."""
    parts = urlsplit(text)
    path = posixpath.normpath(f"/{parts.path.strip('/')}")
    wrong = parts.scheme != "nfs" or not parts.hostname or path == "/" or ".." in parts.path.split("/")
    if wrong or "@" in parts.netloc or parts.query or parts.fragment:
        raise ValueError(
            f"found {text!r}; it is written nfs://SERVER/PATH, for example nfs://10.130.208.55/primary"
        )
    return f"nfs://{parts.netloc}{path}"


@dataclass(frozen=True)
class PrimaryStorageArgs:
    """What the user may declare."""

    zone: str = replaces("Id of the zone.", example="6d8c9b5e-4f11-4c55-9f7e-0e9d6f8c1a20")
    name: str = managed("Name of the storage.", example="primary1")
    url: str = replaces("Where it is: NFS.", example="nfs://10.130.208.55/primary", normalize=nfs_url)
    pod: str | None = replaces(
        "Id of the pod; left out where the scope is the zone.",
        example="3f5b6f5e-51a7-4a5f-9c6b-2a4f64a0e0b7",
        default=None,
    )
    cluster: str | None = replaces(
        "Id of the cluster; left out where the scope is the zone.",
        example="b8a7ef6c-9f80-4b52-8f0a-6f0e8d2f7f43",
        default=None,
    )
    scope: Literal["cluster", "zone"] = replaces(
        "Whose it is: one cluster's, or the whole zone's.", example="cluster", default="cluster"
    )
    hypervisor: str | None = replaces(
        "Hypervisor that uses it, for the scope zone; left out, it is that of the zone's clusters.",
        example="KVM",
        default=None,
        normalize=hypervisor_name,
    )
    tags: tuple[str, ...] | None = managed(
        "Tags by which offerings choose storage.",
        example=["fast"],
        default=None,
        normalize=tags_alone,
        unordered=True,
    )
    adopt: bool = setting(
        "Take over storage of that name or url that is there.", example=False, default=False
    )


@dataclass(frozen=True)
class PrimaryStorageOutputs:
    """What only CloudStack knows."""

    type: str = output("CloudStack's word for the kind of storage.", example="NetworkFilesystem", default="")
