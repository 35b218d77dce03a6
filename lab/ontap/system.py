"""The emulated system: its records, its clock, and the one way in which a record changes."""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection
from pathlib import Path
from typing import Protocol

from lab import privileged
from lab.ontap.config import Config, Settings
from lab.ontap.exports import Export, exports_of, write_exports
from lab.ontap.jobs import settle
from lab.ontap.model import Change, Document
from lab.ontap.savings import BlockCensus
from lab.ontap.seed import seeded
from lab.ontap.store import Store

log = logging.getLogger(__name__)


class Records(Protocol):
    """How one collection behaves."""

    def view(self, system: System, document: Document, asked: Collection[str]) -> Document:
        """The record as it is read: stored fields plus what is computed; `asked` names what will be looked at."""
        ...

    def check(self, system: System, change: Change) -> Change:
        """Judge a write before it is accepted; names are resolved and defaults filled in. Raises OntapError."""
        ...

    def apply(self, system: System, change: Change) -> None:
        """Do it. Raises OntapError, which in a job is the job's failure."""
        ...


class System:
    """One cluster. Every entry holds `lock`: the server's loop and a test's thread both come here."""

    def __init__(self, config: Config, records: dict[str, Records]) -> None:
        self.config = config
        self.clock = config.clock
        self.settings = Settings(config.version, config.platform, config.latency, config.job_seconds)
        self.records = records
        self.lock = threading.RLock()
        self.export_error: str | None = None
        self.census = BlockCensus()
        self._leaving: list[Path] = []
        config.volumes_dir.mkdir(parents=True, exist_ok=True)
        loaded = Store.load(config.state_file)
        self.store = loaded or seeded(config)
        for volume in self.store.table("volumes").values():
            (config.volumes_dir / volume["uuid"]).mkdir(exist_ok=True)
        self._announced: list[Export] | None = None
        self.commit()

    def apply(self, change: Change) -> None:
        """Carry out a checked change."""
        self.records[change.table].apply(self, change)

    def settle(self) -> None:
        """Let the jobs and the recovery queue come to where the clock is."""
        with self.lock:
            changed = settle(self)
            for records in self.records.values():
                expire = getattr(records, "expire", None)
                changed = (expire is not None and expire(self)) or changed
            if changed:
                self.commit()

    def exports(self) -> list[Export]:
        """What is served now."""
        with self.lock:
            return exports_of(self.store, self.config.volumes_dir)

    def directory(self, volume_uuid: str) -> Path:
        """The directory that holds a volume's files."""
        return self.config.volumes_dir / volume_uuid

    def discard(self, volume_uuid: str) -> None:
        """Remove a volume's directory, after the data plane has been told to stop serving it."""
        self._leaving.append(self.directory(volume_uuid))

    def commit(self) -> None:
        """Save, tell the data plane when what it serves has changed, then remove what is no longer served."""
        self.store.save()
        exports = self.exports()
        if exports != self._announced:
            self._announced = exports
            self._announce(exports)
        while self._leaving:
            directory = self._leaving.pop()
            if directory.resolve().parent == self.config.volumes_dir.resolve():
                privileged.remove_tree(directory)

    def _announce(self, exports: list[Export]) -> None:
        if self.config.exports_file is not None:
            write_exports(exports, self.config.exports_file)
        if self.config.on_change is None:
            return
        try:
            self.config.on_change(exports)
            self.export_error = None
        except Exception as error:  # the data plane's trouble must not become the management plane's
            self.export_error = f"{type(error).__name__}: {error}"
            log.exception("The data plane refused the list of %d exports", len(exports))
