"""A cluster and a project for each test. No lab guest is started: all of it is this process and the engine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.http.clock import RealClock
from lab.ontap.testing import running
from tests.acceptance.engine.site import Site, new_project


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A cluster whose jobs end at once, and a stack that has nothing yet."""
    with running(tmp_path / "ontap", RealClock()) as ontap:
        site = Site(ontap, new_project(tmp_path / "project"))
        site.point()
        yield site
        ontap.calm()
