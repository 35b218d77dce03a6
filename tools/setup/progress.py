"""What set-up shows: the step it is at, how far that is, and for how long it has run."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TextIO

SECONDS_BETWEEN_LINES = 10.0
"""In a log every tick would be a line of its own, so most are left out."""

WIDTH = 100


class Progress:
    """One line per step, and between them ticks: rewritten in place on a terminal, thinned out in a log."""

    def __init__(
        self, steps: int, out: TextIO = sys.stdout, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._steps = steps
        self._out = out
        self._clock = clock
        self._terminal = out.isatty()
        self._number = 0
        self._started = clock()
        self._last_tick = clock()
        self._ticked = False

    def start(self, title: str) -> None:
        self._number += 1
        self._started = self._last_tick = self._clock()
        self._line(f"[{self._number}/{self._steps}] {title} …")

    def skip(self, title: str, because: str) -> None:
        self._number += 1
        self._line(f"[{self._number}/{self._steps}] {title}: already there, {because}")

    def tick(self, what: str) -> None:
        """Says how far the step is; called as often as anybody likes."""
        now = self._clock()
        text = f"      {what}, {now - self._started:.0f} s"
        if self._terminal:
            self._out.write(f"\r\x1b[K{text[:WIDTH]}")
            self._out.flush()
            self._ticked = True
        elif now - self._last_tick >= SECONDS_BETWEEN_LINES:
            self._last_tick = now
            self._line(text)

    def note(self, what: str) -> None:
        self._line(f"      {what}")

    def done(self, outcome: str) -> None:
        self._line(f"      done in {self._clock() - self._started:.0f} s: {outcome}")

    def say(self, text: str) -> None:
        self._line(text)

    def _line(self, text: str) -> None:
        if self._ticked:
            self._out.write("\r\x1b[K")
            self._ticked = False
        self._out.write(text + "\n")
        self._out.flush()
