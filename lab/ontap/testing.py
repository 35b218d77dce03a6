"""The emulator in this process, for tests: a thread, a free port, real TLS, and a hand on its clock and faults."""

from __future__ import annotations

import contextlib
import functools
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from lab.http.clock import Clock, ManualClock
from lab.http.control import calm
from lab.http.serving import in_this_process
from lab.http.testing import RunningEmulator
from lab.ontap.config import Config
from lab.ontap.control import release, state_of
from lab.ontap.exports import Export
from lab.ontap.server import create_app
from lab.ontap.serving import new_server
from lab.ontap.system import System
from lab.ontap.tls import Authority, new_authority

PASSWORD = "lab-only-password"


@dataclass(frozen=True, kw_only=True)
class RunningOntap(RunningEmulator[System]):
    """A running emulator. `ca` is the path of the CA certificate that clients must trust."""

    ca: Path

    @property
    def url(self) -> str:
        """The address without a trailing slash."""
        return f"https://{self.host}:{self.port}"

    def configure(self, **settings: Any) -> None:
        """Change settings: version, platform, latency, job_seconds, errors_in_jobs."""
        for name, value in settings.items():
            if not hasattr(self.emulator.system.settings, name):
                raise AttributeError(f'The emulator has no setting "{name}"')
            setattr(self.emulator.system.settings, name, value)

    def calm(self) -> None:
        """No more faults; jobs that hang go on."""
        with self.emulator.system.lock:
            calm(self.emulator, release)

    def state(self) -> dict[str, Any]:
        """Every record by table."""
        with self.emulator.system.lock:
            self.emulator.system.settle()
            return state_of(self.emulator.system)

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
    auth = (config.username, config.password)
    with in_this_process(new_server(app, directory)) as (host, port):
        url = f"https://{host}:{port}"
        with httpx.Client(base_url=url, auth=auth, verify=_trusting(directory), trust_env=False) as client:
            yield RunningOntap(
                host=host,
                port=port,
                username=config.username,
                password=config.password,
                ca=directory / "ca.pem",
                emulator=app.state.emulator,
                client=client,
            )


def _trusting(directory: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(directory / "ca.pem"))


__all__ = ["PASSWORD", "RunningOntap", "authority", "running"]
