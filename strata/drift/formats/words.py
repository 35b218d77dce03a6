"""How a finding reads: the same words in every format for people."""

from __future__ import annotations

import json
from typing import Any

from strata.drift.finding import Change, Finding
from strata.drift.report import UnmanagedObject

WHOLE = {
    Change.GONE: ("there", "is not there"),
    Change.UNMADE: ("in the stack file", "is not made yet"),
    Change.UNDECLARED: ("not in the program", "is in the state"),
    Change.UNFINISHED: ("finished", "the last run failed half-way"),
}
"""Declared and actual of a resource as a whole."""


def declared(finding: Finding, longest: int | None = None) -> str:
    """What the declaration says."""
    whole = WHOLE.get(finding.change)
    return whole[0] if whole else value(finding.declared, longest)


def actual(finding: Finding, longest: int | None = None) -> str:
    """What is there."""
    whole = WHOLE.get(finding.change)
    return whole[1] if whole else value(finding.actual, longest)


def sentence(finding: Finding) -> str:
    """`ontap:Volume/images size: declared 50GiB, is 60GiB` and the like, in one line."""
    again = "; up would make a new one" if finding.replaces else ""
    if finding.change is Change.CHANGED:
        return f"{finding.resource} {finding.path}: declared {declared(finding)}, is {actual(finding)}{again}"
    return {
        Change.GONE: f"{finding.resource} is not there",
        Change.UNMADE: f"{finding.resource} is in the stack file and not made yet",
        Change.UNDECLARED: f"{finding.resource} is in the state, not in the program",
        Change.UNFINISHED: f"{finding.resource} is unfinished: the last run failed half-way",
    }[finding.change]


def unmanaged(one: UnmanagedObject) -> str:
    """`ontap volume demo-nfs-svm/loose (id 1d4a…) is in no stack`."""
    return f"{one.system} {one.kind} {value(one.name)} (id {value(one.id)}) is in no stack"


def value(plain: Any, longest: int | None = None) -> str:
    """A value in one line; `longest` cuts it."""
    if plain is None:
        text = "(none)"
    elif isinstance(plain, str):
        text = plain if plain and plain.isprintable() else json.dumps(plain, ensure_ascii=False)
    else:
        text = json.dumps(_whole(plain), ensure_ascii=False)
    return text if longest is None or len(text) <= longest else f"{text[: longest - 1]}…"


def _whole(plain: Any) -> Any:
    """The engine counts in floating point; 5.0 is 5."""
    return int(plain) if isinstance(plain, float) and plain.is_integer() else plain
