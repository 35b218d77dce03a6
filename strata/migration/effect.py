"""With which directory the running service takes images, where its environment does not tell: it was told while it ran.

The note stands beside the process that it is about, so that it says nothing of the next one, and on no disk: after a boot or a
restart the drop-in's environment variable speaks again. strata.clients.glance_scripts reads it.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Final

from strata.migration.workers import Process

FOLDER: Final = ["/run/strata"]


def note(service: str, main: Process, directory: str | None) -> None:
    """directory: None where no drop-in of ours is there any more."""
    path = os.path.join(FOLDER[0], f"reloaded-{service}")
    # Without the note the store only counts as not in effect yet, and its next run restarts Glance.
    with suppress(OSError):
        os.makedirs(FOLDER[0], mode=0o755, exist_ok=True)
        with open(f"{path}.new", "w", encoding="utf-8", errors="surrogateescape") as out:
            out.write(f"{main.pid} {main.started}\n{directory or ''}\n")
        os.replace(f"{path}.new", path)
