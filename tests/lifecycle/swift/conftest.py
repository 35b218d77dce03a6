"""A real Swift for the whole folder, its account as if new for each test, and a wire on which answers can get lost.

Starting Swift takes seconds, so it is started once; `clean` takes away what the test before has left.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests
from swiftclient.client import HTTPConnection  # type: ignore[import-untyped]

from lab.swift.testing import RunningSwift, running
from strata.clients.swift import SwiftClient
from strata.provider.connections import Connections
from strata.provider.kind import Kind
from strata.provider.lifecycle import Lifecycle, Resource
from tests.lifecycle.hurrying import Hurrying

KEY = "cloudstack"
CANARY = "canary-key-7f3a"


@dataclass
class Wire:
    """What goes over swiftclient's connections: every request, and whose answer gets lost on the way back.

    sent  (method, path, headers without token and the like)
    """

    sent: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    lose: set[str] = field(default_factory=set)
    break_off: set[str] = field(default_factory=set)

    @property
    def writes(self) -> list[tuple[str, str, dict[str, str]]]:
        return [one for one in self.sent if one[0] not in ("GET", "HEAD")]

    def request(self, real: Any, method: str, url: str, **options: Any) -> Any:
        headers = {_text(key).lower(): _text(value) for key, value in (options.get("headers") or {}).items()}
        shown = {key: value for key, value in headers.items() if key.startswith("x-") and "auth" not in key}
        self.sent.append((method, url.partition("/v1/")[2], shown))
        if method in self.break_off:
            raise requests.exceptions.ConnectionError("broken off")
        answer = real(method, url, **options)
        if method in self.lose:
            self.lose.discard(method)
            raise requests.exceptions.ConnectionError("the answer got lost")
        return answer


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value


@dataclass
class Bench:
    """Swift, and what is needed to run a kind against it."""

    swift: RunningSwift
    time: Hurrying
    wire: Wire
    number: int

    def connections(self, **changes: Any) -> Connections:
        account = {"authUrl": self.swift.auth_url, "user": self.swift.user, "key": self.swift.key, **changes}
        return Connections({}, {}, Path("/"), {}, self.time.clock, swift={KEY: account})

    def client(self, **changes: Any) -> SwiftClient:
        return self.connections(**changes).swift(KEY)

    @property
    def reseller(self) -> dict[str, str]:
        """Credentials that may set quotas."""
        return {"user": self.swift.reseller, "key": self.swift.reseller_key}

    def declared(self, kind: type[Kind[Any, Any]], inputs: dict[str, Any], **connection: Any) -> Declared:
        return Declared(self, kind, inputs, connection, f"resource{self.number}")


@dataclass
class Declared:
    """One declared resource: `up`, `drift`, `destroy`, keeping id and state as the engine does."""

    bench: Bench
    kind: type[Kind[Any, Any]]
    inputs: dict[str, Any]
    connection: dict[str, Any]
    name: str
    id: str = ""
    state: dict[str, Any] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    stack: str = "lab"

    @property
    def lifecycle(self) -> Lifecycle:
        async def say(urn: str, line: str) -> None:
            self.said.append(line)

        made: Any = self.kind
        kind = made(self.bench.connections(**self.connection))
        return Lifecycle(kind, self.bench.time.clock, say, say)

    @property
    def resource(self) -> Resource:
        return Resource(f"urn:pulumi:{self.stack}::strata::{self.kind.token}::{self.name}")

    @property
    def owner(self) -> str:
        return self.resource.owner

    def declare(self, **changes: Any) -> Declared:
        self.inputs = {key: value for key, value in {**self.inputs, **changes}.items() if value is not None}
        return self

    async def preview(self) -> None:
        await self.lifecycle.preview_create(self.resource, self.lifecycle.check(self.inputs), 60)

    async def up(self) -> None:
        """Create, or refresh and update, whichever it takes."""
        lifecycle = self.lifecycle
        inputs = lifecycle.check(self.inputs)
        if self.id and not await self.refresh():
            self.id = ""
        if not self.id:
            self.id, self.state = await lifecycle.create(self.resource, inputs, 60)
        elif lifecycle.diff(inputs, self.state, []):
            self.state = await lifecycle.update(self.resource, self.id, inputs, self.state, 60)

    async def refresh(self) -> bool:
        lifecycle = self.lifecycle
        found = await lifecycle.read(self.id, lifecycle.check(self.inputs), self.state)
        if found is not None:
            _, self.state, _ = found
        return found is not None

    async def drift(self) -> dict[str, tuple[Any, Any]]:
        """path -> (declared, actual) of everything that is otherwise now."""
        assert await self.refresh(), "it is gone"
        lifecycle = self.lifecycle
        found = lifecycle.diff(lifecycle.check(self.inputs), self.state, [])
        return {one.path: (one.declared, one.actual) for one in found}

    async def destroy(self) -> None:
        """With the settings, which the engine's inputs bring along."""
        lifecycle = self.lifecycle
        await lifecycle.delete(self.resource, self.id, self.state | lifecycle.check(self.inputs), 60)

    async def imported(self, id: str) -> tuple[str, dict[str, Any], dict[str, Any]]:
        """(id, state, inputs) that an import finds."""
        found = await self.lifecycle.read(id, {}, {})
        assert found is not None
        return found


_numbers = itertools.count()


@pytest.fixture(scope="session")
def real_swift(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSwift]:
    with running(tmp_path_factory.mktemp("swift")) as swift:
        yield swift


@pytest.fixture
async def bench(real_swift: RunningSwift, monkeypatch: pytest.MonkeyPatch) -> Bench:
    wire = Wire()
    original = HTTPConnection._request

    def request(self: Any, method: str, url: str, **options: Any) -> Any:
        return wire.request(lambda *args, **more: original(self, *args, **more), method, url, **options)

    bench = Bench(real_swift, Hurrying(), wire, next(_numbers))
    await clean(bench)
    monkeypatch.setattr(HTTPConnection, "_request", request)
    return bench


async def clean(bench: Bench) -> None:
    """An account without metadata and containers."""
    client = bench.client(**bench.reseller)
    for container in await client.containers():
        for one in await client.objects(container):
            await client.remove_object(container, one.name, "cleaning up")
        await client.remove_container(container, "cleaning up")
    there = await client.account() or {}
    meta = [name.partition("-meta-")[2] for name in there if name.startswith("x-account-meta-")]
    if meta:
        await client.set_account({f"X-Remove-Account-Meta-{key}": "x" for key in meta}, "cleaning up")
