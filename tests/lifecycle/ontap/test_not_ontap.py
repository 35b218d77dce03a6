"""Something else listens where the cluster should: said at once, and said as such."""

from __future__ import annotations

import contextlib
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.ontap.testing import authority
from lab.ontap.tls import server_context
from strata.clients.ontap import OntapClient
from strata.clients.ontap_transport import VOLUME, Address
from strata.errors import Unreachable
from tests.lifecycle.hurrying import Hurrying


@contextlib.contextmanager
def web_server(directory: Path, status: int, body: bytes, tls: bool) -> Iterator[int]:
    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Silent."""

    authority().write(directory)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    if tls:
        server.socket = server_context(directory).wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


OTHERS = [
    (200, b"<html>Welcome to nginx</html>", True, "a web page"),
    (200, b"[1, 2]", True, "JSON, but no object"),
    (404, b"<html>not found</html>", True, "a 404 that is not ONTAP's must not read as: the volume is gone"),
    (404, b'{"error": "no such page"}', True, "JSON whose error is not ONTAP's"),
    (200, b"", False, "no TLS at all"),
]


@pytest.mark.parametrize(("status", "body", "tls", "because"), OTHERS, ids=[row[3] for row in OTHERS])
async def test_what_is_no_ontap_is_said_as_such(
    tmp_path: Path, status: int, body: bytes, tls: bool, because: str
) -> None:
    time = Hurrying()
    with web_server(tmp_path, status, body, tls) as port:
        client = OntapClient(
            "cluster01", "127.0.0.1", port, "admin", "secret", str(tmp_path / "ca.pem"), True, time.clock
        )
        with pytest.raises(Unreachable, match=r"does not speak ONTAP's REST API"):
            await client.read(Address(VOLUME, ("u",)), ["name"])
        with pytest.raises(Unreachable, match=r"does not speak ONTAP's REST API"):
            await client.find(Address(VOLUME), ["name"], name="images")
    assert time.slept == [], because
