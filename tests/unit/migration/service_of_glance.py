"""A systemd that knows one service. What it knows lies in a file, so that it outlives a process that a test kills."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from strata.hostfiles import ini


class Systemd:
    """`calls` are the words of every call, in order; of a directory in `fails` the service can't be started."""

    def __init__(self, root: Path, config: Path, guard: Path) -> None:
        self.file, self.log, self.config, self.guard = root / "systemd.json", root / "calls", config, guard
        self.log.touch()
        self.fails: set[str] = set()
        self.mute: set[str] = set()
        self.boot()

    def __call__(self, *words: str, seconds: float = 0) -> tuple[int, str]:
        with self.log.open("a") as log:
            log.write(" ".join(words) + "\n")
        known = self.known()
        if words[0] == "is-active":
            return (0, "active") if known["active"] else (3, "inactive")
        if words[0] == "stop":
            self._know(active=False)
        if words[0] == "daemon-reload":
            self._know(guard=self._guard())
        if words[0] == "start":
            serves = self._serves()
            if serves in self.fails:
                return 1, "Job for glance-api.service failed."
            if not known["active"]:
                self._know(active=True, serves=serves, pid=known["pid"] + 1)
        return 0, ""

    def boot(self) -> None:
        """As after a power failure: whatever lies on the disk counts, and the service starts by itself."""
        pid = self.known().get("pid", 100) + 1
        self._know(active=True, serves=self._serves(), guard=self._guard(), pid=pid)

    def tell(self) -> None:
        """SIGHUP: the same process serves from what the configuration says now."""
        with self.log.open("a") as log:
            log.write("SIGHUP\n")
        self._know(serves=self._serves())

    def answers(self, address: str, port: int) -> bool:
        known = self.known()
        return bool(known["active"]) and known["serves"] not in self.mute

    def known(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.file.read_text()) if self.file.exists() else {}
        return found

    @property
    def serves(self) -> str | None:
        """The directory with which the running service was started; None where it stands still."""
        known = self.known()
        return str(known["serves"]) if known["active"] else None

    @property
    def calls(self) -> list[str]:
        return self.log.read_text().splitlines()

    def _know(self, **changes: Any) -> None:
        self.file.write_text(json.dumps({**self.known(), **changes}))

    def _serves(self) -> str:
        return ini.get(self.config.read_text(), "glance_store", "filesystem_store_datadir") or ""

    def _guard(self) -> str | None:
        return self.guard.read_text() if self.guard.exists() else None
