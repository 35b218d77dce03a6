"""What is no drift, for every kind: the same said otherwise (scenario 5), and what nobody manages (6)."""

from __future__ import annotations

import pytest

from tests.acceptance.engine.every_kind_site import TOKENS, EveryKind
from tests.acceptance.engine.spellings import (
    BY_THE_SYSTEM,
    IN_THE_FILE,
    ONE_SPELLING,
    UNMANAGED,
    in_another_order,
)
from tests.acceptance.engine.test_drift_of_every_property import look

pytestmark = pytest.mark.acceptance


def quiet(site: EveryKind) -> None:
    """Neither net has anything in it, and looking writes nothing."""
    with site.untouched():
        site.project.preview("--expect-no-changes")
        assert look(site.whole, expect=0) == {}
        site.project.pulumi("refresh", "--preview-only", "--expect-no-changes")


def test_the_same_said_otherwise_in_the_stack_file_is_no_change(every_kind: EveryKind) -> None:
    text = every_kind.project.stack_file.read_text()
    for one in IN_THE_FILE:
        every_kind.project.edit(one.old, one.new)
    every_kind.project.write(in_another_order(every_kind.project.stack_file.read_text()))
    quiet(every_kind)
    every_kind.project.write(text)


def test_the_same_said_otherwise_by_the_system_is_no_drift(every_kind: EveryKind) -> None:
    for change in BY_THE_SYSTEM.values():
        change(every_kind)
    quiet(every_kind)


def test_what_nobody_manages_is_no_drift(every_kind: EveryKind) -> None:
    for change in UNMANAGED.values():
        change(every_kind)
    quiet(every_kind)


def test_no_kind_is_forgotten() -> None:
    kinds = {token.removeprefix("strata:") for token in TOKENS}
    said = {one.kind for one in IN_THE_FILE} | {*BY_THE_SYSTEM} | {"cloudstack:ZoneSet"}
    assert said | {*ONE_SPELLING} == kinds
    assert not said & {*ONE_SPELLING}
    assert {*UNMANAGED} == kinds
