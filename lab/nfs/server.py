"""One nfs-ganesha per lab: started, stopped, and told what it exports.

Ganesha 4.3, measured: SIGHUP brings new exports and changed rules to mounted clients within a second. It does not
withdraw an export, and a changed junction path leaves it spinning for ever. Those two need a restart, which a
client with an open file sees as a pause of one to two seconds. SIGTERM takes two seconds, SIGKILL none, and
nothing is lost by it: what a client wrote unstably it writes again.
"""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from lab import addresses
from lab.failures import LabFailure, last_lines
from lab.nfs.config import Server, render, served
from lab.ontap.exports import Export, read_exports
from lab.ports import answers
from lab.processes import Identity, alive, end, hang_up, identify, record, recorded, wait_until

PROGRAM = "ganesha.nfsd"
_REREAD = b"Reread exports complete"


class Ganesha:
    """The NFS server of the lab whose folder for it is `directory` (it holds port, the configuration and the log)."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory.resolve()
        self.log = self.directory / "ganesha.log"
        self._config = self.directory / "ganesha.conf"
        self._process = self.directory / "process.json"
        self._pid = self.directory / "ganesha.pid"

    @property
    def process(self) -> Identity | None:
        """The running server, or None."""
        return recorded(self._process)

    @property
    def port(self) -> int:
        """Where it listens on the loopback."""
        return int((self.directory / "port").read_text(encoding="utf-8"))

    def start(self) -> None:
        """Start it with what was last applied; done when its port answers. A running one is left alone."""
        with self._locked():
            if self.process is None:
                self._start()

    def stop(self) -> Identity | None:
        """End it at once and return what was ended. What it exported is kept for the next start."""
        with self._locked():
            process = self.process
            if process is not None:
                end(process, grace=0, with_sudo=True)
            self._process.unlink(missing_ok=True)
            return process

    def apply(self, exports: Sequence[Export]) -> None:
        """Export exactly these, in effect on return. While the server is stopped they wait for its start."""
        with self._locked():
            served_before = self._served()
            serves = {each.volume_uuid: each.junction_path for each in served(exports)}
            _make_junctions(exports)
            self._write(exports)
            self._remember("served.json", serves)
            process = self.process
            if process is None:
                return
            if served_before.items() <= serves.items() and self._reread(process):
                return
            end(process, grace=0, with_sudo=True)
            self._start()

    def rewrite(self) -> None:
        """Write the configuration again for a new port; what is exported stays."""
        listed = self.directory.parent / "ontap" / "exports.json"
        with self._locked():
            self._write(read_exports(listed) if listed.exists() else [])

    def forget(self) -> None:
        """Export nothing, and know no client any more. Only while it is stopped."""
        for name in ("ganesha.conf", "export_ids.json", "served.json"):
            (self.directory / name).unlink(missing_ok=True)
        command = ["rm", "-rf", "--one-file-system", str(self.directory / "recovery")]
        subprocess.run(command if os.geteuid() == 0 else ["sudo", "-n", *command], check=True)

    def _write(self, exports: Sequence[Export]) -> None:
        ids = self._ids([each.volume_uuid for each in served(exports)])
        text = render(Server(self.port, self.directory), exports, ids, addresses.GUESTS)
        beside = self._config.with_suffix(".new")
        beside.write_text(text, encoding="utf-8")
        beside.replace(self._config)

    def _ids(self, uuids: Sequence[str]) -> dict[str, int]:
        path = self.directory / "export_ids.json"
        ids: dict[str, int] = json.loads(path.read_text()) if path.exists() else {}
        for uuid in uuids:
            # 0 is ganesha's pseudo file system; 1 stays free for the SVM's root volume.
            ids.setdefault(uuid, max(ids.values(), default=1) + 1)
        self._remember(path.name, ids)
        return ids

    def _served(self) -> dict[str, str]:
        path = self.directory / "served.json"
        before: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
        return before

    def _remember(self, name: str, what: object) -> None:
        (self.directory / name).write_text(json.dumps(what, indent=1) + "\n", encoding="utf-8")

    def _reread(self, process: Identity) -> bool:
        """SIGHUP, and whether ganesha took the new exports: it says so in its log."""
        before = self._log_end()
        hang_up(process, with_sudo=True)

        def done() -> bool:
            return _REREAD in self._log_since(before) or not alive(process)

        return wait_until(done, 2.0) and alive(process)

    def _log_end(self) -> int:
        return self.log.stat().st_size if self.log.exists() else 0

    def _log_since(self, offset: int) -> bytes:
        with self.log.open("rb") as log:
            log.seek(offset)
            return log.read()

    def _start(self) -> None:
        (self.directory / "recovery").mkdir(parents=True, exist_ok=True)
        if not self._config.exists():
            self._write([])
        command = [
            PROGRAM,
            "-f",
            str(self._config),
            "-L",
            str(self.log),
            "-N",
            "NIV_EVENT",
            "-p",
            str(self._pid),
        ]
        if os.geteuid() != 0:
            command = ["sudo", "-n", *command]
        self.log.touch()
        self._pid.unlink(missing_ok=True)
        # It puts itself into the background; the directory is /, so that it keeps no other one busy.
        ran = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, cwd="/", check=False
        )
        if ran.returncode != 0:
            raise LabFailure(
                f"NFS: {PROGRAM} ended with {ran.returncode}: {ran.stderr.strip()}{self._words()}"
            )
        process = self._started()
        record(self._process, process)
        if not wait_until(lambda: answers(self.port) or not alive(process), 15) or not alive(process):
            end(process, grace=0, with_sudo=True)
            raise LabFailure(f"NFS: {PROGRAM} does not answer on 127.0.0.1 port {self.port}.{self._words()}")

    def _started(self) -> Identity:
        def read() -> Identity | None:
            text = self._pid.read_text(encoding="utf-8").strip() if self._pid.exists() else ""
            return identify(int(text)) if text.isdigit() else None

        wait_until(lambda: read() is not None, 5)
        process = read()
        if process is None:
            raise LabFailure(f"NFS: {PROGRAM} ended as soon as it was started.{self._words()}")
        return process

    def _words(self) -> str:
        return f" Its last words:\n{last_lines(self.log)}\nThe whole log is {self.log}."

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """The emulator applies while an operator stops and starts: one at a time."""
        self.directory.mkdir(parents=True, exist_ok=True)
        with (self.directory / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _make_junctions(exports: Sequence[Export]) -> None:
    """A volume mounted below another one shows there as a directory, which ganesha wants to exist."""
    for each in served(exports):
        parents = [other for other in served(exports) if _below(each.junction_path, other.junction_path)]
        if parents:
            parent = max(parents, key=lambda other: len(other.junction_path))
            inside = each.junction_path.removeprefix(parent.junction_path).lstrip("/")
            (Path(parent.directory) / inside).mkdir(parents=True, exist_ok=True)


def _below(path: str, other: str) -> bool:
    return path != other and path.startswith(other.rstrip("/") + "/")
