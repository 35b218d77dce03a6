"""Known differences: which findings they excuse, until when, and what is said when they are over or idle."""

from __future__ import annotations

from datetime import date

import pytest

from strata.drift.accepting import judged
from strata.drift.finding import Change, Finding, Net
from strata.stackfile.model_drift import Accepted
from tests.unit.drift.recordings import VOLUME

TODAY = date(2026, 11, 21)
SIZE = Finding(VOLUME, Change.CHANGED, Net.BOTH, "size", "50GiB", "60GiB")
DEDUPE = Finding(VOLUME, Change.CHANGED, Net.BOTH, "efficiency.dedupe", "background", "none")
GONE = Finding(VOLUME, Change.GONE, Net.BOTH)


def accepted(property: str | None, until: date = TODAY, resource: str = "ontap:Volume/images") -> Accepted:
    return Accepted(resource, "ticket 4711", until, property)


@pytest.mark.parametrize(
    ("finding", "entry", "excused", "because"),
    [
        (SIZE, accepted("size"), True, "the last day is still a day"),
        (SIZE, accepted("size", date(2026, 11, 20)), False, "yesterday was the last day"),
        (
            SIZE,
            accepted("size", resource="strata:ontap:Volume/images"),
            True,
            "the whole kind is accepted too",
        ),
        (SIZE, accepted("size", resource="ontap:Volume/other"), False, "another resource"),
        (SIZE, accepted("junctionPath"), False, "another property"),
        (DEDUPE, accepted("efficiency"), True, "a property with everything within it"),
        (SIZE, accepted(None), False, "without a property it is only that the resource is there or not"),
        (GONE, accepted(None), True, "that it is gone is accepted"),
        (GONE, accepted("size"), False, "an accepted size does not excuse that the volume is gone"),
    ],
)
def test_an_entry_excuses(finding: Finding, entry: Accepted, excused: bool, because: str) -> None:
    counting, accepted_ones, _ = judged([finding], [entry], TODAY, complete=True)
    assert (not counting, len(accepted_ones) == 1) == (excused, excused), because


def test_an_entry_that_is_over_counts_and_says_so() -> None:
    counting, excused, (note,) = judged([SIZE], [accepted("size", date(2026, 1, 31))], TODAY, complete=True)
    assert counting == (SIZE,)
    assert excused == ()
    assert note.startswith(
        "ontap:Volume/images size was accepted until 2026-01-31 (ticket 4711); that is over"
    )


def test_a_later_entry_goes_before_one_that_is_over() -> None:
    entries = [accepted("efficiency", date(2026, 1, 31)), accepted("efficiency.dedupe", date(2027, 1, 1))]
    counting, excused, notes = judged([DEDUPE], entries, TODAY, complete=True)
    assert counting == ()
    assert excused[0].until == date(2027, 1, 1)
    assert notes == ()


def test_an_entry_that_matches_nothing_is_told() -> None:
    _, _, (note,) = judged([], [accepted("size")], TODAY, complete=True)
    assert "ontap:Volume/images size is accepted" in note
    assert "nothing is otherwise there" in note


def test_where_not_everything_was_seen_no_entry_is_called_idle() -> None:
    assert judged([], [accepted("size")], TODAY, complete=False)[2] == ()
