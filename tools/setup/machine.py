"""What the machine must be before anything is begun, and the right to change it."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from tools.setup.refusal import SetupRefused

GIB = 1 << 30
DISK_NEEDED = 6 * GIB
"""Engine's build 3, packages 1, the lab's guest image 2."""


def require_architecture(system: str, machine: str) -> None:
    """The lab's guest and the engine's pins are for Linux on x86-64."""
    if system != "Linux" or machine not in ("x86_64", "amd64"):
        raise SetupRefused(
            f"Strata is set up on Linux on x86-64, and this is {system} on {machine}",
            "use a Debian 12 machine of that kind",
        )


def require_disk(folder: Path, free: int | None = None) -> None:
    """`free` is in bytes; it is asked of the file system of `folder` where it isn't given."""
    free = shutil.disk_usage(folder).free if free is None else free
    if free < DISK_NEEDED:
        raise SetupRefused(
            f"{folder} has {free / GIB:.1f} GiB free and set-up with the lab needs {DISK_NEEDED // GIB}",
            "free some space or move the checkout to a larger disk",
        )


def as_root(
    argv: Sequence[str], *, purpose: str, euid: int | None = None, sudo: str | None = None
) -> list[str]:
    """`argv` as it has to be run to have root's rights; refuses where there is no way to them."""
    euid = os.geteuid() if euid is None else euid
    if euid == 0:
        return list(argv)
    sudo = shutil.which("sudo") if sudo is None else sudo
    if not sudo:
        raise SetupRefused(f"{purpose} needs root, and there is no sudo", "run make setup as root once")
    # Without a terminal sudo could only wait for a password that never comes.
    ask = [] if sys.stdin is not None and sys.stdin.isatty() else ["-n"]
    return [sudo, *ask, *argv]
