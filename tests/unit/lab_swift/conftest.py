"""One real Swift for all tests of this folder; each test uses a container of its own, or the templates'."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from swiftclient import Connection  # type: ignore[import-untyped]

from lab.swift.testing import RunningSwift, running

Connect = Callable[..., Connection]


@pytest.fixture(scope="session")
def swift(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSwift]:
    with running(tmp_path_factory.mktemp("swift")) as server:
        yield server


@pytest.fixture
def connect(swift: RunningSwift) -> Callable[[str, str], Connection]:
    """A stranger's client of version 1."""

    def as_user(user: str, key: str) -> Connection:
        return Connection(authurl=swift.auth_url, user=user, key=key, auth_version="1", retries=0)

    return as_user


@pytest.fixture
def account(swift: RunningSwift, connect: Connect) -> Connection:
    """The account that CloudStack would use."""
    return connect(swift.user, swift.key)
