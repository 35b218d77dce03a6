"""The fake host, for every test of this folder. It needs root: its mounts and its root directory are real."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.lifecycle.host import fake_host
from tests.lifecycle.host.fake_host import FakeHost


@pytest.fixture
async def host(tmp_path: Path) -> AsyncIterator[FakeHost]:
    if os.geteuid() != 0:
        pytest.skip("a mount namespace of its own needs root")
    async with fake_host.running(tmp_path) as running:
        yield running
