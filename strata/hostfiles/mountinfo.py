"""/proc/self/mountinfo: what the kernel has mounted where, and how that fits with the options of an fstab line.

Source: proc_pid_mountinfo(5), nfs(5), mount(8).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from strata.hostfiles import split_lines
from strata.hostfiles.fstab import DEFAULTS, same_path, unescape


@dataclass(frozen=True)
class KernelMount:
    """One mount as the kernel reports it; `options` are those of the mount and of its file system together."""

    source: str
    mount_point: str
    type: str
    options: frozenset[str]

    @property
    def is_nfs(self) -> bool:
        return self.type in ("nfs", "nfs4")

    def fits(self, type: str) -> bool:
        """Whether fstab's type gives this mount; `nfs` leaves the version open."""
        return self.type == "nfs4" if type == "nfs4" else self.is_nfs if type == "nfs" else self.type == type


def server_and_export(source: str) -> tuple[str, str]:
    """`10.130.208.55:/images` in its two parts; ("", source) for what comes from no server."""
    server, found, export = source.rpartition(":/")
    return (server, same_path(f"/{export}")) if found else ("", source)


def parse(text: str) -> list[KernelMount]:
    """Every mount, in the kernel's order (a later one covers an earlier one at the same place)."""
    mounts: list[KernelMount] = []
    for line in split_lines(text):
        left, found, right = line.rstrip("\n").partition(" - ")
        here, there = left.split(" "), right.split(" ")
        if not found or len(here) < 6 or len(there) < 3:
            continue
        options = frozenset([*here[5].split(","), *there[2].split(",")])
        # Either level may say `ro`, and then nothing can be written, whatever the other one says.
        effective = options - {"rw"} if "ro" in options else options
        mounts.append(KernelMount(unescape(there[1]), unescape(here[4]), there[0], effective))
    return mounts


def at(mounts: Iterable[KernelMount], path: str) -> KernelMount | None:
    """What is mounted at exactly that path, the topmost one."""
    found = [mount for mount in mounts if mount.mount_point == same_path(path)]
    return found[-1] if found else None


def holding(mounts: Iterable[KernelMount], path: str) -> KernelMount | None:
    """The mount in which that path lies."""
    path = same_path(path)
    over = [
        one for one in mounts if path == one.mount_point or path.startswith(one.mount_point.rstrip("/") + "/")
    ]
    return max(reversed(over), key=lambda mount: len(mount.mount_point), default=None)


_OPPOSITES: Final = (
    ("rw", "ro"),
    ("suid", "nosuid"),
    ("dev", "nodev"),
    ("exec", "noexec"),
    ("hard", "soft"),
    ("hard", "softerr"),
    ("async", "sync"),
    ("diratime", "nodiratime"),
    ("cto", "nocto"),
    ("ac", "noac"),
    ("lock", "nolock"),
    ("rdirplus", "nordirplus"),
    ("sharecache", "nosharecache"),
    ("resvport", "noresvport"),
    ("atime", "noatime"),
    ("relatime", "noatime"),
    ("strictatime", "noatime"),
)
"""(usual, unusual): the kernel shows the unusual one of a pair, and often nothing for the usual one."""

_SHOWN_WHEN_SET: Final = {"nosuid", "nodev", "noexec", "noatime", "nodiratime", "soft", "softerr"}
"""Options that the kernel never leaves out, so that their absence says that they are not in force."""

_NUMBERS: Final = {
    "rsize",
    "wsize",
    "timeo",
    "retrans",
    "acregmin",
    "acregmax",
    "acdirmin",
    "acdirmax",
    "nconnect",
    "sec",
    "proto",
}

FLAGS: Final = frozenset(
    {
        "rw",
        "ro",
        "suid",
        "nosuid",
        "dev",
        "nodev",
        "exec",
        "noexec",
        "relatime",
        "noatime",
        "diratime",
        "nodiratime",
    }
)
"""Options that `mount -o remount` changes on a mounted NFS file system; any other needs umount and mount."""


def _expanded(options: Iterable[str]) -> list[str]:
    """The options with `defaults` spelt out; of two that exclude each other the later one counts, as for mount(8)."""
    effective: list[str] = []
    for option in options:
        for one in sorted(DEFAULTS) if option == "defaults" else [option]:
            opposite = {b if a == one else a for a, b in _OPPOSITES if one in (a, b)}
            key = one.partition("=")[0] + "=" if "=" in one else None
            effective = [
                e for e in effective if e != one and e not in opposite and not (key and e.startswith(key))
            ]
            effective.append(one)
    return effective


def contradictions(options: Iterable[str], mount: KernelMount) -> dict[str, str]:
    """Each option that the kernel shows otherwise: option -> what the kernel has in force."""
    found: dict[str, str] = {}
    for option in _expanded(options):
        actual = _in_force(option, mount.options)
        if actual is not None:
            found[option] = actual
    return found


def _in_force(option: str, kernel: frozenset[str]) -> str | None:
    """What the kernel has in force in place of the option; None when the option holds or the kernel says nothing of it."""
    name, has_value, value = option.partition("=")
    if has_value:
        return _value_in_force(name, value, kernel)
    for usual, unusual in _OPPOSITES:
        if option == usual and unusual in kernel:
            return unusual
    if option in kernel:
        return None
    if option == "ro":
        return "rw"
    if option in _SHOWN_WHEN_SET:
        opposites = [a for a, b in _OPPOSITES if b == option]
        return next((one for one in opposites if one in kernel), opposites[0])
    return None


def _value_in_force(name: str, value: str, kernel: frozenset[str]) -> str | None:
    shown = dict(one.split("=", 1) for one in kernel if "=" in one)
    if name in ("vers", "nfsvers"):
        actual = shown.get("vers")
        # `vers=4` leaves the minor version to client and server.
        fits = actual is None or actual == value or (value == "4" and actual.startswith("4."))
        return None if fits else f"{name}={actual}"
    if name in _NUMBERS and name in shown and shown[name] != value:
        return f"{name}={shown[name]}"
    return None


def in_force(option: str, mount: KernelMount) -> bool:
    """Whether the kernel shows exactly that option, so that dropping it from fstab asks for a new mount."""
    if option.startswith("nfsvers="):
        option = option.replace("nfsvers=", "vers=", 1)
    return option in mount.options
