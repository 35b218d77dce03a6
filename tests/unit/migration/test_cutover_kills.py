"""The program dies at every point of a cutover, as by SIGKILL or power off: everything can be put back, and it can go on."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from strata.migration import points
from tests.unit.migration.site_of_glance import Site, at


class Death(NamedTuple):
    point: str
    nth: int
    because: str


POINTS = [
    Death("file.staged", 1, "the new configuration lies beside the old one"),
    Death("file.staged", 2, "and so does the drop-in"),
    Death("guard.written", 1, "systemd does not know of the drop-in yet"),
    Death("cutover.prepared", 1, "everything is ready, nothing was stopped"),
    Death("cutover.stopped", 1, "Glance stands still"),
    Death("copy.started", 1, "Glance runs, and an image that came late is begun"),
    Death("copy.started", 2, "Glance stands still, and the last image is begun"),
    Death("copy.half", 2, "half of it is there"),
    Death("copy.written", 2, "all of it is there, not verified"),
    Death("copy.verified", 2, "it is right and not in place"),
    Death("copy.renamed", 2, "it is in place and not in the journal"),
    Death("copy.recorded", 2, "it is proven"),
    Death("delta.removed", 1, "the copy of a deleted image went"),
    Death("locate.saved", 1, "the old values are saved"),
    Death("locate.updated", 1, "every row is written, and not committed"),
    Death("locate.committed", 1, "images are at the new place, uploads go to the old one"),
    Death("setting.written", 1, "uploads would go to the new place"),
    Death("cutover.started", 1, "Glance starts from the new place"),
]
WRITES = 21
"""As often the journal is written in a cutover of `begun`."""

DEATHS = [
    *POINTS,
    *(Death("state.written", nth, f"the journal was written {nth} times") for nth in range(1, WRITES + 1)),
]
AT = pytest.mark.parametrize("death", DEATHS, ids=lambda death: f"{death.point}-{death.nth}")
AFTER = "cutover.answered"


@pytest.fixture
def count() -> int:
    """Few: there are many deaths."""
    return 8


def begun(site: Site) -> None:
    """Copied once; then one image came and one was deleted."""
    site.done("copy")
    site.upload("late")
    site.delete("image-05")


def died(site: Site, death: Death) -> None:
    assert site.killed("cutover", death.point, death.nth, meanwhile="last"), f"never reached: {death.because}"


def test_every_write_of_the_journal_is_one_of_the_deaths(site: Site) -> None:
    begun(site)
    names: list[str] = []
    points.HOOKS["state.written"] = names.append
    points.HOOKS["cutover.prepared"] = lambda path: print(site.upload("last"))
    site.done("cutover")
    assert len(names) == WRITES, names


def good_end(site: Site, because: str) -> None:
    assert site.served() == site.images, because
    assert set(site.values().values()) == {f"file://{site.new}/{image}" for image in site.images}, because
    assert site.systemd.serves == str(site.new), because
    assert site.systemd.known()["guard"] == site.guard.read_text() == site.spec()["guard"]["text"], because


@AT
def test_rolled_back_it_is_as_before(site: Site, death: Death) -> None:
    begun(site)
    rows, text = site.rows(), site.config.read_text()
    died(site, death)
    answer = site.run("rollback")
    if answer["code"]:
        assert "the cutover came to its end" in answer["problems"][0], death.because
        assert death.point == "state.written", "only after the new service has answered"
        good_end(site, death.because)
        return
    assert site.rows()[: len(rows)] == rows, death.because
    assert {value.rpartition("/")[0] for value in site.values().values()} == {f"file://{site.old}"}
    assert site.config.read_text() == text, death.because
    assert not site.guard.parent.exists(), death.because
    assert site.systemd.known()["guard"] is None, death.because
    assert site.systemd.serves == str(site.old), death.because
    assert site.served() == site.images, death.because
    leftover = [path.name for path in site.root.iterdir() if path.name.endswith(".strata-migration")]
    assert leftover == [], death.because
    assert site.done("rollback")["running"] is True, "once more, and nothing is to be done"
    assert site.rows()[: len(rows)] == rows, death.because
    site.done("cutover")
    good_end(site, death.because)


@AT
def test_repeated_it_goes_on(site: Site, death: Death) -> None:
    begun(site)
    died(site, death)
    site.done("cutover")
    good_end(site, death.because)
    assert site.run("rollback")["code"] == 1, "there is nothing to put back any more"
    good_end(site, death.because)


@AT
def test_what_glance_takes_after_a_power_failure_is_moved_too(site: Site, death: Death) -> None:
    begun(site)
    died(site, death)
    site.systemd.boot()
    serves = site.systemd.serves
    assert serves is not None
    site.upload("after-the-power-failure", folder=site.old if serves == str(site.old) else site.new)
    site.delete("image-07")
    site.done("cutover")
    good_end(site, death.because)
    state = site.run("progress")
    assert state["problems"] == []


@pytest.mark.parametrize("point", ["setting.written", "cutover.started"])
def test_what_the_new_service_took_is_not_taken_from_it(site: Site, point: str) -> None:
    assert site.killed("cutover", point)
    site.systemd.boot()
    site.upload("new", folder=site.new)
    rows = site.rows()
    answer = site.run("rollback")
    assert "has taken 1 images there (new)" in answer["problems"][0]
    assert site.rows() == rows
    assert site.systemd.serves == str(site.new)
    nothing_of_it_is_put_back_later(site)


@pytest.mark.parametrize("point", ["setting.written", "cutover.started"])
def test_a_move_that_is_finished_is_not_undone_by_the_next_that_fails(site: Site, point: str) -> None:
    assert site.killed("cutover", point)
    site.systemd.boot()
    site.upload("new", folder=site.new)
    nothing_of_it_is_put_back_later(site)


def nothing_of_it_is_put_back_later(site: Site) -> None:
    site.upload("below-the-old-one-again")
    before, text, guard = site.values(), site.config.read_text(), site.guard.read_text()
    at("setting.written", lambda path: points.HOOKS["nowhere"](path))
    assert "KeyError" in site.run("cutover")["problems"][0]
    assert (site.values(), site.config.read_text(), site.guard.read_text()) == (before, text, guard)
    assert site.systemd.serves == str(site.new)
    assert site.systemd.known()["guard"] == guard


@pytest.mark.parametrize("point", ["guard.written", "cutover.prepared", "cutover.stopped", "cutover.started"])
def test_after_two_deaths_it_is_put_back_to_what_was_before_the_first(site: Site, point: str) -> None:
    rows, text = site.rows(), site.config.read_text()
    assert site.killed("cutover", "setting.written")
    site.upload("by-another-host")
    assert site.killed("cutover", point)
    site.done("rollback")
    assert site.rows()[: len(rows)] == rows
    assert site.config.read_text() == text
    assert not site.guard.exists()
    assert site.systemd.serves == str(site.old)
    assert site.served() == site.images


ROLLBACK = ["restore.updated", "restore.committed", "file.staged", "rollback.setting", "rollback.running"]


@pytest.mark.parametrize("point", ROLLBACK)
def test_putting_back_dies_too(site: Site, point: str) -> None:
    rows, text = site.rows(), site.config.read_text()
    assert site.killed("cutover", "cutover.started")
    assert site.killed("rollback", point)
    site.done("rollback")
    assert (site.rows(), site.config.read_text()) == (rows, text)
    assert site.systemd.serves == str(site.old)
    site.done("cutover")
    good_end(site, point)


@pytest.mark.parametrize("point", [AFTER, "cutover.started"])
def test_the_way_forward_after_a_dead_rollback(site: Site, point: str) -> None:
    assert site.killed("cutover", point)
    site.killed("rollback", "restore.committed")
    site.done("cutover")
    good_end(site, point)
