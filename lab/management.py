"""The lab's CloudStack: the emulator's process with its records, and the one address where the API is found.

With a guest that address is the guest's port 8080, where the service `cloudstack-management` relays to this process;
without one it is the process itself. Each era has records of its own, both have the same keys.
"""

from __future__ import annotations

import contextlib
import secrets
import shutil
import sys
from pathlib import Path

import httpx

from lab.failures import LabFailure, last_lines
from lab.folder import ERAS, read, read_port, write
from lab.ports import LOOPBACK, free_port
from lab.processes import Identity, alive, end, record, recorded, start, wait_until

API = "/client/api"
CONTROL = "/_lab/settings"
# Short, so that a demonstration is not spent waiting; the order of things is the real one's.
_TIMES = {
    "restart_seconds": 4,
    "system_vm_after": 2,
    "system_vm_boot": 3,
    "ssvm_agent": 1,
    "ssvm_retry": 3,
    "host_maintenance": 1,
}


class Management:
    """CloudStack in its folder `directory`, which then holds endpoint, era, api_key, secret_key, username, password.

    `exports` is the cluster's list of junction paths and the directories behind them.
    """

    def __init__(self, directory: Path, root: Path, exports: Path) -> None:
        self.directory = directory
        self.log = directory / "emulator.log"
        self._root = root
        self._exports = exports
        self._process = directory / "process.json"

    @property
    def process(self) -> Identity | None:
        """The running emulator, or None."""
        return recorded(self._process)

    @property
    def era(self) -> str | None:
        """Of the last start."""
        return read(self.directory / "era")

    @property
    def endpoint(self) -> str | None:
        """Where the API is found; None before the first start."""
        return read(self.directory / "endpoint")

    def prepare(self) -> None:
        """Choose port, keys and password, which guests must know from their start on; those that are there stay."""
        write(self.directory / "port", str(free_port(read_port(self.directory / "port"))))
        write(self.directory / "username", "admin")
        for name in ("api_key", "secret_key", "password"):
            if read(self.directory / name) is None:
                write(self.directory / name, secrets.token_urlsafe(48), secret=True)

    def start(self, era: str) -> None:
        """Start it with the records of that era; done when it answers."""
        records = self.directory / era
        for name in ("api_key", "secret_key", "password"):
            write(records / name, read(self.directory / name) or "", secret=True)
        write(records / "exports", str(self._exports))
        write(self.directory / "era", era)
        self.log.write_bytes(b"")
        command = [sys.executable, "-m", "lab.cloudstack", "--dir", str(records), "--era", era]
        command += ["--port", str(self.port)]
        command += [
            "--on-ssvm",
            "lab.cloudstack.ssvm:deliver",
            "--template-seeded",
            "lab.cloudstack.ssvm:seeded",
        ]
        command += [word for name, value in _TIMES.items() for word in ("--setting", f"{name}={value}")]
        process = start(command, self.log, self._root)
        record(self._process, process)
        answered = wait_until(lambda: self.has_records() or not alive(process), 30, every=0.1)
        if not answered or not alive(process):
            end(process, grace=2)
            raise LabFailure(
                f"CloudStack: the emulator does not answer. Its last words:\n{last_lines(self.log)}\n"
                f"The whole log is {self.log}."
            )

    def found_at(self, port: int | None) -> None:
        """Tell where the API is found: at a guest's port, or with None at the process itself."""
        write(self.directory / "endpoint", f"http://{LOOPBACK}:{port or self.port}{API}")

    def stop(self) -> Identity | None:
        """End it and return what was ended; its records stay for the next start."""
        process = self.process
        if process is not None:
            end(process, grace=5)
        self._process.unlink(missing_ok=True)
        return process

    def forget(self) -> None:
        """Lose the records of both eras; keys and port stay. Only while it is stopped."""
        for era in ERAS:
            shutil.rmtree(self.directory / era, ignore_errors=True)

    @property
    def port(self) -> int:
        """Of the process, on the loopback."""
        port = read_port(self.directory / "port")
        if port is None:
            raise LabFailure("CloudStack was never started in this lab: bring it up first.")
        return port

    def has_records(self) -> bool:
        """Whether the process answers; this leaves no line in the journal."""
        return self.process is not None and _answered(self.client(timeout=3))

    def answers(self) -> bool:
        """Whether the API is served where `endpoint` says; this leaves no line in the journal."""
        endpoint = self.endpoint
        if self.process is None or endpoint is None:
            return False
        return _answered(self.client(timeout=3, base_url=endpoint.removesuffix(API)))

    def client(self, timeout: float = 10, base_url: str | None = None) -> httpx.Client:
        """A client for the control interface of the process, whatever the service on the guest does; close it after use."""
        username, password = (read(self.directory / name) or "" for name in ("username", "password"))
        url = base_url or f"http://{LOOPBACK}:{self.port}"
        return httpx.Client(base_url=url, auth=(username, password), timeout=timeout, trust_env=False)


def _answered(client: httpx.Client) -> bool:
    with contextlib.suppress(httpx.HTTPError), client:
        return client.get(CONTROL).status_code == httpx.codes.OK
    return False
