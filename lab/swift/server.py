"""One Swift per lab: memcached, a server of each kind, the proxy in front and the two updaters behind.

Measured: ready 2 to 4 s after the start on two cores, 340 MB in all. Old processes must be gone before new ones start, or
the first requests are answered 503. The updaters keep the account's totals true; nothing else of Swift's upkeep is needed
with one device. Everything lies in one folder, objects with their extended attributes: a copy of it without them is worthless.
"""

from __future__ import annotations

import fcntl
import json
import os
import pwd
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import httpx

from lab import processes
from lab.failures import LabFailure, last_lines
from lab.folder import read, read_port, write
from lab.ports import LOOPBACK, answers, free_port
from lab.processes import Identity
from lab.swift.config import Auth, Ports, TempAuth, User, render
from lab.swift.groups import end_group

ENVIRONMENT = Path(__file__).resolve().parents[2] / ".cache" / "swift"
"""Where set-up installs Swift."""

LAUNCH = Path(__file__).with_name("launch.py")
SERVERS = ("account", "container", "object")
UPDATERS = ("container", "object")
PARTS = ("proxy", "container-updater", "object-updater", *SERVERS, "memcached")
"""In the order in which they are ended: first the one that takes requests."""

USERS = {
    "": ("test:tester", ".admin"),
    "2": ("test2:tester2", ".admin"),
    "_reseller": ("test:admin", ".admin .reseller_admin"),
}
"""Suffix of the files `user` and `key` to name and groups. Only a reseller's administrator may set an account's quota."""

START_SECONDS = 60


class Swift:
    """The Swift of the lab whose folder for it is `directory`, which holds `auth_url`, `user`, `key`, `user2`, `key2`, ….

    `auth` takes the place of tempauth; the files of users are made either way.
    """

    def __init__(self, directory: Path, auth: Auth | None = None, environment: Path = ENVIRONMENT) -> None:
        self.directory = directory.resolve()
        self._auth = auth
        self._environment = environment
        self._etc = self.directory / "etc"
        self._run = self.directory / "run"

    @property
    def process(self) -> Identity | None:
        """The proxy, while every part runs; None when one is missing."""
        found = [self._recorded(part) for part in PARTS]
        return found[0] if all(found) else None

    @property
    def port(self) -> int:
        """The proxy's, on the loopback; the same from start to start."""
        port = read_port(self.directory / "port")
        if port is None:
            raise LabFailure("Swift has never been started, so it has no port yet.")
        return port

    @property
    def auth_url(self) -> str:
        """Where version 1 clients ask for a token."""
        return f"http://{LOOPBACK}:{self.port}/auth/v1.0"

    def user(self, which: str = "") -> User:
        """The user of the files `user` and `key` (with this suffix: "2", "_reseller"); made when missing."""
        name, groups = USERS[which]
        if (key := read(self.directory / f"key{which}")) is None:
            # CloudStack hands the key to a shell, so it is made of letters and digits only.
            key = secrets.token_hex(20)
            write(self.directory / f"key{which}", key, secret=True)
            write(self.directory / f"user{which}", name)
        return User(name, key, groups)

    def answers(self) -> bool:
        """Whether the proxy serves requests."""
        port = read_port(self.directory / "port")
        return port is not None and self._asked(port) == httpx.codes.OK

    def start(self) -> None:
        """Start it with what it holds; done when an account can be used. A running one is left alone."""
        with self._locked():
            if self.process is None:
                self._require()
                self._stop()
                self._start()

    def stop(self) -> Identity | None:
        """End every part and return the proxy that was ended; all are gone then. The objects are kept."""
        with self._locked():
            return self._stop()

    def forget(self) -> None:
        """No account, container or object any more; users, keys and port stay. Only while it is stopped."""
        for name in ("devices", "etc", "run", "log"):
            shutil.rmtree(self.directory / name, ignore_errors=True)

    def _start(self) -> None:
        ports = self._ports()
        auth = self._auth or TempAuth([self.user(which) for which in USERS])
        self._configure(ports, auth)
        self._begin("memcached", _memcached(ports.memcached))
        for part in (*SERVERS, "proxy"):
            self._begin(part, self._command(part, part))
        for kind in UPDATERS:
            self._begin(f"{kind}-updater", self._command(f"{kind}-updater", kind))
        try:
            self._wait(ports)
        except LabFailure:
            self._stop()
            raise

    def _stop(self) -> Identity | None:
        proxy = self._recorded("proxy")
        for part in PARTS:
            if (process := self._recorded(part)) is not None:
                end_group(process, grace=3)
            (self._run / f"{part}.json").unlink(missing_ok=True)
        return proxy

    def _ports(self) -> Ports:
        """Those of the last start; the inner ones are chosen anew where another program has one of them now."""
        kept = self._etc / "ports.json"
        if kept.exists():
            ports = Ports(**json.loads(kept.read_text(encoding="utf-8")))
            if all(free_port(port) == port for port in ports.all()):
                return ports
        chosen = {"proxy": free_port(read_port(self.directory / "port"))}
        while len(chosen) < len(Ports.__dataclass_fields__):
            name = list(Ports.__dataclass_fields__)[len(chosen)]
            if (port := free_port()) not in chosen.values():
                chosen[name] = port
        return Ports(**chosen)

    def _configure(self, ports: Ports, auth: Auth) -> None:
        for folder in (self._etc, self._run, self.directory / "log", self.directory / "devices" / "d1"):
            folder.mkdir(parents=True, exist_ok=True)
        self._require_attributes()
        owner = pwd.getpwuid(os.geteuid()).pw_name
        for name, text in render(self.directory, ports, auth, owner).items():
            write(self._etc / name, text, secret=name == "proxy.conf")
        kept = self._etc / "ports.json"
        stored = json.dumps(asdict(ports)) + "\n"
        if not kept.exists() or kept.read_text(encoding="utf-8") != stored:
            kept.unlink(missing_ok=True)
            self._build_rings(ports)
            kept.write_text(stored, encoding="utf-8")
        write(self.directory / "port", str(ports.proxy))
        write(self.directory / "auth_url", self.auth_url)

    def _build_rings(self, ports: Ports) -> None:
        rings = [f"{name}={port}" for name, port in ports.rings.items()]
        command = [str(self._python), "-I", str(LAUNCH), "rings", str(self._etc), *rings]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
        if ran.returncode != 0:
            raise LabFailure(f"Swift: its rings could not be built: {ran.stderr.strip()[-400:]}")

    def _command(self, program: str, config: str) -> list[str]:
        return [str(self._python), "-I", str(LAUNCH), program, str(self._etc / f"{config}.conf")]

    def _begin(self, part: str, command: list[str]) -> None:
        # Swift's clients are told nothing by the operator's own environment: no proxy, no credentials.
        env = {
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
            "LC_ALL": "C.UTF-8",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        process = processes.start(command, self.directory / "log" / f"{part}.log", self.directory, env)
        processes.record(self._run / f"{part}.json", process)

    def _wait(self, ports: Ports) -> None:
        def ready() -> bool:
            ended = [part for part in PARTS if self._recorded(part) is None]
            return bool(ended) or (all(answers(port) for port in ports.all()) and self._usable())

        in_time = processes.wait_until(ready, START_SECONDS, every=0.1)
        ended = [part for part in PARTS if self._recorded(part) is None]
        if ended or not in_time:
            part = ended[0] if ended else "proxy"
            what = f"its part {part} ended" if ended else f"it was not usable after {START_SECONDS} s"
            log = self.directory / "log" / f"{part}.log"
            raise LabFailure(
                f"Swift did not start: {what}. The last words of {part}:\n{last_lines(log)}\nThe whole log is {log}."
            )

    def _usable(self) -> bool:
        """Whether a user gets a token and reaches the account with it: then every part has done something."""
        if self._auth is not None:
            return self._asked(self.port) == httpx.codes.OK
        user = self.user()
        try:
            with httpx.Client(trust_env=False, timeout=5) as client:
                told = client.get(self.auth_url, headers={"X-Auth-User": user.name, "X-Auth-Key": user.key})
                if not told.is_success:
                    return False
                token = {"X-Auth-Token": told.headers["X-Auth-Token"]}
                return client.head(told.headers["X-Storage-Url"], headers=token).is_success
        except httpx.HTTPError:
            return False

    def _asked(self, port: int) -> int | None:
        try:
            return httpx.get(f"http://{LOOPBACK}:{port}/healthcheck", trust_env=False, timeout=2).status_code
        except httpx.HTTPError:
            return None

    def _require(self) -> None:
        if not self._python.exists() or shutil.which("memcached") is None:
            raise LabFailure("Swift is not installed here: run `make setup`, then start the lab again.")

    def _require_attributes(self) -> None:
        """Swift keeps an object's metadata in extended attributes."""
        try:
            os.setxattr(self.directory / "devices" / "d1", "user.strata", b"1")
        except OSError as error:
            raise LabFailure(
                f"Swift can't keep objects in {self.directory}: its file system has no extended attributes"
                f" ({error.strerror}). Put the checkout on ext4, xfs or btrfs."
            ) from error

    @property
    def _python(self) -> Path:
        return self._environment / "bin" / "python"

    def _recorded(self, part: str) -> Identity | None:
        return processes.recorded(self._run / f"{part}.json")

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self.directory.mkdir(parents=True, exist_ok=True)
        with (self.directory / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _memcached(port: int) -> list[str]:
    """It refuses to run as root unless told to; without it tempauth has nowhere to keep tokens."""
    owner = ["-u", pwd.getpwuid(os.geteuid()).pw_name]
    return ["memcached", "-l", LOOPBACK, "-p", str(port), "-U", "0", "-m", "16", "-t", "1", *owner]
