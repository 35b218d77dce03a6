"""A real Keystone for tests of version 3 credentials: sqlite, fernet tokens, one project with three users.

Making it takes about 10 s, most of it the tables of its database; starting it again 3 s. It stands beside Swift's folder,
and Swift's proxy asks it who comes (`KeystoneAuth`).
"""

from __future__ import annotations

import getpass
import secrets
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from lab import processes
from lab.failures import LabFailure, last_lines
from lab.folder import read, read_port, write
from lab.ports import LOOPBACK, free_port
from lab.swift.groups import end_group
from lab.swift.server import ENVIRONMENT, LAUNCH

REGION, PROJECT, DOMAIN = "RegionOne", "cloud", "Default"
USERS = {"tester": "swiftoperator", "reader": "reader", "reseller": "ResellerAdmin"}
"""Name to role in the project. Swift's own rules: an operator does anything with the project's account, a reader nothing."""

START_SECONDS = 60


@dataclass(frozen=True)
class KeystoneAuth:
    """Swift's proxy asks Keystone; the name of an account is `AUTH_<project id>`."""

    url: str
    password: str = field(repr=False)
    pipeline: str = "authtoken keystoneauth"

    def sections(self) -> str:
        """The two filters."""
        return f"""\
[filter:authtoken]
paste.filter_factory = keystonemiddleware.auth_token:filter_factory
www_authenticate_uri = {self.url}
auth_url = {self.url}
auth_type = password
username = admin
password = {self.password}
project_name = admin
user_domain_name = {DOMAIN}
project_domain_name = {DOMAIN}
delay_auth_decision = true
include_service_catalog = false
cache = swift.cache

[filter:keystoneauth]
use = egg:swift#keystoneauth
operator_roles = admin, swiftoperator
reseller_admin_role = ResellerAdmin
"""


class Keystone:
    """The Keystone whose folder is `directory`."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory.resolve()
        self.log = self.directory / "keystone.log"
        self._config = self.directory / "keystone.conf"
        self._process = self.directory / "process.json"

    @property
    def auth_url(self) -> str:
        """The version 3 address."""
        return f"http://{LOOPBACK}:{read_port(self.directory / 'port')}/v3"

    def key(self, user: str) -> str:
        """A user's password; made when missing."""
        path = self.directory / f"key_{user}"
        if read(path) is None:
            write(path, secrets.token_hex(20), secret=True)
        return read(path) or ""

    def start(self) -> None:
        """Make it when it is not there yet and start it; done when it answers."""
        if processes.recorded(self._process) is not None:
            return
        write(self.directory / "port", str(free_port(read_port(self.directory / "port"))))
        if not (self.directory / "made").exists():
            self._make()
        command = [str(ENVIRONMENT / "bin" / "python"), "-I", str(LAUNCH), "keystone", str(self._config)]
        command.append(str(read_port(self.directory / "port")))
        process = processes.start(command, self.log, self.directory)
        processes.record(self._process, process)
        ready = processes.wait_until(
            lambda: self._answers() or not processes.alive(process), START_SECONDS, 0.1
        )
        if not ready or not processes.alive(process):
            self.stop()
            raise LabFailure(f"Keystone does not answer. Its last words:\n{last_lines(self.log)}")

    def stop(self) -> None:
        """End it; users and projects are kept."""
        if (process := processes.recorded(self._process)) is not None:
            end_group(process, grace=3)
        self._process.unlink(missing_ok=True)

    def declare(self, swift_port: int) -> None:
        """The project, its users and the catalogue's entry for Swift; those of an earlier start stay."""
        if (self.directory / "declared").exists():
            return
        with self._as_admin() as admin:
            project = _made(admin, "project", name=PROJECT, domain_id="default")
            for user, role in USERS.items():
                person = {"name": user, "password": self.key(user), "domain_id": "default"}
                made, held = _made(admin, "user", **person), _role(admin, role)
                granted = admin.put(f"projects/{project}/users/{made}/roles/{held}")
                granted.raise_for_status()
            service = _made(admin, "service", name="swift", type="object-store")
            url = f"http://{LOOPBACK}:{swift_port}/v1/AUTH_%(project_id)s"
            _made(admin, "endpoint", service_id=service, interface="public", region_id=REGION, url=url)
        write(self.directory / "declared", str(swift_port))

    def _make(self) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        keys = "".join(
            f"[{section}]\nkey_repository = {self.directory / section}\n\n"
            for section in ("fernet_tokens", "fernet_receipts", "credential")
        )
        database = f"[database]\nconnection = sqlite:///{self.directory / 'keystone.db'}\n\n"
        # The least rounds there are: the passwords are random and live as long as a test.
        write(self._config, f"{database}{keys}[identity]\npassword_hash_rounds = 4\n")
        self._manage("db_sync")
        owner = ["--keystone-user", getpass.getuser(), "--keystone-group", getpass.getuser()]
        self._manage("fernet_setup", *owner)
        # The password is told by the environment: a command line can be read by everybody.
        # Swift's filter finds Keystone in Keystone's own catalogue, as its internal address.
        urls = ["--bootstrap-public-url", self.auth_url, "--bootstrap-internal-url", self.auth_url]
        region = ["--bootstrap-region-id", REGION]
        self._manage("bootstrap", *region, *urls, OS_BOOTSTRAP_PASSWORD=self.key("admin"))
        write(self.directory / "made", "")

    def _manage(self, *arguments: str, **environment: str) -> None:
        command = [str(ENVIRONMENT / "bin" / "python"), "-I", str(ENVIRONMENT / "bin" / "keystone-manage")]
        command += ["--config-file", str(self._config), *arguments]
        environment = {"PATH": "/usr/bin:/bin", **environment}
        ran = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
        if ran.returncode != 0:
            raise LabFailure(f"Keystone: its {arguments[0]} failed: {ran.stderr.strip()[-600:]}")

    def _answers(self) -> bool:
        try:
            return httpx.get(self.auth_url, trust_env=False, timeout=5).is_success
        except httpx.HTTPError:
            return False

    def _as_admin(self) -> httpx.Client:
        user = {"name": "admin", "password": self.key("admin"), "domain": {"id": "default"}}
        scope = {"project": {"name": "admin", "domain": {"id": "default"}}}
        identity = {"methods": ["password"], "password": {"user": user}}
        asked = {"auth": {"identity": identity, "scope": scope}}
        told = httpx.post(f"{self.auth_url}/auth/tokens", json=asked, trust_env=False, timeout=30)
        told.raise_for_status()
        token = {"X-Auth-Token": told.headers["X-Subject-Token"]}
        return httpx.Client(base_url=self.auth_url, headers=token, trust_env=False, timeout=30)


def _made(admin: httpx.Client, kind: str, **values: Any) -> str:
    answer = admin.post(f"{kind}s", json={kind: values})
    answer.raise_for_status()
    return str(answer.json()[kind]["id"])


def _role(admin: httpx.Client, name: str) -> str:
    known = {each["name"]: each["id"] for each in admin.get("roles").json()["roles"]}
    return str(known[name]) if name in known else _made(admin, "role", name=name)
