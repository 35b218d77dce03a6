"""How long Glance's own program takes to load here; afterwards its files are in the host's memory, and a start is quicker."""

from __future__ import annotations

import subprocess
import sys
import time
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
