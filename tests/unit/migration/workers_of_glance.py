"""Glance's processes over a site whose service is told of its configuration while it runs: what was measured of the real one.

A worker that serves when the service is told goes on with the old directory until its last request is done (`finishing`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from strata.hostfiles import ini
from strata.migration import effect, switching, workers
from strata.migration.workers import NotTaken, Parent, Process, Unfit
from tests.unit.migration.site_of_glance import Site


class Workers:
    """unfit: why it can't be told. deaf: it goes on with the old settings, as where a file can't be read. finishing: what its old
    workers still do before they end; busy: they still serve somebody; drained: those whose end was waited for."""

    def __init__(self, site: Site, patch: pytest.MonkeyPatch) -> None:
        self.site, self.unfit, self.deaf, self.breaks = site, "", False, False
        self.finishing: Callable[[], object] = lambda: None
        self.busy, self.children = False, 1
        self.drained: list[Process] = []
        self.notes = site.root / "run"
        site.switch = "auto"
        for name in ("find", "main_of", "reads", "reload", "wait", "drain", "alive"):
            patch.setattr(workers, name, getattr(self, name))
        patch.setattr(effect, "FOLDER", [str(self.notes)])
        patch.setattr(switching, "PAUSE", 0)

    def find(self, name: str, file: str, new: str) -> Parent:
        main = self.main_of(name)
        if main is None or self.unfit:
            raise Unfit(self.unfit or "the service does not run")
        return Parent(main, self._children(main))

    def _children(self, main: Process) -> tuple[Process, ...]:
        """Others after each time that it was told."""
        first = main.pid + 1000 + 100 * self.site.systemd.calls.count("SIGHUP")
        return tuple(Process(first + one, 1, main.pid) for one in range(self.children))

    def main_of(self, name: str) -> Process | None:
        known = self.site.systemd.known()
        return Process(known["pid"], 7) if known["active"] else None

    def alive(self, process: Process) -> bool:
        main = self.main_of("")
        if self.busy and process.pid > 1000:
            return True
        now = [] if main is None else [main, *self._children(main)]
        return process.identity in [one.identity for one in now]

    def reads(self, parent: Parent, section: str, option: str) -> str | None:
        return None if self.deaf else ini.get(self.site.config.read_text(), section, option)

    def reload(self, parent: Parent) -> None:
        if self.breaks:
            raise NotTaken("It ended.")
        self.site.systemd.tell()

    def wait(self, name: str, parent: Parent, address: str, port: int, seconds: float) -> None:
        if not self.site.systemd.answers(address, port):
            raise NotTaken("No new worker answered.")

    def drain(self, old: Sequence[Process], address: str, port: int, seconds: float) -> int:
        self.drained += old
        self.busy = False
        self.finishing()
        return 0

    @property
    def note(self) -> str:
        path = Path(self.notes / "reloaded-glance-api")
        return path.read_text() if path.exists() else ""

    @property
    def was_stopped(self) -> bool:
        return any(call.startswith("stop") for call in self.site.systemd.calls)
