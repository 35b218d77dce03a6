"""A host for fast tests: a real SSH server in this process, a real shell in a root and mount namespace of its own.

Files, directories, owners, mounts (as bind mounts) and every script of the clients are real; stubs.py says what is played.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncssh

from strata.clients.host import HostClient

STUBS = (
    "mount",
    "umount",
    "systemctl",
    "systemd-run",
    "systemd-escape",
    "journalctl",
    "sudo",
    "runuser",
    "mount.nfs",
)
SOURCE = "10.130.208.55:/images"
NAME = "tkstack"

SQLALCHEMY = '''
"""Just enough of SQLAlchemy for one query on sqlite."""
import sqlite3
from types import SimpleNamespace as engine_
engine = engine_(make_url=lambda text: engine_(drivername="sqlite", database=text.removeprefix("sqlite:///")))
class create_engine:
    def __init__(self, url): self.open = sqlite3.connect(url.database)
    def connect(self): return self
    def __enter__(self): return self
    def __exit__(self, *a): pass
    def execute(self, query, values): return self.open.execute(query, values)
def inspect(e):
    found = [row[0] for row in e.open.execute("select name from sqlite_master")]
    return engine_(has_table=lambda name: name in found)
def text(query): return query
'''


class FakeHost:
    """The host and how to meddle with it behind Strata's back."""

    def __init__(self, root: Path, client_key: asyncssh.SSHKey, host_key: asyncssh.SSHKey) -> None:
        self.root = root
        self.client_key = client_key
        self.host_key = host_key
        self.port = 0
        self.commands: list[str] = []
        self.drop_after: int | None = None
        self._clients: list[HostClient] = []
        self._children: list[asyncio.subprocess.Process] = []
        self._namespace: subprocess.Popen[bytes] | None = None

    def path(self, path: str) -> Path:
        """A path of the host as this process sees it (without what is mounted in the host's namespace)."""
        return self.root / path.lstrip("/")

    def state(self, **changes: Any) -> dict[str, Any]:
        file = self.path("/run/state.json")
        now: dict[str, Any] = json.loads(file.read_text())
        if changes:
            now.update(changes)
            new = file.with_suffix(".new")
            new.write_text(json.dumps(now))
            new.replace(file)
        return now

    def sh(self, script: str) -> str:
        """What a script on the host prints; it must succeed."""
        done = subprocess.run(self.inside(["sh", "-euc", script]), capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def systemctl_log(self) -> list[str]:
        """The calls of systemctl that change something, since the last time this was asked."""
        log = self.path("/var/log/systemctl")
        lines = [
            line for line in log.read_text().splitlines() if line.split()[0] not in ("show", "is-active")
        ]
        log.write_text("")
        return lines

    def client(self, user: str = "root", *, private_key: str = "", host_key: str = "") -> HostClient:
        """A client of this host; without keys the right ones."""
        client = HostClient(
            NAME,
            "127.0.0.1",
            self.port,
            user,
            private_key or self.client_key.export_private_key().decode(),
            host_key or self.host_key.export_public_key().decode(),
        )
        self._clients.append(client)
        return client

    def inside(self, command: list[str]) -> list[str]:
        assert self._namespace is not None
        environment = ["env", "-i", "PATH=/usr/sbin:/usr/bin", "PYTHONPATH=/run/python", "LC_ALL=C"]
        return [
            "nsenter",
            "-t",
            str(self._namespace.pid),
            "-m",
            "--",
            "chroot",
            str(self.root),
            *environment,
            *command,
        ]

    def build(self, api_port: int) -> None:
        """The host's files, and its namespace with the machine's programs in it."""
        for name in (
            "etc/glance",
            "glance-lib",
            "proc/self",
            "proc/777/fd",
            "run/lock",
            "run/python",
            "dev",
            "tmp",
            "usr/bin",
        ):
            self.path(name).mkdir(parents=True)
        for name in (
            "usr/sbin",
            "usr/lib",
            "var/log",
            "var/lib/glance",
            "srv/images",
            "srv/moved",
            "etc/systemd/system",
        ):
            self.path(name).mkdir(parents=True)
        for name in ("bin", "sbin", "lib"):
            self.path(name).symlink_to(f"usr/{name}")
        if Path("/lib64").exists():
            self.path("lib64").symlink_to("usr/lib64")
            self.path("usr/lib64").mkdir()
        self.path("etc/alternatives").mkdir()
        self.path("etc/alternatives/awk").symlink_to(Path("/usr/bin/awk").resolve())
        for stub in STUBS:
            shutil.copy(Path(__file__).with_name("stubs.py"), self.path(f"usr/sbin/{stub}"))
            text = self.path(f"usr/sbin/{stub}").read_text()
            self.path(f"usr/sbin/{stub}").write_text(f"#!/usr/bin/python3 -IS\n{text}")
            self.path(f"usr/sbin/{stub}").chmod(0o755)
        self.path("run/python/sqlalchemy.py").write_text(SQLALCHEMY)
        self.path("etc/passwd").write_text("root:x:0:0::/:/bin/sh\nglance:x:64062:64062::/:/bin/sh\n")
        self.path("etc/group").write_text("root:x:0:\nglance:x:64062:\n")
        self.path("etc/fstab").write_text("# disks\n/dev/vda\t/ ext4 defaults 0 0")
        self.path("proc/self/mountinfo").write_text("21 1 254:0 / / rw,relatime - ext4 /dev/root rw\n")
        self.path("proc/777/comm").write_text("cp\n")
        conf = self.path("etc/glance/glance-api.conf")
        conf.write_text(GLANCE_CONF.format(port=api_port))
        conf.chmod(0o640)
        os.chown(conf, 0, 64062)
        self.path("var/log/systemctl").write_text("")
        first = {
            "exports": {SOURCE: "", "10.130.208.55:/moved": ""},
            "services": {"glance-api": {"active": True}},
            "loaded": {},
            "busy": False,
            "broken": False,
            "sudo": True,
            "unwritable": 0,
            "journal": "ERROR glance: connection mysql://glance:canary@db/glance refused\npassword = canary",
        }
        self.path("run/state.json").write_text(json.dumps(first))
        self._start_namespace()

    def _start_namespace(self) -> None:
        binds = [
            f"mount --bind {name} {self.root}{name}"
            for name in ("/dev", "/usr/bin", "/usr/lib", "/usr/lib64")
            if Path(name).exists()
        ]
        script = " && ".join([*binds, "echo ready", "exec sleep infinity"])
        command = ["unshare", "-m", "--propagation", "private", "sh", "-c", script]
        self._namespace = subprocess.Popen(command, stdout=subprocess.PIPE)
        assert self._namespace.stdout is not None
        assert self._namespace.stdout.readline() == b"ready\n"

    async def end(self) -> None:
        for client in self._clients:
            await client.close()
        for child in self._children:
            if child.returncode is None:
                os.killpg(child.pid, signal.SIGKILL)
        assert self._namespace is not None
        self._namespace.kill()
        self._namespace.wait()

    async def serve(self, process: asyncssh.SSHServerProcess[bytes]) -> None:
        """Run one command of an SSH session."""
        self.commands.append(process.command or "")
        if self.drop_after is not None and len(self.commands) >= self.drop_after:
            self.drop_after = None
            process.channel.get_connection().abort()
            return
        running = await asyncio.create_subprocess_exec(
            *self.inside(["sh", "-c", process.command or ""]),
            stdin=-1,
            stdout=-1,
            stderr=-1,
            start_new_session=True,
        )
        self._children.append(running)
        stdout, stderr = await running.communicate(await process.stdin.read())
        process.stdout.write(stdout)
        process.stderr.write(stderr)
        process.exit(running.returncode or 0)


GLANCE_CONF = """\
[DEFAULT]
bind_port = {port}

[database]
connection = sqlite:////var/lib/glance/glance.sqlite
#  (string value)
password = canary

[glance_store]
# Directory to which the filesystem backend store writes images.
#  (string value)
#filesystem_store_datadir = /var/lib/glance/images

#filesystem_store_datadirs =
[keystone_authtoken]
password = canary
"""


@asynccontextmanager
async def running(tmp_path: Path) -> AsyncIterator[FakeHost]:
    """A fake host that answers on a free port of the loopback."""
    keys = [asyncssh.generate_private_key("ssh-ed25519") for _ in range(2)]
    host = FakeHost(tmp_path / "host", *keys)

    async def api(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        if host.state()["services"]["glance-api"]["active"]:
            writer.write(b"HTTP/1.0 300 Multiple Choices\r\n\r\n")
        writer.close()

    class Server(asyncssh.SSHServer):
        def begin_auth(self, username: str) -> bool:
            return True

        def public_key_auth_supported(self) -> bool:
            return True

        def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
            return key.public_data == host.client_key.public_data

    glance = await asyncio.start_server(api, "127.0.0.1", 0)
    host.build(glance.sockets[0].getsockname()[1])
    server = await asyncssh.create_server(
        Server,
        "127.0.0.1",
        0,
        server_host_keys=[host.host_key],
        process_factory=host.serve,
        encoding=None,
        line_editor=False,
    )
    host.port = server.get_port()
    try:
        yield host
    finally:
        await host.end()
        server.close()
        glance.close()
