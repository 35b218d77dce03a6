"""The program dies at every point of every phase, as by SIGKILL, and runs again: nothing is lost, nothing is half."""

from __future__ import annotations

import os
from typing import NamedTuple

import pytest

from strata.migration import points
from tests.unit.migration import test_cutover_kills, test_switching_kills
from tests.unit.migration.site_of_glance import Site

PHASES = ("copy", "delta", "locate", "prune")


class Death(NamedTuple):
    phase: str
    point: str
    nth: int
    because: str


DEATHS = [
    Death("copy", "state.written", 1, "nothing was copied, only the journal begun"),
    Death("copy", "state.written", 4, "everything was copied, and nobody heard it"),
    Death("copy", "copy.started", 1, "an empty part is left"),
    Death("copy", "copy.started", 8, "and then in the middle of the work"),
    Death("copy", "copy.half", 5, "a part with some of the bytes is left"),
    Death("copy", "copy.written", 5, "a part with all of the bytes is left, of which nothing is known"),
    Death("copy", "copy.verified", 5, "a part that was right, with neither owner nor name"),
    Death("copy", "copy.renamed", 5, "a copy in place of which the journal knows nothing"),
    Death("copy", "copy.recorded", 5, "some are done, some are not"),
    Death("delta", "state.written", 1, "Glance stands still, nothing of the delta was done"),
    Death("delta", "copy.started", 1, "the image that came late is begun"),
    Death("delta", "copy.half", 1, "half of it is there"),
    Death("delta", "copy.written", 1, "all of it is there, not verified"),
    Death("delta", "copy.verified", 1, "it is right and not in place"),
    Death("delta", "copy.renamed", 1, "it is in place and not in the journal"),
    Death("delta", "copy.recorded", 1, "its end was not noted"),
    Death("delta", "delta.removed", 1, "the copy of a deleted image went, and the journal still has it"),
    Death("locate", "state.written", 1, "only the phase was noted"),
    Death("locate", "state.written", 2, "the old values are saved, the database is untouched"),
    Death("locate", "locate.saved", 1, "the same, one step on"),
    Death("locate", "locate.updated", 1, "every row was written, the transaction was not committed"),
    Death("locate", "locate.committed", 1, "the database is right, the journal does not say so"),
    Death("locate", "state.written", 3, "everything is done, only nobody heard it"),
    Death("prune", "prune.removed", 1, "one old file went"),
    Death("prune", "prune.removed", 9, "some old files went"),
    Death("prune", "state.written", 1, "all went, only nobody heard it"),
]


def run(site: Site, phase: str) -> None:
    site.done(phase, ids=sorted(site.images) if phase == "prune" else None)


@pytest.mark.parametrize("death", DEATHS, ids=lambda death: f"{death.phase}-{death.point}-{death.nth}")
def test_killed_anywhere_the_move_ends_the_same(site: Site, death: Death) -> None:
    (site.old / "orphan").write_bytes(b"orphan")
    for phase in PHASES:
        if phase == "delta":
            site.upload("late")
            site.delete("image-05")
        if phase == death.phase:
            ids = sorted(site.images) if phase == "prune" else None
            assert site.killed(phase, death.point, death.nth, ids), f"never reached: {death.because}"
            assert site.served() == site.images, death.because
        run(site, phase)
        assert site.served() == site.images, death.because
    assert sorted(os.listdir(site.new)) == sorted(site.images), death.because
    assert os.listdir(site.old) == ["orphan"], death.because
    assert site.run("status")["next"] == "nothing"


def test_every_point_of_the_program_has_a_death() -> None:
    cutover = {death.point for death in test_cutover_kills.DEATHS} | {test_cutover_kills.AFTER}
    serving = {death.point for death in test_switching_kills.DEATHS}
    ours = {death.point for death in DEATHS} | cutover | serving | set(test_cutover_kills.ROLLBACK)
    assert ours | {"cutover.ready", "probe.uploaded"} == set(points.NAMES)


@pytest.mark.parametrize("point", ["restore.updated", "restore.committed"])
@pytest.mark.parametrize("killed_locate", ["", "locate.saved", "locate.updated", "locate.committed"])
def test_the_old_locations_come_back_exactly(site: Site, point: str, killed_locate: str) -> None:
    before = site.rows()
    site.done("copy")
    site.done("delta")
    if killed_locate:
        assert site.killed("locate", killed_locate)
    else:
        site.done("locate")
    died = site.killed("restore", point)
    assert died is (killed_locate in ("", "locate.committed")), (
        "where nothing was committed nothing is put back"
    )
    site.done("restore")
    assert site.rows() == before
    assert site.served() == site.images
    site.done("copy")
    site.done("delta")
    site.done("locate")
    assert site.served() == site.images


def test_a_part_goes_on_where_it_ended(site: Site) -> None:
    big = site.random.randbytes(24 << 20)
    site.upload("big", big)
    assert site.killed("copy", "copy.half", 4)
    part = site.new / ".strata-big.part"
    assert part.stat().st_size == 16 << 20
    begun: list[int] = []
    points.HOOKS["copy.started"] = lambda path: begun.append(os.stat(path).st_size)
    site.done("copy", "--workers", "1")
    assert begun[0] == 12 << 20, "the last step before the death is written again"
    assert begun[1:] == [0] * 20
    assert (site.new / "big").read_bytes() == big


def test_a_torn_part_is_made_anew(site: Site) -> None:
    site.upload("big", site.random.randbytes(24 << 20))
    assert site.killed("copy", "copy.half", 4)
    with open(site.new / ".strata-big.part", "r+b") as part:
        part.write(b"\0" * 4096)
    site.done("copy")
    site.done("delta")
    site.done("locate")
    assert site.served() == site.images


def test_a_line_of_the_journal_that_was_cut_off_counts_as_not_written(site: Site) -> None:
    site.done("copy")
    copied = site.journal / "copied.jsonl"
    copied.write_bytes(copied.read_bytes()[:-30])
    assert site.done("delta")["copied"] == 1
    assert site.done("delta")["copied"] == 0, "and the next line was not spoiled by it"


def test_a_torn_part_costs_none_of_the_two_attempts(site: Site) -> None:
    site.upload("big", site.random.randbytes(24 << 20))
    assert site.killed("copy", "copy.half", 4)
    wrong = [True, True, False]

    def spoil(path: str) -> None:
        if "big" in path and wrong.pop(0):
            with open(path, "r+b") as part:
                part.write(b"\0" * 4096)

    points.HOOKS["copy.written"] = spoil
    site.done("copy")
    assert wrong == []
