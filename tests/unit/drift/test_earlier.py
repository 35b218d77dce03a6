"""Since when a difference is known."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from strata.drift import earlier
from strata.drift.formats.as_json import as_json, document
from strata.drift.formats.table import table
from strata.errors import Failed
from tests.unit.drift.reports import CHECKED, CLEAN, EVERYTHING, long

FIRST = "2026-11-21T02:00:00+00:00"


def test_what_was_known_keeps_its_time_and_what_is_new_gets_now() -> None:
    first = earlier.dated(long(1), {})
    second = replace(long(2), checked=CHECKED + timedelta(days=1))
    third = replace(long(2), checked=CHECKED + timedelta(days=2))
    known = earlier.known(document(first))
    known = earlier.known(document(earlier.dated(second, known)))
    dated = earlier.dated(third, known)
    assert [one.since for one in dated.stacks[0].findings] == [FIRST, "2026-11-22T02:00:00+00:00"]
    assert "SINCE" in table(dated)
    assert "SINCE" not in table(third)


def test_what_went_and_came_back_is_new() -> None:
    known = earlier.known(document(earlier.dated(CLEAN, earlier.known(document(long(1))))))
    again = replace(long(1), checked=CHECKED + timedelta(days=2))
    assert earlier.dated(again, known).stacks[0].findings[0].since == "2026-11-23T02:00:00+00:00"


def test_what_an_undated_report_had_is_known_since_it() -> None:
    assert set(earlier.known(document(EVERYTHING)).values()) == {FIRST}


def test_accepted_differences_have_a_time_too() -> None:
    (accepted,) = earlier.dated(EVERYTHING, {}).stacks[1].accepted
    assert accepted.finding.since == FIRST


def test_before_the_first_night_there_is_no_report(tmp_path: Path) -> None:
    assert earlier.read(tmp_path / "none.json") is None


def test_a_report_is_read_as_it_was_written(tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    file.write_text(as_json(EVERYTHING))
    assert earlier.read(file) == earlier.known(document(EVERYTHING))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{", "not what `strata drift --format json` writes"),
        ("[]", "not what `strata drift --format json` writes"),
        (json.dumps({"version": 1}), "not what `strata drift --format json` writes"),
        (json.dumps({"version": 2}), "version 2; this release reads version 1"),
    ],
)
def test_another_file_is_refused(text: str, expected: str, tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    file.write_text(text)
    with pytest.raises(Failed, match=expected):
        earlier.read(file)
