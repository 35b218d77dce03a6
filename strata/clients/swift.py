"""One account of OpenStack Swift: its headers, containers and objects.

python-swiftclient speaks to version 1 auth (tempauth) and Keystone version 3; it blocks, so every call runs in a thread. A read
is repeated while nothing answers or the proxy is on its way up (503); a write never is, but each may be repeated by the next run.
Header names are in lower case in everything that is returned.

Source: Swift's API reference; facts/openstack.md, facts/cloudstack.md 5 (what CloudStack does with these credentials).
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

from strata.clients import swift_probe
from strata.clients.lazily import Library
from strata.clients.swift_errors import Refused, failure, user_form
from strata.clients.swift_transport import Credentials, Ending, Storage, Transport, Trouble
from strata.deadline import Clock
from strata.errors import Failed

swift = Library("swiftclient.client")
T = TypeVar("T")
Headers = dict[str, str]

READ_SECONDS = 15.0
"""How long a read is repeated while nothing answers."""
_FIRST_PAUSE, _LONGEST_PAUSE = 0.25, 4.0
_CHUNK = 1 << 20
_UNQUOTED = re.compile(r"[A-Za-z0-9_.@%+=:,/-]*")
"""What CloudStack can hand to a shell without quotes (facts/cloudstack.md 5)."""


@dataclass(frozen=True)
class Object:
    """One row of a container's list. `md5` of a large object is that of its manifest, and `size` may be too."""

    name: str
    size: int
    md5: str


class SwiftClient:
    """One account; `name` is its key in the stack file."""

    def __init__(
        self,
        *,
        name: str,
        auth_url: str,
        auth_version: str,
        user: str,
        key: str,
        project: str | None = None,
        user_domain: str = "Default",
        project_domain: str = "Default",
        region: str | None = None,
        ca_file: str | None = None,
        verify: bool = True,
        temp_url_key: str | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.name = name
        self.auth_url = auth_url
        self.user = user
        self.temp_url_key = temp_url_key
        self._given = Credentials(
            auth_url, auth_version, user, key, project, user_domain, project_domain, region
        )
        self._transport = Transport(self._given, ca_file, verify)
        self._clock = clock or Clock()

    def __repr__(self) -> str:
        return f"SwiftClient({self.name}, {self._given})"

    @property
    def storage_path(self) -> str:
        """Where the account lies on the cluster, `/v1/AUTH_test`; empty before the first call."""
        return urlsplit(self._transport.storage_url or "").path

    async def account(self) -> Headers | None:
        """The account's headers; None where there is no account (any more) and Swift makes none by itself."""
        return await self._head(lambda s: swift.head_account(s.url, s.token, s.http), "reading the account")

    async def set_account(self, headers: Mapping[str, str], doing: str) -> None:
        """Set these headers of the account and leave the others; makes the account where Swift does so by itself."""
        await self._write(
            lambda s: swift.post_account(s.url, s.token, dict(headers), s.http),
            doing,
        )

    async def container(self, container: str) -> Headers | None:
        """A container's headers, or None."""
        return await self._head(
            lambda s: swift.head_container(s.url, s.token, container, s.http),
            f"reading container {container}",
        )

    async def put_container(self, container: str, headers: Mapping[str, str], doing: str) -> None:
        """Make a container; one that is there keeps what is not named here."""
        await self._write(
            lambda s: swift.put_container(s.url, s.token, container, dict(headers), s.http), doing
        )

    async def set_container(self, container: str, headers: Mapping[str, str], doing: str) -> None:
        """Set these headers of a container and leave the others."""
        await self._write(
            lambda s: swift.post_container(s.url, s.token, container, dict(headers), s.http), doing
        )

    async def remove_container(self, container: str, doing: str) -> None:
        """Gone already is success; one that holds objects is Refused with 409."""
        await self._remove(lambda s: swift.delete_container(s.url, s.token, container, s.http), doing)

    async def containers(self) -> list[str]:
        """The names of all containers."""
        rows = await self._read(
            lambda s: swift.get_account(s.url, s.token, http_conn=s.http, full_listing=True)[1],
            "listing the containers",
        )
        return [str(row["name"]) for row in rows]

    async def objects(self, container: str, limit: int | None = None) -> list[Object]:
        """The objects of a container in the order of their names: all of them, or the first `limit`."""

        def rows(s: Storage) -> Any:
            every = limit is None
            return swift.get_container(
                s.url, s.token, container, limit=limit, http_conn=s.http, full_listing=every
            )[1]

        found = await self._read(rows, f"listing container {container}")
        return [Object(str(row["name"]), int(row["bytes"]), str(row["hash"])) for row in found]

    async def object_headers(self, container: str, name: str) -> Headers | None:
        """An object's headers, or None."""
        return await self._head(
            lambda s: swift.head_object(s.url, s.token, container, name, s.http),
            f"reading {container}/{name}",
        )

    async def read_object(self, container: str, name: str) -> bytes:
        """The whole content; for small objects."""
        content = await self._read(
            lambda s: swift.get_object(s.url, s.token, container, name, s.http)[1],
            f"reading {container}/{name}",
        )
        return bytes(content)

    async def measured(self, container: str, name: str) -> tuple[int, str]:
        """(size, MD5) of an object as it is downloaded, piece by piece: for large objects, whose list shows neither."""

        def stream(s: Storage) -> tuple[int, str]:
            size, digest = 0, hashlib.md5(usedforsecurity=False)
            for piece in swift.get_object(s.url, s.token, container, name, s.http, resp_chunk_size=_CHUNK)[1]:
                size += len(piece)
                digest.update(piece)
            return size, digest.hexdigest()

        return await self._read(stream, f"downloading {container}/{name}")

    async def put_object(self, container: str, name: str, content: bytes, doing: str) -> None:
        """Write a small object; one of that name is replaced."""
        await self._write(
            lambda s: swift.put_object(s.url, s.token, container, name, content, http_conn=s.http), doing
        )

    async def remove_object(self, container: str, name: str, doing: str) -> None:
        """Gone already is success; the segments of a static large object go with it."""

        headers = await self.object_headers(container, name) or {}
        query = "multipart-manifest=delete" if "x-static-large-object" in headers else None

        def remove(s: Storage) -> None:
            swift.delete_object(s.url, s.token, container, name, s.http, query_string=query)

        await self._remove(remove, doing)

    async def policies(self) -> list[str]:
        """The names of the cluster's storage policies; empty where it does not tell."""

        def ask(s: Storage) -> Any:
            at = urlsplit(s.url)
            return swift.get_capabilities((at._replace(path="/info"), s.http[1]))

        try:
            found = await self._read(ask, "asking for the storage policies")
        except Refused:
            return []
        rows = found.get("swift", {}).get("policies", []) if isinstance(found, dict) else []
        return [str(row["name"]) for row in rows]

    async def prove(self) -> None:
        """Whether the credentials suffice for an object store: an object is written, read and removed in a probe container."""
        await swift_probe.prove(self)

    def cloudstack_details(self) -> tuple[str, str, str, str]:
        """(url, account, username, key) as CloudStack wants them; raises Failed where CloudStack could not use them.

        Its secondary storage VM runs `swift -A url -U account:username -K key` without quotes, version 1 only.
        """
        what = f"Swift account {self.name} can't serve CloudStack"
        if self._given.version != "1":
            raise Failed(
                f"{what}: its authVersion is {self._given.version}, and CloudStack speaks version 1 (tempauth) only."
            )
        if trouble := user_form(self.name, self._given):
            raise trouble
        account, _, username = self.user.partition(":")
        if account.startswith("AUTH_"):
            raise Failed(
                f"{what}: its user is {self.user!r}; CloudStack puts AUTH_ before the account by itself. "
                f"Write {self.user.removeprefix('AUTH_')}."
            )
        for which, value in (("authUrl", self.auth_url), ("user", self.user), ("key", self._given.key)):
            if not value or not _UNQUOTED.fullmatch(value):
                raise Failed(
                    f"{what}: its {which} is empty or holds a character that CloudStack would hand to a shell unquoted. "
                    "Letters, digits and _ . @ % + = : , / - are safe."
                )
        if not re.fullmatch(r"/(auth/)?v1(\.0)?/?", urlsplit(self.auth_url).path):
            raise Failed(
                f"{what}: its authUrl {self.auth_url} is no auth URL. CloudStack needs the one that answers to "
                "user and key, for example http://swift01:8080/auth/v1.0."
            )
        return self.auth_url, account, username, self._given.key

    async def _head(self, act: Callable[[Storage], Any], doing: str) -> Headers | None:
        try:
            found = await self._read(act, doing)
        except Refused as error:
            if error.status in (404, 410):
                return None
            raise
        return {str(name): str(value) for name, value in found.items()}

    async def _remove(self, act: Callable[[Storage], Any], doing: str) -> None:
        try:
            await self._write(act, doing)
        except Refused as error:
            if error.status != 404:
                raise

    async def _read(self, act: Callable[[Storage], T], doing: str) -> T:
        """A read, repeated with growing pauses while there is no answer at all or the proxy is on its way up or down."""
        began, pause = self._clock.now(), _FIRST_PAUSE
        while True:
            try:
                return await self._once(act)
            except Trouble as error:
                again = error.ending in (Ending.NO_CONNECTION, Ending.LOST) or error.status in (429, 503)
                if not again or self._clock.now() - began + pause > READ_SECONDS:
                    raise self._failure(error, doing) from None
            await self._clock.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)

    async def _write(self, act: Callable[[Storage], T], doing: str) -> T:
        try:
            return await self._once(act)
        except Trouble as error:
            raise self._failure(error, doing) from None

    async def _once(self, act: Callable[[Storage], T]) -> T:
        if trouble := user_form(self.name, self._given):
            raise trouble
        return await asyncio.to_thread(self._transport.call, act)

    def _failure(self, trouble: Trouble, doing: str) -> Failed:
        return failure(trouble, self.name, self._given, self._transport.storage_url, doing)
