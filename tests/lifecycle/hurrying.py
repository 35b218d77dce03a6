"""A clock for tests that jumps instead of waiting."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from strata.deadline import Clock


@dataclass
class Hurrying:
    """`slept` is every pause that somebody asked for; `on_sleep` lets the other side's clock go along."""

    seconds: float = 0.0
    slept: list[float] = field(default_factory=list)
    on_sleep: Callable[[float], None] = lambda seconds: None

    def now(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.seconds += seconds
        self.slept.append(seconds)
        self.on_sleep(seconds)

    @property
    def clock(self) -> Clock:
        return Clock(self.now, self.sleep)
