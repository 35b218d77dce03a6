"""What the schema can't say about accepted differences: that the day exists, and that none stands twice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from strata.stackfile.build_drift import day
from strata.stackfile.located import Path, render
from strata.stackfile.shape import Breach
from strata.stackfile.tree import Tree

ACCEPTED: Final[Path] = ("config", "strata:drift", "accepted")


def breaches(tree: Tree) -> Iterator[Breach]:
    """Everything wrong in `strata:drift` beyond the schema."""
    given = tree.at(ACCEPTED)
    seen: dict[tuple[object, object], Path] = {}
    for index, one in enumerate(given if isinstance(given, list) else []):
        if not isinstance(one, dict) or not isinstance(one.get("resource"), str):
            continue
        at = (*ACCEPTED, index)
        until = one.get("until")
        if isinstance(until, str) and _has_the_form(until) and not _exists(until):
            yield (*at, "until"), f'found "{until[:10]}"; the calendar has no such day.'
        first = seen.setdefault((one["resource"], str(one.get("property"))), at)
        if first != at:
            yield at, f"this difference is accepted already, at {render(first)}; keep one of the two."


def _has_the_form(text: str) -> bool:
    parts = text[:10].split("-")
    return [len(part) for part in parts] == [4, 2, 2] and all(part.isdecimal() for part in parts)


def _exists(text: str) -> bool:
    try:
        day(text)
    except ValueError:
        return False
    return True
