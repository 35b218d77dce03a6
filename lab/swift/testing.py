"""A real Swift for tests: started in a folder, ended with the block."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from lab.swift import keystone
from lab.swift.server import Swift


@dataclass(frozen=True)
class RunningSwift:
    """A running Swift and its users. `reseller` may also set an account's quota; it belongs to the account of `user`.

    With tempauth `user2` has an account of its own. With Keystone all are in one project, and `user2` may do nothing in it.
    """

    auth_url: str
    user: str
    key: str = field(repr=False)
    user2: str
    key2: str = field(repr=False)
    reseller: str
    reseller_key: str = field(repr=False)
    swift: Swift
    auth_version: str = "1"
    project: str | None = None
    user_domain: str | None = None
    project_domain: str | None = None
    region: str | None = None


@contextlib.contextmanager
def running(directory: Path, auth: Literal["tempauth", "keystone"] = "tempauth") -> Iterator[RunningSwift]:
    """Real Swift for the length of the block: with tempauth ready in 2 to 4 s, with Keystone in 15; share it between tests."""
    with _keystone(directory) if auth == "keystone" else _tempauth(directory) as server:
        yield server


@contextlib.contextmanager
def _tempauth(directory: Path) -> Iterator[RunningSwift]:
    swift = Swift(directory)
    swift.start()
    first, second, reseller = swift.user(), swift.user("2"), swift.user("_reseller")
    try:
        yield RunningSwift(
            auth_url=swift.auth_url,
            user=first.name,
            key=first.key,
            user2=second.name,
            key2=second.key,
            reseller=reseller.name,
            reseller_key=reseller.key,
            swift=swift,
        )
    finally:
        swift.stop()


@contextlib.contextmanager
def _keystone(directory: Path) -> Iterator[RunningSwift]:
    with contextlib.ExitStack() as started:
        server = keystone.Keystone(directory / "keystone")
        started.callback(server.stop)
        server.start()
        swift = Swift(directory, keystone.KeystoneAuth(server.auth_url, server.key("admin")))
        started.callback(swift.stop)
        swift.start()
        server.declare(swift.port)
        yield RunningSwift(
            auth_url=server.auth_url,
            user="tester",
            key=server.key("tester"),
            user2="reader",
            key2=server.key("reader"),
            reseller="reseller",
            reseller_key=server.key("reseller"),
            swift=swift,
            auth_version="3",
            project=keystone.PROJECT,
            user_domain=keystone.DOMAIN,
            project_domain=keystone.DOMAIN,
            region=keystone.REGION,
        )


__all__ = ["RunningSwift", "running"]
