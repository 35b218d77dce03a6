"""The lab's ONTAP cluster: the emulator as a process of its own, and its control interface."""

from __future__ import annotations

import contextlib
import ssl
import sys
from pathlib import Path

import httpx

from lab import addresses, privileged
from lab.failures import LabFailure, last_lines
from lab.folder import read, read_port
from lab.ports import free_port
from lab.processes import Identity, alive, end, record, recorded, start, wait_until

SVM, AGGREGATE = "demo-nfs-svm", "aggr1"


class Cluster:
    """The emulator in its folder `directory`, which then holds address, port, url, ca.pem, username and password."""

    def __init__(self, directory: Path, root: Path) -> None:
        self.directory = directory
        self.log = directory / "emulator.log"
        self._root = root
        self._process = directory / "process.json"

    @property
    def process(self) -> Identity | None:
        """The running emulator, or None."""
        return recorded(self._process)

    def start(self) -> None:
        """Start it, on its former port when that is free; done when GET /api/cluster is answered."""
        self.directory.mkdir(parents=True, exist_ok=True)
        port = free_port(read_port(self.directory / "port"))
        (self.directory / "url").unlink(missing_ok=True)
        self.log.write_bytes(b"")
        command = [sys.executable, "-m", "lab.ontap", "--dir", str(self.directory), "--port", str(port)]
        command += ["--lif", addresses.DATA_LIF, "--on-change-module", "lab.nfs:apply"]
        command += ["--exports-file", str(self.directory / "exports.json")]
        process = start(command, self.log, self._root)
        record(self._process, process)
        if not wait_until(
            lambda: self._answers("/api/cluster") or not alive(process), 30, every=0.1
        ) or not alive(process):
            end(process, grace=2)
            raise LabFailure(
                f"ONTAP: the emulator does not answer. Its last words:\n{last_lines(self.log)}\n"
                f"The whole log is {self.log}."
            )

    def stop(self) -> Identity | None:
        """End it and return what was ended; its records stay for the next start."""
        process = self.process
        if process is not None:
            end(process, grace=5)
        self._process.unlink(missing_ok=True)
        return process

    def forget(self) -> None:
        """Lose all records and volumes; address, CA and password stay as they are. Only while it is stopped."""
        for name in ("ontap.json", "ontap-journal.jsonl", "exports.json"):
            (self.directory / name).unlink(missing_ok=True)
        # What clients wrote belongs to users of their own.
        privileged.remove_tree(self.directory / "volumes")

    def answers(self) -> bool:
        """Whether its control interface answers; unlike the API it leaves no line in the journal."""
        return self._answers("/_lab/settings")

    def _answers(self, path: str) -> bool:
        if self.process is None or read(self.directory / "url") is None:
            return False
        with contextlib.suppress(httpx.HTTPError), self.client(timeout=3) as client:
            return client.get(path).status_code == 200
        return False

    def client(self, timeout: float = 10) -> httpx.Client:
        """A client for the REST API and, below /_lab/, for the control interface; close it after use."""
        username, password = (read(self.directory / name) or "" for name in ("username", "password"))
        return httpx.Client(
            base_url=read(self.directory / "url") or "",
            auth=(username, password),
            verify=ssl.create_default_context(cafile=str(self.directory / "ca.pem")),
            timeout=timeout,
            trust_env=False,
        )
