"""Glance's API as far as the proof of a move needs it, over the fake host's own database and files."""

from __future__ import annotations

import contextlib
import hashlib
import json
import threading
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from strata.hostfiles import ini

if TYPE_CHECKING:
    from tests.lifecycle.glance_migration.site import Site


class GlanceApi:
    """Answers while the fake host's service runs. token: what it asks for, None lets everybody in. silent: no answer."""

    def __init__(self) -> None:
        self.token: str | None = None
        self.silent = False
        self.tokens_seen: set[str] = set()
        api = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, format: str, *args: Any) -> None:
                pass

            def handle_one_request(self) -> None:
                if (
                    api.silent
                    or api.site is None
                    or not api.site.host.state()["services"]["glance-api"]["active"]
                ):
                    self.close_connection = True
                    return
                with contextlib.suppress(OSError):
                    super().handle_one_request()

            def do_GET(self) -> None:
                api.answer(self)

            def do_POST(self) -> None:
                api.answer(self)

            def do_PUT(self) -> None:
                api.answer(self)

            def do_DELETE(self) -> None:
                api.answer(self)

        self.site: Site | None = None
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_port

    def serve(self, site: Site) -> None:
        self.site = site
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers.get("Content-Length") or 0))
        path = request.path.partition("?")[0]
        parts = path.strip("/").split("/")
        if parts == [""]:
            return self._send(request, 300, {"versions": []})
        given = request.headers.get("X-Auth-Token") or ""
        self.tokens_seen.add(given)
        if self.token is not None and given != self.token:
            return self._send(request, 401, {})
        if parts[:2] != ["v2", "images"]:
            return self._send(request, 404, {})
        if len(parts) == 2:
            return self._collection(request, body)
        return self._image(request, parts[2], parts[3:] == ["file"], body)

    def _collection(self, request: BaseHTTPRequestHandler, body: bytes) -> None:
        assert self.site is not None
        with self.site.database() as database:
            if request.command == "POST":
                image = str(json.loads(body).get("id") or uuid.uuid4())
                database.execute(
                    "INSERT INTO images VALUES (?, ?, 'queued', NULL, NULL, NULL, NULL, 0)",
                    (image, json.loads(body).get("name")),
                )
                return self._send(request, 201, {"id": image, "status": "queued"})
            rows = database.execute("SELECT id FROM images WHERE deleted = 0 ORDER BY id").fetchall()
        return self._send(request, 200, {"images": [self._shown(row[0]) for row in rows]})

    def _image(self, request: BaseHTTPRequestHandler, image: str, file: bool, body: bytes) -> None:
        assert self.site is not None
        shown = self._shown(image)
        if shown is None:
            return self._send(request, 404, {})
        if request.command == "PUT":
            self._store(image, body)
            return self._send(request, 204, None)
        where = self.site.locations().get(image)
        path = self.site.path(where.removeprefix("file://")) if where else None
        if request.command == "DELETE":
            with self.site.database() as database:
                database.execute("UPDATE images SET deleted = 1, status = 'deleted' WHERE id = ?", (image,))
                database.execute("UPDATE image_locations SET deleted = 1 WHERE image_id = ?", (image,))
            if path is not None:
                path.unlink(missing_ok=True)
            return self._send(request, 204, None)
        if not file:
            return self._send(request, 200, shown)
        if path is None or not path.exists():
            return self._send(request, 204, None)
        return self._send(request, 200, path.read_bytes())

    def _store(self, image: str, content: bytes) -> None:
        """Into the directory that the configuration names now."""
        assert self.site is not None
        text = self.site.host.path("/etc/glance/glance-api.conf").read_text()
        folder = ini.get(text, "glance_store", "filesystem_store_datadir") or "/var/lib/glance/images"
        self.site.path(f"{folder}/{image}").write_bytes(content)
        digest, md5 = hashlib.sha512(content).hexdigest(), hashlib.md5(content).hexdigest()
        with self.site.database() as database:
            database.execute(
                "UPDATE images SET status = 'active', size = ?, checksum = ?, os_hash_algo = 'sha512', os_hash_value = ?"
                " WHERE id = ?",
                (len(content), md5, digest, image),
            )
            database.execute(
                "INSERT INTO image_locations (image_id, value, meta_data, status, deleted) VALUES (?, ?, '{}', 'active', 0)",
                (image, f"file://{folder}/{image}"),
            )

    def _shown(self, image: str) -> dict[str, Any] | None:
        assert self.site is not None
        names = ("id", "name", "status", "size", "checksum", "os_hash_algo", "os_hash_value")
        with self.site.database() as database:
            row = database.execute(
                f"SELECT {', '.join(names)} FROM images WHERE id = ? AND deleted = 0", (image,)
            ).fetchone()
        return None if row is None else dict(zip(names, row, strict=True))

    def _send(self, request: BaseHTTPRequestHandler, status: int, body: Any) -> None:
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        request.send_response(status)
        request.send_header("Content-Length", str(len(content)))
        request.end_headers()
        request.wfile.write(content)
