"""Whether the new directory lies on the volume that was declared, and what room is there."""

from __future__ import annotations

import os
import secrets

from strata.hostfiles import decode, mountinfo
from strata.migration.failure import words

MOUNTINFO = "/proc/self/mountinfo"


def mounted(directory: str, expected: str | None, at: str | None, text: str) -> list[str]:
    """Sentences about a mount that is not the right one. expected: `server:/export`; at: where it shall be mounted.

    Without an expected source any directory will do: the way back leads to a local one.
    """
    if expected is None:
        return []
    mounts = mountinfo.parse(text)
    holding = mountinfo.at(mounts, at) if at else mountinfo.holding(mounts, os.path.realpath(directory))
    if holding is None:
        return [
            f"Nothing is mounted at {at}, where {expected} was expected. Mount it (`mount {at}`) and repeat."
        ]
    wanted, there = mountinfo.server_and_export(expected), mountinfo.server_and_export(holding.source)
    if wanted != there:
        what = f"{directory} lies on {holding.source} (mounted at {holding.mount_point}), and {expected} was expected."
        return [f"{what} Unmount what is there, mount the right one and repeat."]
    if "ro" in holding.options:
        return [
            f"{holding.source} is mounted read-only at {holding.mount_point}. Mount it with `rw` and repeat."
        ]
    return []


def absent(directory: str, at: str | None) -> bool:
    """Whether the new place is still to come: no such directory, or its volume is not mounted yet."""
    return not os.path.isdir(directory) or (
        at is not None and mountinfo.at(mountinfo.parse(kernel_mounts()), at) is None
    )


def kernel_mounts() -> str:
    """What the kernel has mounted."""
    with open(MOUNTINFO, "rb") as file:
        return decode(file.read())


def writable(directory: str) -> list[str]:
    """Writes, syncs and removes a file there: no table of modes tells what an export's rule allows."""
    probe = os.path.join(directory, f".strata-probe-{secrets.token_hex(4)}")
    try:
        handle = os.open(probe, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            os.write(handle, b"strata")
            os.fsync(handle)
        finally:
            os.close(handle)
            os.unlink(probe)
    except OSError as error:
        return [
            f"{directory} can't be written to: {words(error)}. See the export policy's rule and the mount's options, and repeat."
        ]
    return []


def shows(directory: str, other: str) -> bool:
    """Whether a file made in one of them appears in the other: one export may be mounted twice, as two devices.

    Directories of different numbers are two; those of two volumes may have the same.
    """
    if _number(directory) != _number(other):
        return False
    name = f".strata-probe-{secrets.token_hex(8)}"
    probe = os.path.join(directory, name)
    os.close(os.open(probe, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    try:
        return os.path.lexists(os.path.join(other, name))
    finally:
        os.unlink(probe)


def _number(directory: str) -> int:
    return os.stat(directory).st_ino


def free_above(directory: str) -> int:
    """Bytes that are free where a directory that is still to come will lie."""
    while not os.path.isdir(directory):
        directory = os.path.dirname(directory)
    return free(directory)


def free(directory: str) -> int:
    """Bytes that are free there."""
    there = os.statvfs(directory)
    return there.f_bavail * there.f_frsize
