"""Time as an emulator sees it: real, or driven by a test."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import Protocol


class Clock(Protocol):
    """Seconds since the epoch, and a way to let them pass."""

    def now(self) -> float:
        """The time now."""
        ...

    def advance(self, seconds: float) -> None:
        """Jump forward."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return when that much time has passed."""
        ...


class RealClock:
    """The machine's clock, plus what it was told to jump over."""

    def __init__(self) -> None:
        self._ahead = 0.0

    def now(self) -> float:
        """The time now."""
        return time.time() + self._ahead

    def advance(self, seconds: float) -> None:
        """Jump forward."""
        self._ahead += seconds

    async def sleep(self, seconds: float) -> None:
        """Return when that much real time has passed."""
        await asyncio.sleep(seconds)


class ManualClock:
    """Stands still until it is advanced; a sleep advances it at once, so that no wait takes real time."""

    def __init__(self, start: float = 1_700_000_000.0) -> None:
        self._now = start
        self._lock = threading.Lock()

    def now(self) -> float:
        """The time now."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Jump forward."""
        with self._lock:
            self._now += seconds

    async def sleep(self, seconds: float) -> None:
        """Let the time pass by itself."""
        self.advance(seconds)
        await asyncio.sleep(0)
