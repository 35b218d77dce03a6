"""What the stack file can't say is taken out of a draft again, and noted in the validator's own words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path as File
from typing import Any

from strata.adoption.draft import Draft, Path
from strata.adoption.grafting import graft
from strata.adoption.trees import at as at_path
from strata.errors import Failed
from strata.stackfile import Located
from strata.stackfile.located import render as spelled
from strata.stackfile.reading import validate_text


def prune(draft: Draft, text: str, file: File) -> str:
    """The text with what the stack file can say of the draft; the rest is taken out of it.

    file: where the text stands, which says which stack it is and what it extends. Raises Failed where what is wrong is
    no entry of the draft.
    """
    while True:
        grafted = graft(text, {"config": draft.added} if draft.added else {})
        problems = validate_text(grafted, file)
        if not problems:
            return grafted
        _take_out(draft, problems)


def _take_out(draft: Draft, problems: list[Located]) -> None:
    places = {spelled(("config", *at)): at for at in _places(draft.added, ())}
    taken: list[Path] = []
    for problem in problems:
        at = _deepest(problem.path, places)
        if at is None and not taken:
            raise Failed(
                f"With what was found the stack file would not be good any more: {problem.path}: {problem.message}"
            )
        if at is not None and not any(at[: len(one)] == one for one in taken):
            draft.take_out(at)
            draft.find(".".join(at), f"the stack file can't say it ({problem.message.rstrip('.')})")
            taken.append(at)
            places = {words: one for words, one in places.items() if at_path(draft.added, one) is not None}


def _places(tree: Mapping[str, Any], at: Path) -> Iterator[Path]:
    for key, value in tree.items():
        yield (*at, key)
        if isinstance(value, Mapping):
            yield from _places(value, (*at, key))


def _deepest(problem: str, places: Mapping[str, Path]) -> Path | None:
    """The innermost added place that the problem is at, or lies in."""
    fitting = [
        (len(at), at)
        for words, at in places.items()
        if problem == words or problem.startswith((f"{words}.", f"{words}["))
    ]
    return max(fitting)[1] if fitting else None
