"""Glance's API over a site: lists, shows, takes, sends and deletes images as Glance does, from the files of the locations."""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import sqlite3
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

from tests.unit.migration.site_of_glance import Site


class Glance:
    """token: what it wants, empty for none. `spoiled`: images whose download is wrong, and how; `requests`: what came.

    sent  bytes of each image
    """

    def __init__(self, site: Site) -> None:
        self.site, self.token, self.page = site, "", 7
        self.spoiled: dict[str, str] = {}
        self.uploads: Path | None = None
        self.keeps_files = False
        self.knows_ranges = True
        self.requests: list[str] = []
        self.sent: dict[str, int] = {}
        glance = self

        class Handler(Requests):
            api = glance

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()
        site.api = f"127.0.0.1:{self.server.server_port}"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def database(self) -> sqlite3.Connection:
        return sqlite3.connect(self.site.root / "glance.db", isolation_level=None)


class Requests(BaseHTTPRequestHandler):
    api: Glance

    def log_message(self, format: str, *more: Any) -> None:
        self.api.requests.append(f"{self.command} {self.path}")

    def do_GET(self) -> None:
        if found := re.match(r"/v2/images\?limit=\d+(&marker=(?P<marker>.*))?$", self.path):
            return self.answer(200, self.listed(found["marker"] or ""))
        id = self.path.split("/")[3]
        row = self.row(id)
        if row is None:
            return self.answer(404, {})
        if row[1] == "deactivated":
            return self.answer(403, {})
        return self.send(id, row[0])

    def do_POST(self) -> None:
        document = json.loads(self.body())
        with self.api.database() as database:
            database.execute(
                "INSERT INTO images VALUES (?, ?, 'queued', NULL, NULL, NULL, NULL, 0)",
                (document["id"], document["name"]),
            )
        self.answer(201, {"id": document["id"]})

    def do_PUT(self) -> None:
        id, content = self.path.split("/")[3], self.body()
        path = (self.api.uploads or self.api.site.new) / id
        path.write_bytes(content)
        with self.api.database() as database:
            database.execute(
                "UPDATE images SET status = 'active', size = ?, os_hash_algo = 'sha512', os_hash_value = ? WHERE id = ?",
                (len(content), hashlib.sha512(content).hexdigest(), id),
            )
            database.execute(
                "INSERT INTO image_locations (image_id, value, status, deleted) VALUES (?, ?, 'active', 0)",
                (id, f"file://{path}"),
            )
        self.answer(204, None)

    def do_DELETE(self) -> None:
        id = self.path.split("/")[3]
        row = self.row(id)
        if row is None:
            return self.answer(404, {})
        with self.api.database() as database:
            database.execute("UPDATE images SET deleted = 1, status = 'deleted' WHERE id = ?", (id,))
            database.execute("UPDATE image_locations SET deleted = 1 WHERE image_id = ?", (id,))
        if not self.api.keeps_files:
            Path(row[0].removeprefix("file://")).unlink(missing_ok=True)
        return self.answer(204, None)

    def send(self, id: str, value: str) -> None:
        how, path = self.api.spoiled.get(id, ""), Path(value.removeprefix("file://"))
        if not path.exists() or how == "nothing":
            # As measured: no error, and no bytes.
            return self.answer(204, None)
        content = path.read_bytes()
        if how == "error":
            return self.answer(500, {})
        if how == "other bytes":
            content = bytes([content[0] ^ 1]) + content[1:]
        if how == "shorter":
            content = content[:-1]
        asked = re.fullmatch(r"bytes=0-(\d+)", self.headers.get("Range") or "")
        if asked and self.api.knows_ranges:
            self.send_response(206)
            part = content[: int(asked[1]) + 1]
            self.send_header("Content-Range", f"bytes 0-{len(part) - 1}/{len(content)}")
            content = part
        else:
            self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.api.sent[id] = self.api.sent.get(id, 0) + len(content)
        # Who asked for the beginning alone may have gone before the end.
        with contextlib.suppress(ConnectionError):
            self.wfile.write(content[: len(content) // 2] if how == "cut" else content)
        return None

    def listed(self, marker: str) -> dict[str, Any]:
        with self.api.database() as database:
            ids = [
                row[0]
                for row in database.execute(
                    "SELECT id FROM images WHERE deleted = 0 AND id > ? ORDER BY id LIMIT ?",
                    (marker, self.api.page),
                )
            ]
        page: dict[str, Any] = {"images": [{"id": id} for id in ids]}
        if len(ids) == self.api.page:
            page["next"] = f"/v2/images?limit={self.api.page}&marker={ids[-1]}"
        return page

    def row(self, id: str) -> tuple[str, str] | None:
        with self.api.database() as database:
            found: tuple[str, str] | None = database.execute(
                "SELECT value, images.status FROM images LEFT JOIN image_locations ON image_id = images.id"
                " AND image_locations.deleted = 0 WHERE images.id = ? AND images.deleted = 0",
                (id,),
            ).fetchone()
        return found

    def body(self) -> bytes:
        return self.rfile.read(int(self.headers["Content-Length"]))

    def answer(self, code: int, document: dict[str, Any] | None) -> None:
        if self.api.token and self.headers["X-Auth-Token"] != self.api.token:
            code, document = 401, {}
        content = b"" if document is None else json.dumps(document).encode()
        self.send_response(code)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


class Case(NamedTuple):
    """Something that is wrong with a Glance or its site, and what a proof says of it."""

    spoil: Callable[[Site, Glance], object]
    says: str
    because: str


def spoiled(how: str) -> Callable[[Site, Glance], object]:
    """One image whose download is wrong."""
    return lambda site, glance: glance.spoiled.update({"image-06": how})
