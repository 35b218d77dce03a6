"""Glance's API (v2) as the proof needs it, over plain http on the host's own address."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import quote, urlsplit

from strata.migration.failure import Stopped

STEP: Final = 1 << 20
PAGE: Final = 200


class Unauthorized(Exception):
    """The API wants a token, or another one."""


class Refused(Exception):
    """The API answered otherwise than was hoped; the code and the beginning of what it said."""

    def __init__(self, code: int, said: str) -> None:
        super().__init__(f"{code} {said}".strip())
        self.code = code


class Api:
    """token: of Keystone, empty where Glance runs without. One connection for each request: Glance may close them as it likes."""

    def __init__(self, address: str, port: int, token: str, seconds: float = 120) -> None:
        self.address, self.port, self.seconds = address, port, seconds
        self._token = token

    def ids(self) -> set[str]:
        """The images that the API lists to this token."""
        found: set[str] = set()
        path = f"/v2/images?limit={PAGE}"
        while path:
            page = self._document("GET", path)
            found |= {str(image["id"]) for image in page["images"]}
            following = urlsplit(page.get("next") or "")
            path = f"{following.path}?{following.query}" if following.path else ""
        return found

    def image(self, id: str) -> dict[str, Any]:
        return self._document("GET", f"/v2/images/{quote(id)}")

    def create(self, document: dict[str, Any]) -> dict[str, Any]:
        return self._document("POST", "/v2/images", json.dumps(document).encode(), "application/json")

    def upload(self, id: str, content: bytes, store: str) -> None:
        more = {"X-Image-Meta-Store": store} if store else {}
        path = f"/v2/images/{quote(id)}/file"
        with self._answer("PUT", path, content, "application/octet-stream", more) as answer:
            answer.read()

    def download(self, id: str, take: Callable[[memoryview], object]) -> int:
        """Hands over the image's bytes as they come; says how many there were."""
        buffer, size = memoryview(bytearray(STEP)), 0
        with self._file(id) as answer:
            while True:
                got = answer.readinto(buffer)
                if not got:
                    break
                take(buffer[:got])
                size += got
            if answer.length:
                raise http.client.IncompleteRead(b"", answer.length)
        return size

    def beginning(self, id: str, at_most: int) -> tuple[bytes, int]:
        """The first bytes of an image, and how many there are in all; no more is taken from a Glance that knows no ranges."""
        with self._file(id, {"Range": f"bytes=0-{at_most - 1}"}) as answer:
            whole = answer.headers.get("Content-Range", "").rpartition("/")[2]
            size = int(whole) if whole.isdigit() else answer.length or 0
            begun = answer.read(min(at_most, size))
            if len(begun) < min(at_most, size):
                raise http.client.IncompleteRead(begun)
            return begun, size

    def speaks_tls(self) -> bool:
        """Whether Glance serves https itself; nothing is sent, so its certificate need not be known here."""
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        try:
            with socket.create_connection((self.address, self.port), 10) as plain, context.wrap_socket(plain):
                return True
        except OSError:
            return False

    def delete(self, id: str) -> None:
        with self._answer("DELETE", f"/v2/images/{quote(id)}") as answer:
            answer.read()

    def _document(self, method: str, path: str, body: bytes | None = None, type: str = "") -> dict[str, Any]:
        with self._answer(method, path, body, type) as answer:
            try:
                found: dict[str, Any] = json.loads(answer.read())
            except ValueError as error:
                raise Refused(answer.status, "no JSON document") from error
            return found

    @contextmanager
    def _file(self, id: str, more: dict[str, str] | None = None) -> Iterator[http.client.HTTPResponse]:
        with self._answer("GET", f"/v2/images/{quote(id)}/file", more=more) as answer:
            if answer.status == 204:
                raise Refused(204, "an empty answer: Glance does not find the image's file")
            yield answer

    @contextmanager
    def _answer(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        type: str = "",
        more: dict[str, str] | None = None,
    ) -> Iterator[http.client.HTTPResponse]:
        headers = {**({"Content-Type": type} if type else {}), **(more or {})}
        if self._token:
            headers["X-Auth-Token"] = self._token
        connection = http.client.HTTPConnection(self.address, self.port, timeout=self.seconds)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            if answer.status == 401:
                raise Unauthorized
            if answer.status >= 300:
                raise Refused(answer.status, " ".join(answer.read(300).decode("utf-8", "replace").split()))
            yield answer
        except (http.client.HTTPException, OSError) as error:
            raise Stopped(
                f"Glance's API on {self.address}:{self.port} did not answer {method} {path.partition('?')[0]} as expected "
                f"({type_of(error)}). See `journalctl -u glance-api` on the host, and repeat."
            ) from error
        finally:
            connection.close()


def type_of(error: Exception) -> str:
    """The error in few words."""
    return (error.strerror if isinstance(error, OSError) else None) or error.__class__.__name__
