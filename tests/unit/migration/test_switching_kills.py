"""The program dies at every point of a move that does not stop Glance: Glance serves on, and both ways lead out of it."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from strata.migration import points
from tests.unit.migration.site_of_glance import Site
from tests.unit.migration.workers_of_glance import Workers


class Death(NamedTuple):
    point: str
    nth: int
    told: bool
    because: str


POINTS = [
    Death("file.staged", 1, False, "the new configuration lies beside the old one"),
    Death("guard.written", 1, False, "systemd does not know of the drop-in yet"),
    Death("cutover.prepared", 1, False, "everything is ready"),
    Death("copy.half", 2, False, "half of an image that came late is there"),
    Death("copy.recorded", 2, False, "it is proven"),
    Death("delta.removed", 1, False, "the copy of a deleted image went"),
    Death("locate.saved", 1, False, "the old values are saved"),
    Death("locate.updated", 1, False, "every row is written, and not committed"),
    Death("locate.committed", 1, False, "images are at the new place, uploads go to the old one"),
    Death("switch.located", 1, False, "and the setting still names the old one"),
    Death("setting.written", 1, False, "the setting names the new one, and nobody has told Glance"),
    Death("switch.told", 1, True, "Glance takes new images at the new place, and nobody has seen it answer"),
]
WRITES = 26
"""As often the journal is written in a cutover of `died`."""
DEATHS = [
    *POINTS,
    *(
        Death("state.written", nth, True, f"the journal was written {nth} times")
        for nth in range(1, WRITES + 1)
    ),
    Death("switch.drained", 1, True, "the old workers are gone"),
]
AT = pytest.mark.parametrize("death", DEATHS, ids=lambda death: f"{death.point}-{death.nth}")


@pytest.fixture
def count() -> int:
    return 8


def died(site: Site, death: Death) -> None:
    """Copied once; then one image came and one was deleted; and another came at the last moment."""
    site.done("copy")
    site.upload("late")
    site.delete("image-05")
    assert site.killed("cutover", death.point, death.nth, meanwhile="last"), f"never reached: {death.because}"
    assert site.served() == site.images, death.because
    assert not any(call.startswith("stop") for call in site.systemd.calls), death.because


def good_end(site: Site, because: str) -> None:
    assert site.served() == site.images, because
    assert set(site.values().values()) == {f"file://{site.new}/{image}" for image in site.images}, because
    assert site.systemd.serves == str(site.new), because
    assert site.systemd.known()["guard"] == site.guard.read_text() == site.spec()["guard"]["text"], because


def test_every_write_of_the_journal_is_one_of_the_deaths(site: Site, running: Workers) -> None:
    site.done("copy")
    site.upload("late")
    site.delete("image-05")
    names: list[str] = []
    points.HOOKS["state.written"] = names.append
    points.HOOKS["cutover.prepared"] = lambda path: print(site.upload("last"))
    site.done("cutover")
    assert len(names) == WRITES, names


@AT
def test_repeated_it_goes_on_and_nothing_is_stopped(site: Site, running: Workers, death: Death) -> None:
    died(site, death)
    site.done("cutover")
    good_end(site, death.because)
    assert not running.was_stopped, death.because
    assert running.note.startswith(f"{site.systemd.known()['pid']} 7\n{site.new}\n"), death.because


@AT
def test_rolled_back_it_is_as_before(site: Site, running: Workers, death: Death) -> None:
    text = site.config.read_text()
    died(site, death)
    answer = site.run("rollback")
    if answer["code"]:
        assert "the cutover came to its end" in answer["problems"][0], death.because
        assert death.point in ("state.written", "switch.drained"), "only after Glance has answered"
    else:
        assert {value.rpartition("/")[0] for value in site.values().values()} == {f"file://{site.old}"}
        assert site.config.read_text() == text, death.because
        assert not site.guard.exists(), death.because
        assert site.systemd.serves == str(site.old), death.because
        assert death.told or not running.was_stopped, death.because
    assert site.served() == site.images, death.because
    site.done("cutover")
    good_end(site, death.because)


@AT
def test_after_a_power_failure_it_goes_on(site: Site, running: Workers, death: Death) -> None:
    died(site, death)
    site.systemd.boot()
    serves = site.systemd.serves
    site.upload("after-the-power-failure", folder=site.old if serves == str(site.old) else site.new)
    site.delete("image-07")
    site.done("cutover")
    good_end(site, death.because)
    assert site.run("progress")["problems"] == []
