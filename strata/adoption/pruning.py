"""What the stack file can't say is taken out of a draft again, and noted in the validator's own words."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path as File
from typing import Any

from strata import stackfile
from strata.adoption.draft import Draft, Path
from strata.adoption.grafting import render
from strata.adoption.trees import at as at_path
from strata.errors import Failed
from strata.stackfile import Located
from strata.stackfile.located import render as spelled


def prune(draft: Draft, file_name: str) -> None:
    """Take out entry by entry until the file is good. Raises Failed where what is wrong is no entry of the draft.

    file_name: as the stack file is called, which says which stack it is.
    """
    while problems := _problems(draft, file_name):
        places = {spelled(("config", *at)): at for at in _places(draft.added, ())}
        taken: list[Path] = []
        for problem in problems:
            at = _deepest(problem.path, places)
            if at is None:
                raise Failed(
                    f"With what was found the stack file would not be good any more: {problem.path}: {problem.message}"
                )
            if not any(at[: len(one)] == one for one in taken):
                draft.take_out(at)
                draft.find(".".join(at), f"the stack file can't say it ({problem.message.rstrip('.')})")
                taken.append(at)
                places = {key: one for key, one in places.items() if at_path(draft.added, one) is not None}


def _problems(draft: Draft, file_name: str) -> list[Located]:
    with tempfile.TemporaryDirectory() as folder:
        file = File(folder) / file_name
        file.write_text(render({"config": draft.whole}), encoding="utf-8")
        return stackfile.validate(file)


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
