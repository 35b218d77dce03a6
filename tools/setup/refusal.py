"""The one exception of set-up: it can't go on, and says why and what to do."""

from __future__ import annotations

import textwrap


class SetupRefused(Exception):
    """What stands in the way and what to do next, as one sentence; below it the words of the program that failed."""

    def __init__(self, what: str, do: str, *, answer: str = "") -> None:
        said = f"\n  it said:\n{textwrap.indent(answer, '    ')}" if answer else ""
        super().__init__(f"{what}: {do}{said}")
