"""Glance's start is most of the downtime: how long it takes to load here, and its files in the host's memory beforehand."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

MODULES: Final = (
    "glance.api.v2.router",
    "glance.api.versions",
    "glance.api.middleware.context",
    "glance.api.middleware.version_negotiation",
    "glance_store._drivers.filesystem",
    "keystonemiddleware.auth_token",
)
"""What a start loads besides glance.cmd.api; a site may lack one or another of them."""

MOST: Final = 20_000
"""As many files are asked for: there are hosts with more than Glance on them."""

_CHILD: Final = """
import glance.cmd.api
import importlib
for name in {modules!r}:
    try:
        importlib.import_module(name)
    except Exception:
        pass
"""


def load(seconds: float = 300) -> float | None:
    """Loads it in a child of this interpreter and says how long that took; None where it can't be loaded so."""
    began = time.monotonic()
    try:
        child = subprocess.run(
            [sys.executable, "-c", _CHILD.format(modules=MODULES)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=seconds,
            cwd="/",
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return round(time.monotonic() - began, 3) if child.returncode == 0 else None


def warm(paths: Sequence[str] | None = None) -> int:
    """Lets the kernel read this interpreter's packages, which a copy of many images has driven out of its memory; says how many.

    Only asks for it: the kernel reads while we go on.
    """
    count = 0
    for top in dict.fromkeys(sys.path if paths is None else paths):
        for folder, _, names in os.walk(top) if os.path.isdir(top) else ():
            for name in names:
                if name.endswith((".pyc", ".so")) or name == "entry_points.txt":
                    _ask(os.path.join(folder, name))
                    count += 1
            if count > MOST:
                return count
    return count


def _ask(path: str) -> None:
    with suppress(OSError):
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_WILLNEED)
        finally:
            os.close(handle)
