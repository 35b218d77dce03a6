"""One lab and one environment of each path for all acceptance tests; each test leaves them as it found them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.environment import Lab
from tests.acceptance.environment import Environment, stack_text
from tests.acceptance.project import Project
from tests.acceptance.zones import Cloud, ZonePath, prepare, zone_text


@pytest.fixture(scope="session")
def lab() -> Iterator[Lab]:
    """A lab of the tests' own, as new, beside whatever lab the developer has up."""
    lab = Lab("acceptance")
    lab.down()
    # A run that was killed may have left the server of the other era.
    lab.reset(lambda part, words: print(f"{part}: {words}", flush=True), era="modern")
    yield lab
    lab.down()


@pytest.fixture(scope="session")
def environment(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """The image path of the committed lab stack, up."""
    project = Project.make(tmp_path_factory.mktemp("environment") / "project", stack_text(lab))
    project.up()
    return Environment(lab, project)


@pytest.fixture
def other(lab: Lab, tmp_path: Path) -> Project:
    """A second project over the same lab, with nothing in its state; its stack file is there to be spoilt."""
    return Project.make(tmp_path / "project", stack_text(lab))


@pytest.fixture(scope="session")
def cloud(lab: Lab) -> Cloud:
    """CloudStack and Swift of the lab."""
    return Cloud(lab)


@pytest.fixture(scope="session")
def zones(lab: Lab, cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> ZonePath:
    """The zone path of the committed lab stack, up."""
    began = cloud.last()
    project = Project.make(tmp_path_factory.mktemp("zones") / "project", zone_text(lab))
    prepare(project)
    project.up()
    return ZonePath(lab, project, cloud, began)
