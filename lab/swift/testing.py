"""A real Swift for tests: started in a folder, ended with the block."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from lab.swift.server import Swift


@dataclass(frozen=True)
class RunningSwift:
    """A running Swift and its users. `reseller` may also set an account's quota; it belongs to the account of `user`."""

    auth_url: str
    user: str
    key: str = field(repr=False)
    user2: str
    key2: str = field(repr=False)
    reseller: str
    reseller_key: str = field(repr=False)
    swift: Swift


@contextlib.contextmanager
def running(directory: Path) -> Iterator[RunningSwift]:
    """Real Swift with tempauth for the length of the block; it takes 2 to 4 s, so share it between tests (scope module)."""
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


__all__ = ["RunningSwift", "running"]
