"""The emulator in this process, for tests: a thread, a free port, a signed client, and a hand on its clock and faults."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from lab.cloudstack import auth, jobs, templates
from lab.cloudstack.config import Config
from lab.cloudstack.control import configure, state_of
from lab.cloudstack.server import PATH, create_app, new_server
from lab.cloudstack.system import System
from lab.http.clock import Clock, ManualClock
from lab.http.control import calm
from lab.http.serving import in_this_process
from lab.http.testing import RunningEmulator
from lab.ontap.model import Document

API_KEY = "lab-only-api-key"
SECRET_KEY = "lab-only-secret-key"
PASSWORD = "lab-only-password"


@dataclass(frozen=True, kw_only=True)
class RunningCloudStack(RunningEmulator[System]):
    """A running emulator. `client` has no session and no keys; `call` signs.

    The command of a journal's entry stands in `query["command"]`; a fault's path is such as `/client/api/createZone`.
    """

    api_key: str
    secret_key: str

    @property
    def endpoint(self) -> str:
        """The API's address."""
        return f"http://{self.host}:{self.port}{PATH}"

    def commands(self, since: int = 0, writes: bool = False) -> list[str]:
        """The commands asked for, in order."""
        return [each.query.get("command", "") for each in self.journal.entries(since, writes)]

    def call(self, command: str, **params: str) -> httpx.Response:
        """One signed request by POST, as another administrator might send it behind the program's back."""
        pairs = {"command": command, "response": "json", "apiKey": self.api_key, **params}
        pairs["signature"] = auth.signature(pairs.items(), self.secret_key)
        return self.client.post(PATH, data=pairs)

    def ask(self, command: str, **params: str) -> Document:
        """The body below the wrapper of an answer that must be good; a job is waited for, its result comes back."""
        answer = self.call(command, **params)
        answer.raise_for_status()
        body: Document = next(iter(answer.json().values()))
        if "jobid" not in body or command == "queryAsyncJobResult":
            return body
        self.advance(self.emulator.system.settings.job_seconds)
        job = self.ask("queryAsyncJobResult", jobid=body["jobid"])
        return {**job["jobresult"], "jobstatus": job["jobstatus"]} if "jobresult" in job else job

    def advance(self, seconds: float) -> None:
        """Move the clock, let jobs end and system VMs start, and wait for the secondary storage VMs' work."""
        super().advance(seconds)
        self.emulator.system.deliver()

    def restart(self, seconds: float | None = None) -> None:
        """Restart the management server; it answers again once the clock has moved on so far."""
        self.emulator.system.restart(seconds)

    def configure(self, **settings: Any) -> None:
        """Change settings: system_vms, races, job_seconds, restart_seconds, …"""
        configure(self.emulator.system, settings)

    def seed_template(self, zone: str) -> None:
        """The installer script put the system VM template on the zone's staging store."""
        with self.emulator.system.lock:
            templates.seed_template(self.emulator.system, zone)

    def calm(self) -> None:
        """No more faults; jobs that hang go on."""
        with self.emulator.system.lock:
            calm(self.emulator, jobs.release)

    def state(self) -> dict[str, Any]:
        """Every record by table, without secrets."""
        with self.emulator.system.lock:
            self.emulator.system.settle()
            return state_of(self.emulator.system)


@contextlib.contextmanager
def running(directory: Path, clock: Clock | None = None, **options: Any) -> Iterator[RunningCloudStack]:
    """A running emulator; without a clock it gets one that stands still, with jobs that end at the next look.

    `options` are those of `Config`. The same directory gives the same records again.
    """
    directory.mkdir(parents=True, exist_ok=True)
    keys = {"api_key": API_KEY, "secret_key": SECRET_KEY, "password": PASSWORD}
    config = Config(data_dir=directory, **{**keys, "clock": clock or ManualClock(), **options})
    app = create_app(config)
    with in_this_process(new_server(app)) as (host, port):
        with httpx.Client(base_url=f"http://{host}:{port}", trust_env=False, timeout=30) as client:
            yield RunningCloudStack(
                host=host,
                port=port,
                api_key=config.api_key,
                secret_key=config.secret_key,
                username=config.username,
                password=config.password,
                emulator=app.state.emulator,
                client=client,
            )


__all__ = ["API_KEY", "PASSWORD", "SECRET_KEY", "RunningCloudStack", "running"]
