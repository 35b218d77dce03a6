"""Secondary storage as a folder of this machine, read by the very script that a host runs, and a real Swift."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from swiftclient import client as swift  # type: ignore[import-untyped]

from lab.swift.testing import RunningSwift, running
from strata.clients import host_script
from strata.clients.host import CommandFailed
from strata.clients.swift import SwiftClient
from strata.provider.connections import Connections

UNMOUNTED = "mountpoint() { false; }"
MOUNTED = "mountpoint() { true; }"


@dataclass
class LocalHost:
    """Runs the reading script here; `prelude` says whether the folder counts as mounted."""

    name: str = "tkstack"
    prelude: str = MOUNTED

    async def read_parts(
        self, parts: Mapping[str, str], *, doing: str, before: str = "", deadline: Any = None
    ) -> dict[str, bytes]:
        mark = host_script.new_mark()
        script = host_script.in_parts(parts, mark, f"set -eu\n{self.prelude}\n{before}")
        done = await asyncio.to_thread(subprocess.run, ["sh", "-c", script], capture_output=True, check=False)
        if done.returncode:
            raise CommandFailed(f"{doing} failed", done.returncode, done.stderr.decode())
        return host_script.parts_of(done.stdout, mark)


@dataclass
class FakeCloudStack:
    """What CloudStack says of its object stores."""

    stores: list[dict[str, Any]]
    asked: list[str] = field(default_factory=list)
    of: str = "modern"

    async def era(self) -> str:
        return self.of

    async def rows(self, command: str) -> list[dict[str, Any]]:
        self.asked.append(command)
        return self.stores


@dataclass
class Systems:
    """Connections of the checks: one host, one Swift account, one CloudStack."""

    real: Connections
    local: LocalHost
    api: FakeCloudStack

    def swift(self, account: str) -> SwiftClient:
        return self.real.swift(account)

    def host(self, name: str) -> LocalHost:
        return self.local

    def cloudstack(self) -> FakeCloudStack:
        return self.api


def write(root: Path, files: Mapping[str, bytes]) -> None:
    """Files of a secondary storage."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


@dataclass
class Stored:
    """The account's own hand in Swift."""

    swift: RunningSwift

    def __post_init__(self) -> None:
        self.at = swift.get_auth(self.swift.auth_url, self.swift.user, self.swift.key, auth_version="1")

    def put(self, container: str, name: str, content: bytes, **headers: str) -> None:
        swift.put_container(*self.at, container)
        sent = {key.replace("_", "-"): value for key, value in headers.items()}
        swift.put_object(*self.at, container, name, content, headers=sent)


@pytest.fixture(scope="session")
def real_swift(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSwift]:
    with running(tmp_path_factory.mktemp("swift")) as found:
        yield found


@pytest.fixture
async def systems(real_swift: RunningSwift) -> AsyncIterator[Systems]:
    """Swift is empty again afterwards."""
    account = {"authUrl": real_swift.auth_url, "user": real_swift.user, "key": real_swift.key}
    connections = Connections({}, {}, Path("/"), {}, swift={"cloudstack": account})
    yield Systems(connections, LocalHost(), FakeCloudStack([{"name": "swift01", "url": real_swift.auth_url}]))
    client = connections.swift("cloudstack")
    for container in await client.containers():
        for one in await client.objects(container):
            await client.remove_object(container, one.name, "cleaning up")
        await client.remove_container(container, "cleaning up")


@pytest.fixture
def stored(real_swift: RunningSwift) -> Stored:
    return Stored(real_swift)
