"""The emulator in this process, for tests: a thread, a free port, a signed client, and a hand on its clock and faults."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from lab.cloudstack import auth, jobs, templates
from lab.cloudstack.config import Config
from lab.cloudstack.control import configure, state_of
from lab.cloudstack.server import PATH, Emulator, create_app, new_server
from lab.ontap.clock import Clock, ManualClock
from lab.ontap.faults import Faults
from lab.ontap.journal import Entry, Journal
from lab.ontap.model import Document
from lab.ontap.serving import bound

API_KEY = "lab-only-api-key"
SECRET_KEY = "lab-only-secret-key"
PASSWORD = "lab-only-password"


@dataclass(frozen=True)
class RunningCloudStack:
    """A running emulator. `client` has no session and no keys; `call` signs."""

    host: str
    port: int
    api_key: str
    secret_key: str
    username: str
    password: str
    emulator: Emulator
    client: httpx.Client

    @property
    def endpoint(self) -> str:
        """The API's address."""
        return f"http://{self.host}:{self.port}{PATH}"

    @property
    def journal(self) -> Journal:
        """Every request so far; the command stands in `query["command"]`."""
        return self.emulator.journal

    @property
    def faults(self) -> Faults:
        """Add faults here, by a path such as `/client/api/createZone`; `calm` takes them away."""
        return self.emulator.faults

    @property
    def clock(self) -> Clock:
        """The clock of jobs, restarts and system VMs."""
        return self.emulator.system.clock

    def commands(self, since: int = 0, writes: bool = False) -> list[str]:
        """The commands asked for, in order."""
        return [each.query.get("command", "") for each in self.journal.entries(since, writes)]

    def writes(self, since: int = 0) -> list[Entry]:
        """The requests that change something after that number, whatever their HTTP method."""
        return self.journal.entries(since, writes=True)

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
        self.clock.advance(seconds)
        self.emulator.system.settle()
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
            self.emulator.faults.clear()
            jobs.release(self.emulator.system)

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
    server = new_server(app)
    sock = bound(0)
    sock.listen(128)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[sock])), daemon=True)
    thread.start()
    host, port = sock.getsockname()
    client = httpx.Client(base_url=f"http://{host}:{port}", trust_env=False, timeout=30)
    try:
        with client:
            yield RunningCloudStack(
                host,
                port,
                config.api_key,
                config.secret_key,
                config.username,
                config.password,
                app.state.emulator,
                client,
            )
    finally:
        server.should_exit = True
        thread.join(timeout=10)
        sock.close()


__all__ = ["API_KEY", "PASSWORD", "SECRET_KEY", "RunningCloudStack", "running"]
