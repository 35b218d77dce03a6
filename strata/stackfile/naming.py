"""Advice for a name that isn't there."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from strata.stackfile.located import Path, render


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """` Did you mean size?`, or the names that there are, or nothing; starts with a blank."""
    names = sorted(known)
    by_lower = {name.lower(): name for name in names}
    close = difflib.get_close_matches(word.lower(), by_lower, 1, 0.6)
    if close:
        return f" Did you mean {by_lower[close[0]]}?"
    return f" Known here: {', '.join(names)}." if names else ""


def dangling(name: str, known: set[str], section: Path) -> str:
    """The sentence for a name that no entry of `section` bears."""
    return f'there is no "{name}" in {render(section[1:])}.{did_you_mean(name, known)}'
