"""Named points of the move where a test stops the program, flips a byte or fills the volume. In service nothing hangs there."""

from __future__ import annotations

from typing import Callable, Final  # noqa: UP035  (the host may have Python 3.9)

NAMES: Final = (
    "state.written",
    "copy.started",
    "copy.half",
    "copy.written",
    "copy.verified",
    "copy.renamed",
    "copy.recorded",
    "delta.removed",
    "locate.saved",
    "locate.updated",
    "locate.committed",
    "restore.updated",
    "restore.committed",
    "prune.removed",
    "probe.uploaded",
    "file.staged",
    "guard.written",
    "cutover.prepared",
    "cutover.ready",
    "cutover.stopped",
    "setting.written",
    "switch.located",
    "switch.told",
    "switch.drained",
    "cutover.started",
    "cutover.answered",
    "rollback.setting",
    "rollback.running",
)

HOOKS: Final[dict[str, Callable[[str], None]]] = {}


def reach(name: str, path: str = "") -> None:
    """Says that the point is reached, with the file that is worked on."""
    hook = HOOKS.get(name)
    if hook is not None:
        hook(path)
