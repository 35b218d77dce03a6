"""A site of its own for each test: Glance's two tables in a real sqlite file, real image files, and the program's commands."""

from __future__ import annotations

import hashlib
import io
import json
import multiprocessing
import os
import random
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

from strata.migration import points
from strata.migration.main import main
from tests.unit.migration.service_of_glance import Systemd

SCHEMA = """
CREATE TABLE images (id VARCHAR(36) PRIMARY KEY, name VARCHAR(255), status VARCHAR(30) NOT NULL, size BIGINT,
  checksum VARCHAR(32), os_hash_algo VARCHAR(64), os_hash_value VARCHAR(128), deleted BOOLEAN NOT NULL);
CREATE TABLE image_locations (id INTEGER PRIMARY KEY, image_id VARCHAR(36) NOT NULL, value TEXT NOT NULL, meta_data TEXT,
  status VARCHAR(30) NOT NULL, updated_at DATETIME, deleted BOOLEAN NOT NULL);
"""


class Site:
    """Old and new directory, database, configuration, journal; `images` are the hashes of what was uploaded, by id."""

    def __init__(self, root: Path) -> None:
        self.root, self.old, self.new, self.journal = root, root / "old", root / "new", root / "journal"
        self.old.mkdir()
        self.new.mkdir()
        self.config = root / "glance-api.conf"
        self.config.write_text(
            f"[DEFAULT]\ndebug = False\n[database]\nconnection = sqlite:///{root}/glance.db\n"
            f"[glance_store]\nfilesystem_store_datadir = {self.old}\n"
        )
        self.database = sqlite3.connect(root / "glance.db", isolation_level=None)
        self.database.executescript("PRAGMA synchronous = off; PRAGMA journal_mode = wal;" + SCHEMA)
        self.guard = root / "glance-api.service.d" / "50-strata-store.conf"
        self.systemd = Systemd(root, self.config, self.guard)
        self.images: dict[str, str] = {}
        self.switch = "restart"
        self.api, self.token = "127.0.0.1:9", ""
        self.random = random.Random(5)

    def upload(
        self,
        name: str,
        content: bytes = b"",
        *,
        hashed: str = "sha512",
        folder: Path | None = None,
        hole: int = 0,
    ) -> str:
        """Registers an image as Glance does; hashed: `sha512`, `md5` (an old one) or `` (older still)."""
        content = content or self.random.randbytes(self.random.randint(1, 30_000))
        path = (folder or self.old) / name
        with open(path, "wb") as out:
            out.write(content[: len(content) // 2])
            out.seek(hole, os.SEEK_CUR)
            out.write(content[len(content) // 2 :])
        path.chmod(0o640)
        whole = path.read_bytes()
        digest = hashlib.sha512(whole).hexdigest()
        self.database.execute(
            "INSERT INTO images VALUES (?, ?, 'active', ?, ?, ?, ?, 0)",
            (
                name,
                f"name of {name}",
                len(whole),
                hashlib.md5(whole).hexdigest() if hashed else None,
                hashed if hashed == "sha512" else None,
                digest if hashed == "sha512" else None,
            ),
        )
        self.locate(name, f"file://{path}")
        self.images[name] = digest
        return name

    def locate(self, image: str, value: str, meta: str = '{"store": "disk"}') -> None:
        self.database.execute(
            "INSERT INTO image_locations (image_id, value, meta_data, status, updated_at, deleted)"
            " VALUES (?, ?, ?, 'active', '2026-01-02 03:04:05', 0)",
            (image, value, meta),
        )

    def delete(self, image: str) -> None:
        """As Glance deletes: the rows are marked and the file that the location names goes."""
        (value,) = self.database.execute(
            "SELECT value FROM image_locations WHERE image_id = ? AND deleted = 0", (image,)
        ).fetchone()
        self.database.execute("UPDATE images SET deleted = 1, status = 'deleted' WHERE id = ?", (image,))
        self.database.execute("UPDATE image_locations SET deleted = 1 WHERE image_id = ?", (image,))
        Path(value.removeprefix("file://")).unlink()
        del self.images[image]

    def rows(self) -> list[tuple[Any, ...]]:
        return self.database.execute("SELECT * FROM image_locations ORDER BY id").fetchall()

    def values(self) -> dict[str, str]:
        """Image -> its live location."""
        return dict(
            self.database.execute("SELECT image_id, value FROM image_locations WHERE deleted = 0 ORDER BY id")
        )

    def served(self) -> dict[str, str]:
        """Image -> hash of what Glance would send now; reads the file that the location names, as Glance does."""
        return {
            image: hashlib.sha512(Path(value.removeprefix("file://")).read_bytes()).hexdigest()
            for image, value in self.values().items()
            if value.startswith("file://")
        }

    def spec(self, **changes: Any) -> dict[str, Any]:
        """What a cutover gets by its input."""
        setting = {"file": str(self.config), "section": "glance_store", "option": "filesystem_store_datadir"}
        return {
            "service": "glance-api",
            "setting": {**setting, "value": str(self.new)},
            "guard": {"path": str(self.guard), "text": f"the images lie in {self.new}\n"},
            "api": {"address": "127.0.0.1", "port": 9292, "seconds": 0},
            "switch": self.switch,
            **changes,
        }

    def run(
        self, command: str, *more: str, ids: list[str] | None = None, spec: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """The answer of a command, run in this process; `code` is its exit code."""
        out, given = io.StringIO(), [command, "--journal", str(self.journal)]
        if command not in ("progress", "status"):
            given += ["--config", str(self.config), "--from", str(self.old), "--to", str(self.new), *more]
        text = json.dumps(ids or [])
        if command in ("cutover", "rollback"):
            given, text = [*given, "--spec", "-"], json.dumps(spec or self.spec())
        if command == "prove":
            given, text = [*given, "--api", self.api], f"{self.token}\n"
        code = main(given, out, io.StringIO(text))
        answer: dict[str, Any] = json.loads(out.getvalue())
        return {**answer, "code": code}

    def done(
        self, command: str, *more: str, ids: list[str] | None = None, spec: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """The same for a command that must succeed."""
        answer = self.run(command, *more, ids=ids, spec=spec)
        assert answer["code"] == 0, answer
        return answer

    def killed(
        self, command: str, point: str, nth: int = 1, ids: list[str] | None = None, meanwhile: str = ""
    ) -> bool:
        """Runs the command in a process that ends without any ado at the nth time the point is reached; False if it never was.

        meanwhile: an image that is uploaded by somebody else right before the stop.
        """

        def child() -> None:
            left = [nth]
            parents = self.database
            if meanwhile:
                points.HOOKS["cutover.prepared"] = lambda path: self.upload_apart(meanwhile)

            def hook(path: str) -> None:
                left[0] -= 1
                if left[0] == 0:
                    os._exit(137)

            points.HOOKS[point] = hook
            self.run(command, "--workers", "1", ids=ids)
            # The parent's connection must not be closed here.
            os._exit(0 if parents is not None else 1)

        process = multiprocessing.get_context("fork").Process(target=child)
        process.start()
        process.join()
        if meanwhile and (path := self.old / meanwhile).exists():
            self.images[meanwhile] = hashlib.sha512(path.read_bytes()).hexdigest()
        return process.exitcode == 137

    def upload_apart(self, name: str) -> None:
        """By a connection of this process."""
        self.database = sqlite3.connect(self.root / "glance.db", isolation_level=None)
        self.upload(name)


def at(point: str, act: Callable[[str], None], times: int = 1) -> None:
    """Does that at the point, so many times; the fixture of every test takes it away again."""
    left = [times]

    def hook(path: str) -> None:
        if left[0] > 0:
            left[0] -= 1
            act(path)

    points.HOOKS[point] = hook


def flip(path: str) -> None:
    """Changes the first bit of a file."""
    with open(path, "r+b") as file:
        byte = file.read(1)[0]
        file.seek(0)
        file.write(bytes([byte ^ 1]))
