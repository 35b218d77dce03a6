"""One running emulator per test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.ontap.testing import RunningOntap, running


@pytest.fixture
def ontap(tmp_path: Path) -> Iterator[RunningOntap]:
    """A fresh cluster whose clock stands still and whose jobs end at the next look."""
    with running(tmp_path / "ontap") as emulator:
        yield emulator
