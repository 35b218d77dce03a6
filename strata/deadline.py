"""Deadlines on an injected clock, so that no test has to wait."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from strata.errors import TimedOut


@dataclass(frozen=True)
class Clock:
    """Where time comes from: `now()` in seconds, monotonic, and `sleep(seconds)`."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


@dataclass(frozen=True)
class Deadline:
    """The moment an operation has to be over."""

    seconds: float
    clock: Clock = field(default_factory=Clock)
    started: float = -1.0

    def __post_init__(self) -> None:
        if self.started < 0:
            object.__setattr__(self, "started", self.clock.now())

    def remaining(self) -> float:
        """Seconds left; never below 0."""
        return max(0.0, self.started + self.seconds - self.clock.now())

    async def pause(self, seconds: float, doing: str) -> None:
        """Wait before the next look, at most until the deadline; raises TimedOut when it has passed.

        doing: what is still going on, as the subject of a sentence: `Job 1234 (volume create) on cluster01`.
        """
        left = self.remaining()
        if left <= 0:
            raise TimedOut(
                f"{doing} was not over after {self.seconds:g} s. "
                "Raise the time in `timeouts` of the stack file, or look at the system and repeat."
            )
        await self.clock.sleep(min(seconds, left))
