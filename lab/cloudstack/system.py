"""The emulated management server: its records, its clock, its sessions, and what a restart does to it."""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from lab.cloudstack import jobs, seed, system_vms
from lab.cloudstack.auth import Sessions
from lab.cloudstack.commands import remove
from lab.cloudstack.config import Config, Settings
from lab.ontap.model import Document
from lab.ontap.store import Store

log = logging.getLogger(__name__)

MANAGEMENT_SERVER = "localhost"


class System:
    """One management server. Every entry holds `lock`: the server's loop and a test's thread both come here."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.clock = config.clock
        self.settings = Settings(config.latency, config.job_seconds)
        self.lock = threading.RLock()
        self._delivering = threading.Lock()
        self.sessions = Sessions()
        self.down_until = 0.0
        self.in_force: dict[str, str] = {}
        self.ssvm_error: str | None = None
        # Keys of Swift stores and of users stand in the records, as they do in the real database.
        config.data_dir.chmod(0o700)
        self.store = Store.load(config.state_file) or Store(config.state_file)
        if not self.store.tables:
            seed.fill(self)
        self._start()
        self.commit()

    @property
    def legacy(self) -> bool:
        """Whether this is a server of 4.1 or before."""
        return self.config.era == "legacy"

    @property
    def version(self) -> str:
        """As listCapabilities tells it."""
        return "4.1.1" if self.legacy else "4.23.0.0-SNAPSHOT"

    @property
    def id(self) -> str:
        """The management server's own uuid."""
        return str(next(iter(self.store.table("servers"))))

    @property
    def down(self) -> bool:
        """Whether it is between the end and the new beginning of a restart."""
        return self.clock.now() < self.down_until

    def restart(self, seconds: float | None = None) -> None:
        """Stop and start: the API is gone for a while, every session ends, settings that need it come into force."""
        with self.lock:
            away = self.settings.restart_seconds if seconds is None else seconds
            self.down_until = self.clock.now() + away
            self._start()

    def _start(self) -> None:
        self.sessions.clear()
        self.in_force = {row["name"]: row["value"] for row in self.rows("configuration")}

    def rows(self, table: str) -> list[Document]:
        """The rows that were not removed, oldest first."""
        return [row for row in self.store.table(table).values() if not row.get("~removed")]

    def live(self, table: str, key: str | None) -> Document | None:
        """That row unless it is gone."""
        row = self.store.table(table).get(key or "")
        return None if row is None or row.get("~removed") else row

    def live_store(self, key: str) -> Document | None:
        """An image, staging or primary store by its uuid, while it lives."""
        found = (self.live(table, key) for table in ("image_stores", "staging_stores", "pools"))
        return next((row for row in found if row is not None), None)

    def remove_all(self, tables: Sequence[str], name: str, key: str) -> None:
        """Take away the rows of those tables that hang on another one, by the field that names it."""
        for table in tables:
            for row in self.rows(table):
                if row.get(name) == key:
                    remove(row)

    def name_of(self, table: str, key: str | None) -> str | None:
        """The row's name; None when it is gone."""
        row = self.live(table, key)
        return str(row["name"]) if row else None

    def add(self, table: str, **fields: Any) -> Document:
        """A new row with a uuid and a number of its own; the numbers count each table."""
        row = {
            "uuid": str(uuid.uuid4()),
            "~n": self.store.next_number(table),
            "created": self.now(),
            **fields,
        }
        self.store.table(table)[row["uuid"]] = row
        return row

    def now(self) -> str:
        """The moment as CloudStack writes it: `2026-11-21T00:36:37+0000`."""
        return stamp(self.clock.now())

    def settle(self) -> None:
        """Let jobs, hosts and system VMs come to where the clock is."""
        with self.lock:
            changed = jobs.settle(self)
            changed = system_vms.settle(self) or changed
            if changed:
                self.commit()

    def deliver(self) -> None:
        """Hand the secondary storage VMs' work over; no lock is held, for it may take long. What fails is tried again."""
        # One at a time, so that who comes second finds the work of the first done.
        with self._delivering:
            while self._deliver_one():
                pass

    def _deliver_one(self) -> bool:
        with self.lock:
            work = system_vms.next_work(self)
        if work is None:
            return False
        try:
            if self.config.on_ssvm is not None:
                self.config.on_ssvm(work)
        except Exception as error:  # a transfer's trouble must not become the management server's
            self.ssvm_error = f"{type(error).__name__}: {error}"
            log.exception("The secondary storage VM of zone %s could not do its work", work.zone_name)
            return True
        self.ssvm_error = None
        with self.lock:
            system_vms.transferred(self, work)
            self.commit()
        return True

    def commit(self) -> None:
        """Write everything down."""
        self.store.save()


def stamp(seconds: float) -> str:
    """A moment as CloudStack writes it."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")
