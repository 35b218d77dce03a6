"""One running emulator of each era per test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.cloudstack.testing import RunningCloudStack, running


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[RunningCloudStack]:
    """A new server of today whose clock stands still and whose jobs end at the next look."""
    with running(tmp_path / "cloudstack") as emulator:
        yield emulator


@pytest.fixture
def legacy(tmp_path: Path) -> Iterator[RunningCloudStack]:
    """A new server of 4.1."""
    with running(tmp_path / "legacy", era="legacy") as emulator:
        yield emulator
