"""A Glance with images on a fake host: Glance's own tables in sqlite, real files, an API that serves both, and the real program.

The host is the one of tests/lifecycle/host, with SQLAlchemy in place of its stand-in; systemd and the mount stay played.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import sqlite3
import subprocess
import sysconfig
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncssh

from strata.clients.host import HostClient
from strata.deadline import Clock
from strata.errors import Failed
from strata.provider.kind import Kind
from strata.provider.kinds.glance_image_migration import ImageMigration
from strata.provider.lifecycle import Lifecycle, Resource
from tests.lifecycle.glance_migration.glance_api import GlanceApi
from tests.lifecycle.host.fake_host import FakeHost

OLD = "/var/lib/glance/images"
NEW = "/glance/images"
DATABASE = "/var/lib/glance/glance.sqlite"
CONF = "/etc/glance/glance-api.conf"
DROP_IN = "/etc/systemd/system/glance-api.service.d/50-strata-store.conf"
FOLDER = "/var/lib/strata/migrations/glance"
EXPORT = "10.130.208.55:/images"
SCHEMA = """
CREATE TABLE images (id VARCHAR(36) PRIMARY KEY, name VARCHAR(255), status VARCHAR(30) NOT NULL, size BIGINT,
  checksum VARCHAR(32), os_hash_algo VARCHAR(64), os_hash_value VARCHAR(128), deleted BOOLEAN NOT NULL);
CREATE TABLE image_locations (id INTEGER PRIMARY KEY, image_id VARCHAR(36) NOT NULL, value TEXT NOT NULL, meta_data TEXT,
  status VARCHAR(30) NOT NULL, deleted BOOLEAN NOT NULL);
"""


class Site:
    """The first host with its images. `images` are the hashes of what was uploaded, by id."""

    def __init__(self, host: FakeHost, api: GlanceApi) -> None:
        self.host = host
        self.api = api
        self.images: dict[str, str] = {}
        self.path("/var/lib/glance/images").mkdir()
        with self.database() as database:
            database.executescript(SCHEMA)

    def path(self, path: str) -> Path:
        """Where a path of the host lies for this process; the mount is a directory of its own."""
        if path == NEW or path.startswith(f"{NEW}/"):
            return self.host.path(f"/srv/images{path.removeprefix(NEW)}")
        return self.host.path(path)

    def database(self) -> sqlite3.Connection:
        file = self.host.path(DATABASE)
        return sqlite3.connect(file, isolation_level=None, timeout=20)

    def upload(self, image: str, content: bytes = b"", folder: str = OLD) -> str:
        """Registers an image as Glance does."""
        content = content or image.encode() * 5000
        path = self.path(f"{folder}/{image}")
        path.write_bytes(content)
        os.chown(path, 64062, 64062)
        digest = hashlib.sha512(content).hexdigest()
        md5 = hashlib.md5(content).hexdigest()
        with self.database() as database:
            database.execute(
                "INSERT INTO images VALUES (?, ?, 'active', ?, ?, 'sha512', ?, 0)",
                (image, f"name of {image}", len(content), md5, digest),
            )
            database.execute(
                "INSERT INTO image_locations (image_id, value, meta_data, status, deleted)"
                " VALUES (?, ?, '{}', 'active', 0)",
                (image, f"file://{folder}/{image}"),
            )
        self.images[image] = digest
        return image

    def locations(self) -> dict[str, str]:
        """Image -> where Glance looks for it."""
        with self.database() as database:
            return dict(
                database.execute("SELECT image_id, value FROM image_locations WHERE deleted = 0 ORDER BY id")
            )

    def served(self) -> dict[str, str]:
        """Image -> hash of what Glance sends now."""
        return {
            image: hashlib.sha512(self.path(value.removeprefix("file://")).read_bytes()).hexdigest()
            for image, value in self.locations().items()
        }

    def tree(self) -> dict[str, tuple[Any, ...]]:
        """Everything on the host that a write would show in."""
        found: dict[str, tuple[Any, ...]] = {}
        for top in ("etc", "var/lib", "srv", "glance"):
            for path in sorted(self.host.root.glob(f"{top}/**/*")):
                stat = path.lstat()
                found[str(path.relative_to(self.host.root))] = (
                    stat.st_mode,
                    stat.st_uid,
                    stat.st_size,
                    stat.st_mtime_ns,
                )
        return found

    def bring_sqlalchemy(self) -> None:
        """The real one, from this environment, in the place of the host's stand-in."""
        packages = Path(sysconfig.get_path("purelib"))
        there = self.host.path("/run/python")
        (there / "sqlalchemy.py").unlink()
        (there / "sqlalchemy").mkdir()
        (there / "glance/cmd").mkdir(parents=True)
        (there / "glance/cmd/api.py").write_text("# As if Glance was installed.")
        shutil.copy(packages / "typing_extensions.py", there)
        assert self.host._namespace is not None
        mount = ["mount", "--bind", str(packages / "sqlalchemy"), str(there / "sqlalchemy")]
        subprocess.run(["nsenter", "-t", str(self.host._namespace.pid), "-m", "--", *mount], check=True)

    def mount(self) -> None:
        """What strata:host:Mount does before the move."""
        self.host.sh(
            f"mkdir -p {NEW}; printf '\\n{EXPORT} {NEW} nfs defaults 0 0\\n' >>/etc/fstab; mount {NEW}; chown glance:glance {NEW}"
        )
        self.host.systemctl_log()


@asynccontextmanager
async def running(tmp_path: Path, name: str = "host") -> AsyncIterator[Site]:
    """The site on a fake host that answers on a free port of the loopback."""
    keys = [asyncssh.generate_private_key("ssh-ed25519") for _ in range(2)]
    host = FakeHost(tmp_path / name, *keys)

    class Server(asyncssh.SSHServer):
        def begin_auth(self, username: str) -> bool:
            return True

        def public_key_auth_supported(self) -> bool:
            return True

        def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
            return key.public_data == host.client_key.public_data

    api = GlanceApi()
    host.build(api.port)
    site = Site(host, api)
    site.bring_sqlalchemy()
    api.serve(site)
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
        yield site
    finally:
        await host.end()
        server.close()
        api.close()


class Hosts:
    """Connections to the sites by name."""

    def __init__(self, **sites: Site) -> None:
        self._sites = sites
        self._clients: dict[str, HostClient] = {}

    def host(self, name: str) -> HostClient:
        if name not in self._sites:
            raise Failed(f"There is no host named {name!r} in strata:hosts of the stack file.")
        if name not in self._clients:
            host = self._sites[name].host
            self._clients[name] = HostClient(
                name,
                "127.0.0.1",
                host.port,
                "root",
                host.client_key.export_private_key().decode(),
                host.host_key.export_public_key().decode(),
            )
            host._clients.append(self._clients[name])
        return self._clients[name]


@dataclass
class Declared:
    """One declared resource, driven as the engine does, with what it said."""

    kind: Kind[Any, Any]
    inputs: dict[str, Any]
    name: str = "images"
    clock: Clock = field(default_factory=Clock)
    id: str = ""
    state: dict[str, Any] = field(default_factory=dict)
    progress: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        def into(lines: list[str]) -> Any:
            async def line(urn: str, text: str) -> None:
                lines.append(text)

            return line

        self.lifecycle = Lifecycle(
            self.kind,
            self.clock,
            progress=into(self.progress),
            warn=into(self.warnings),
            note=into(self.notes),
        )
        self.resource = Resource(f"urn:pulumi:lab::strata::{self.kind.token}::{self.name}")

    def declare(self, **changes: Any) -> Declared:
        self.inputs = {**self.inputs, **changes}
        return self

    async def up(self) -> None:
        """Create, or refresh and update, whichever it takes."""
        inputs = self.lifecycle.check(self.inputs)
        if self.id and not await self.refresh():
            self.id = ""
        if not self.id:
            self.id, self.state = await self.lifecycle.create(self.resource, inputs, 3600)
        elif self.lifecycle.diff(inputs, self.state, []):
            self.state = await self.lifecycle.update(self.resource, self.id, inputs, self.state, 3600)

    async def preview(self) -> None:
        inputs = self.lifecycle.check(self.inputs)
        if not self.id:
            await self.lifecycle.preview_create(self.resource, inputs, 600)
        else:
            await self.lifecycle.preview_update(self.resource, self.id, inputs, self.state, 600)

    async def refresh(self) -> bool:
        found = await self.lifecycle.read(self.id, self.lifecycle.check(self.inputs), self.state)
        if found is not None:
            _, self.state, _ = found
        return found is not None

    async def drift(self) -> dict[str, tuple[Any, Any]]:
        """path -> (declared, actual) of everything that is otherwise now."""
        assert await self.refresh(), "it is gone"
        found = self.lifecycle.diff(self.lifecycle.check(self.inputs), self.state, [])
        return {one.path: (one.declared, one.actual) for one in found}

    async def destroy(self) -> None:
        """With the settings, which the server hands over beside the state."""
        old = {**self.lifecycle.check(self.inputs), **self.state}
        await self.lifecycle.delete(self.resource, self.id, old, 3600)

    async def imported(self, id: str) -> tuple[str, dict[str, Any]] | None:
        found = await self.lifecycle.read(id, {}, {})
        return None if found is None else (found[0], found[2])


INPUTS = {
    "hosts": ["tkstack"],
    "sources": [OLD],
    "directory": NEW,
    "mount": NEW,
    "export": EXPORT,
}


def quick() -> Clock:
    """Pauses between two polls last no longer than the work on a fake host."""
    return Clock(sleep=lambda seconds: asyncio.sleep(0.1))


def declared(site: Site, environ: dict[str, str] | None = None, **changes: Any) -> Declared:
    """The move on one host."""
    kind = ImageMigration(Hosts(tkstack=site), environ or {})
    return Declared(kind, {**INPUTS, **changes}, "glance", quick())
