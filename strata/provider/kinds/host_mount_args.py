"""What may be declared of a mount, and what is read back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from strata.hostfiles import fstab
from strata.provider.fields import managed, output, replaces, setting

if TYPE_CHECKING:
    from strata.clients.host import HostClient


class Hosts(Protocol):
    """What this kind needs of the provider's connections."""

    def host(self, name: str) -> HostClient:
        """The client of a host of the stack file."""


def absolute_path(text: str) -> str:
    """Canonical form of a path on a host: absolute, without doubled and last slashes."""
    if not text.startswith("/") or ".." in text.split("/") or re.search(r"[\x00-\x1f]", text):
        raise ValueError(
            f"found {text!r}; it must be an absolute path without `..`, for example /glance/images"
        )
    return fstab.same_path(text)


def as_path(text: str) -> str:
    """Canonical form of what somebody else has written down as a path; what is none stays as it is."""
    try:
        return absolute_path(text)
    except ValueError:
        return text


def _server(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]", text):
        raise ValueError(
            f"found {text!r}; it must be an address or a host name, IPv6 in brackets, for example 10.130.208.55"
        )
    return text


def _type(text: str) -> str:
    if text not in ("nfs", "nfs4"):
        raise ValueError(f"found {text!r}; allowed are 'nfs', 'nfs4'")
    return text


def _options(options: tuple[str, ...]) -> tuple[str, ...]:
    for option in options:
        if not option or re.search(r"[\s,\x00-\x1f]", option):
            raise ValueError(
                f"found {option!r}; each option stands by itself, without commas and blanks, for example soft"
            )
    return options or ("defaults",)


@dataclass(frozen=True)
class MountArgs:
    """What the user may declare."""

    host: str = replaces("Name of the host under strata:hosts.", example="tkstack")
    path: str = replaces("Mount point on the host.", example="/glance/images", normalize=absolute_path)
    server: str = managed(
        "Address of the data LIF, or of another NFS server.", example="10.130.208.55", normalize=_server
    )
    export: str = managed(
        "What the server exports: the volume's junction path.", example="/images", normalize=absolute_path
    )
    type: str = managed(
        "File system type in fstab; the kernel's nfs4 counts as nfs.",
        example="nfs",
        default="nfs",
        normalize=_type,
    )
    options: tuple[str, ...] = managed(
        "Mount options; their order does not matter. Each that the kernel shows is checked against it.",
        example=["defaults"],
        default=("defaults",),
        normalize=_options,
        unordered=True,
    )
    dump: int = managed("Fifth field of the fstab line.", example=0, default=0)
    fsck_pass: int = managed("Sixth field of the fstab line.", example=0, default=0)
    mounted: bool = managed(
        "Whether it is mounted now, not only at the next boot.", example=True, default=True
    )
    fstab_lines: int = managed("Lines for this mount point in fstab; always 1.", example=1, default=1)
    adopt: bool = setting(
        "Take over another line or mount that is there for this path.", example=False, default=False
    )
    cover_files: bool = setting("Mount over files that lie in the mount point.", example=False, default=False)


@dataclass(frozen=True)
class MountOutputs:
    """What only the host knows."""

    unit: str = output("The mount's systemd unit.", example="glance-images.mount")
