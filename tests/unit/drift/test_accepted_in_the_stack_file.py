"""`strata:drift` in a stack file: what it means, and what is wrong with it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from strata import stackfile
from strata.stackfile.model_drift import Accepted
from tests.unit.drift.recordings import STACK_FILE


def written(tmp_path: Path, *entries: str) -> Path:
    file = tmp_path / "Pulumi.lab.yaml"
    listed = "".join(f"      - {{{entry}}}\n" for entry in entries)
    file.write_text(f"{STACK_FILE}  strata:drift:\n    accepted:\n{listed}")
    return file


def test_an_entry_is_read(tmp_path: Path) -> None:
    file = written(tmp_path, "resource: ontap:Volume/images, property: size, reason: why, until: 2026-12-31")
    assert stackfile.load(file).drift.accepted == (
        Accepted("ontap:Volume/images", "why", date(2026, 12, 31), "size"),
    )


def test_a_day_stays_one_when_pulumi_rewrites_the_file(tmp_path: Path) -> None:
    """`pulumi config set` makes a time of a day that stands without quotes."""
    file = written(
        tmp_path, "resource: ontap:Volume/images, reason: why, until: '2026-12-31 00:00:00 +0000 UTC'"
    )
    (one,) = stackfile.load(file).drift.accepted
    assert (one.until, one.property) == (date(2026, 12, 31), None)


def test_without_the_section_nothing_is_accepted(tmp_path: Path) -> None:
    file = tmp_path / "Pulumi.lab.yaml"
    file.write_text(STACK_FILE)
    assert stackfile.load(file).drift.accepted == ()


VALID = "resource: ontap:Volume/images, property: size, reason: why, until: 2026-12-31"


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        (["resource: ontap:Volume/images, reason: why"], "until is missing"),
        (["resource: ontap:Volume/images, until: 2026-12-31"], "reason is missing"),
        (["resource: ontap:Volume/images, reason: ' ', until: 2026-12-31"], "the reason, in words"),
        (["resource: images, reason: why, until: 2026-12-31"], "KIND/NAME as `strata drift` shows it"),
        (["resource: ontap:Volume/images, reason: why, until: 31.12.2026"], "a day as YEAR-MONTH-DAY"),
        (["resource: ontap:Volume/images, reason: why, until: 2026-02-30"], "the calendar has no such day"),
        ([VALID, VALID], "this difference is accepted already, at config.strata:drift.accepted[0]"),
        ([f"{VALID}, forever: true"], "there is no such key"),
    ],
)
def test_what_is_wrong_is_said_at_its_line(entries: list[str], expected: str, tmp_path: Path) -> None:
    problems = stackfile.validate(written(tmp_path, *entries))
    assert len(problems) == 1, problems
    assert expected in problems[0].message
    assert problems[0].line == len(STACK_FILE.splitlines()) + 2 + len(entries)
