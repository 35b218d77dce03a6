"""`python3 -m tools.setup`: the steps of set-up, in order; what is done already is skipped."""

from __future__ import annotations

import fcntl
import platform
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import Protocol

from tools.setup import machine
from tools.setup.activation import Activation
from tools.setup.checkout import Checkout
from tools.setup.command_plugin import CommandPlugin
from tools.setup.engine import Engine
from tools.setup.progress import Progress
from tools.setup.python_environment import PythonEnvironment
from tools.setup.refusal import SetupRefused
from tools.setup.swift_environment import SwiftEnvironment
from tools.setup.system_packages import SystemPackages

REFUSED = 2


class Step(Protocol):
    """One thing that set-up brings about."""

    @property
    def title(self) -> str: ...

    def finished(self) -> str | None:
        """What is there already, in a few words; None when there is something to do."""

    def run(self, progress: Progress) -> str:
        """Does it, and says what came of it. May be repeated after a run that died half-way."""


def set_up(steps: Sequence[Step], progress: Progress, root: Path) -> None:
    """Runs the steps that are not finished, asking for disk space only where there is one."""
    space_is_there = False
    for step in steps:
        if (outcome := step.finished()) is not None:
            progress.skip(step.title, outcome)
            continue
        if not space_is_there:
            machine.require_disk(root)
            space_is_there = True
        progress.start(step.title)
        progress.done(step.run(progress))


def main() -> int:
    checkout = Checkout(Path(__file__).resolve().parents[2])
    engine = Engine(checkout)
    steps: list[Step] = [
        SystemPackages(checkout),
        PythonEnvironment(checkout),
        SwiftEnvironment(checkout),
        engine,
        CommandPlugin(checkout),
        Activation(checkout, engine),
    ]
    progress = Progress(len(steps))
    signal.signal(signal.SIGTERM, _end_in_order)
    try:
        machine.require_architecture(platform.system(), platform.machine())
        checkout.cache.mkdir(exist_ok=True)
        # The engine refuses a local backend whose folder is not there (Pulumi.yaml, backend).
        (checkout.root / ".state").mkdir(exist_ok=True)
        with (checkout.cache / "set-up.lock").open("w") as lock:
            _wait_for(lock.fileno(), progress)
            set_up(steps, progress, checkout.root)
    except SetupRefused as refusal:
        progress.say(f"set-up can't go on: {refusal}")
        return REFUSED
    except KeyboardInterrupt:
        progress.say("set-up was interrupted; run make setup again to go on from here")
        return 130
    return 0


def _wait_for(lock: int, progress: Progress) -> None:
    """Two runs at once would install over each other."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        progress.say("another set-up of this checkout is at work; waiting for it")
        fcntl.flock(lock, fcntl.LOCK_EX)


def _end_in_order(_number: int, _frame: FrameType | None) -> None:
    """As Ctrl-C does: what was put somewhere for the time of the run is taken away again."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
