"""The one exception of set-up: it can't go on, and says why and what to do."""

from __future__ import annotations


class SetupRefused(Exception):
    """What stands in the way, in a sentence, and what the reader should do next."""

    def __init__(self, what: str, do: str) -> None:
        super().__init__(f"{what}: {do}")
        self.what = what
        self.do = do
