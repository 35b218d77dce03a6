"""A cluster and a project for each test. No lab guest is started: all of it is this process and the engine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.http.clock import RealClock
from lab.ontap.testing import running
from tests.acceptance.engine import every_kind_site
from tests.acceptance.engine.every_kind_site import EveryKind
from tests.acceptance.engine.site import Site, new_project


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A cluster whose jobs end at once, and a stack that has nothing yet."""
    with running(tmp_path / "ontap", RealClock()) as ontap:
        site = Site(ontap, new_project(tmp_path / "project"))
        site.point()
        yield site
        ontap.calm()


@pytest.fixture(scope="module")
def every_kind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EveryKind]:
    """A site of every kind, up; each test leaves it as it found it."""
    if os.geteuid() != 0:
        pytest.skip("the played host has a mount namespace of its own, which needs root")
    with every_kind_site.running(tmp_path_factory.mktemp("every-kind")) as site:
        site.project.up()
        yield site
