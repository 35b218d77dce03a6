"""A state that an earlier release left behind is understood by this one: nothing to change, and it can be worked on.

`fixtures/release-0.1.0` holds the stack file, the state as `pulumi stack export` gave it (without the engine's traces of where a
resource was registered) and the emulated cluster of that moment; `fixtures/every-kind-0.1.0` is of every kind and every system
(recording.py). A recording is never edited: each release adds its own.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.http.clock import RealClock
from lab.ontap.testing import running
from tests.acceptance.engine import recording, what_goes
from tests.acceptance.engine.every_kind_site import TOKENS, EveryKind
from tests.acceptance.engine.site import Site, new_project

pytestmark = pytest.mark.acceptance

FIXTURES = Path(__file__).parent / "fixtures"
RECORDED = sorted(FIXTURES.glob("release-*"))
OF_EVERY_KIND = sorted(FIXTURES.glob("every-kind-*"))


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


@pytest.fixture(params=OF_EVERY_KIND, ids=lambda folder: folder.name)
def every_kind_recorded(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[EveryKind]:
    """The same of every kind."""
    if os.geteuid() != 0:
        pytest.skip("the played host has a mount namespace of its own, which needs root")
    with recording.restored(request.param, tmp_path) as site:
        yield site


def test_a_recorded_state_of_every_kind_previews_empty_and_can_be_destroyed(
    every_kind_recorded: EveryKind,
) -> None:
    site = every_kind_recorded
    assert {one["type"] for one in site.resources().values()} == {*TOKENS}, "a new kind needs a new recording"
    with site.untouched():
        site.project.preview("--expect-no-changes")
        site.project.drift(expect=0)

    what_goes.images(site)
    site.project.destroy()
    assert site.resources() == {}
    assert site.whole.site.volumes() == []
    assert site.whole.cloudstack.ask("listZones").get("zone", []) == []
    assert "strata" not in site.host.path("/etc/fstab").read_text()
