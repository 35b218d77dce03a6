"""The emulator in this process, for tests: a thread, a free port, real TLS, and a hand on its clock and faults."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from lab.ontap.clock import Clock, ManualClock
from lab.ontap.config import Config
from lab.ontap.control import release, state_of
from lab.ontap.exports import Export
from lab.ontap.faults import Faults
from lab.ontap.journal import Entry, Journal
from lab.ontap.server import Emulator, create_app
from lab.ontap.serving import bound, new_server
from lab.ontap.tls import Authority, new_authority

PASSWORD = "lab-only-password"


@dataclass(frozen=True)
class RunningOntap:
    """A running emulator. `ca` is the path of the CA certificate that clients must trust."""

    host: str
    port: int
    username: str
    password: str
    ca: Path
    emulator: Emulator
    client: httpx.Client

    @property
    def url(self) -> str:
        """The address without a trailing slash."""
        return f"https://{self.host}:{self.port}"

    @property
    def journal(self) -> Journal:
        """Every request so far."""
        return self.emulator.journal

    @property
    def faults(self) -> Faults:
        """Add faults here; `calm` takes them away."""
        return self.emulator.faults

    @property
    def clock(self) -> Clock:
        """The clock the jobs run on."""
        return self.emulator.system.clock

    def writes(self, since: int = 0) -> list[Entry]:
        """The requests other than GET after that number."""
        return self.journal.entries(since, writes=True)

    def advance(self, seconds: float) -> None:
        """Move the clock and let jobs end."""
        self.clock.advance(seconds)
        self.emulator.system.settle()

    def configure(self, **settings: Any) -> None:
        """Change settings: version, platform, latency, job_seconds, errors_in_jobs."""
        for name, value in settings.items():
            if not hasattr(self.emulator.system.settings, name):
                raise AttributeError(f'The emulator has no setting "{name}"')
            setattr(self.emulator.system.settings, name, value)

    def calm(self) -> None:
        """No more faults; jobs that hang go on."""
        with self.emulator.system.lock:
            release(self.emulator)

    def state(self) -> dict[str, Any]:
        """Every record by table."""
        with self.emulator.system.lock:
            self.emulator.system.settle()
            return state_of(self.emulator)

    def exports(self) -> list[Export]:
        """What is served over NFS."""
        self.emulator.system.settle()
        return self.emulator.system.exports()

    def volume(self, name: str) -> dict[str, Any] | None:
        """The volume's stored record, flat, by name."""
        with self.emulator.system.lock:
            self.emulator.system.settle()
            found = self.emulator.system.store.find("volumes", "name", name)
        return dict(found) if found else None

    def directory(self, name: str) -> Path:
        """The directory that holds the volume's files."""
        volume = self.volume(name)
        if volume is None:
            raise LookupError(f'The emulator has no volume "{name}"')
        return self.emulator.system.directory(volume["uuid"])

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        """One authenticated request, as another administrator might send it behind the program's back."""
        return self.client.request(method, path, **options)


@functools.cache
def authority() -> Authority:
    """One CA for all emulators of this process."""
    return new_authority()


@contextlib.contextmanager
def running(directory: Path, clock: Clock | None = None, **options: Any) -> Iterator[RunningOntap]:
    """A running emulator; without a clock it gets one that stands still, with jobs that end at the next look.

    `options` are those of `Config`. The same directory gives the same records again.
    """
    directory.mkdir(parents=True, exist_ok=True)
    authority().write(directory)
    config = Config(data_dir=directory, **{"password": PASSWORD, "clock": clock or ManualClock(), **options})
    app = create_app(config)
    server = new_server(app, directory)
    sock = bound(0)
    sock.listen(128)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[sock])), daemon=True)
    thread.start()
    host, port = sock.getsockname()
    auth = (config.username, config.password)
    client = httpx.Client(
        base_url=f"https://{host}:{port}", auth=auth, verify=_trusting(directory), trust_env=False
    )
    ca = directory / "ca.pem"
    try:
        with client:
            yield RunningOntap(host, port, *auth, ca, app.state.emulator, client)
    finally:
        server.should_exit = True
        thread.join(timeout=10)
        sock.close()


def _trusting(directory: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(directory / "ca.pem"))


__all__ = ["PASSWORD", "RunningOntap", "authority", "running"]
