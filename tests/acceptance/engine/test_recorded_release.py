"""A state that release 0.1.0 left behind is understood by this one: nothing to change, and it can be worked on.

`fixtures/release-0.1.0` holds the stack file, the state as `pulumi stack export` gave it (without the engine's traces of where a
resource was registered) and the emulated cluster of that moment. A recording is never edited: each release adds its own.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.http.clock import RealClock
from lab.ontap.testing import running
from tests.acceptance.engine.site import Site, new_project

pytestmark = pytest.mark.acceptance

RECORDED = sorted((Path(__file__).parent / "fixtures").glob("release-*"))


@pytest.fixture(params=RECORDED, ids=lambda folder: folder.name)
def recorded(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    """The site as that release left it."""
    folder: Path = request.param
    (tmp_path / "ontap").mkdir()
    shutil.copy(folder / "cluster.json", tmp_path / "ontap" / "ontap.json")
    with running(tmp_path / "ontap", RealClock()) as ontap:
        site = Site(ontap, new_project(tmp_path / "project", (folder / "stack.yaml").read_text()))
        site.point()
        site.project.pulumi("stack", "import", "--file", str(folder / "state.json"))
        yield site


def test_a_recorded_state_previews_empty_and_can_be_destroyed(recorded: Site) -> None:
    since = recorded.ontap.journal.last
    recorded.project.preview("--expect-no-changes")
    recorded.project.drift(expect=0)
    assert recorded.ontap.writes(since) == []

    recorded.project.destroy()
    assert recorded.volumes() == []
