"""A running emulator in the hands of a test, whatever it emulates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

import httpx

from lab.http.clock import Clock
from lab.http.emulator import Emulated, Emulator
from lab.http.faults import Faults
from lab.http.journal import Entry, Journal

S = TypeVar("S", bound=Emulated)


@dataclass(frozen=True, kw_only=True)
class RunningEmulator(Generic[S]):
    """Its address, the administrator's name and password, and a client."""

    host: str
    port: int
    username: str
    password: str
    emulator: Emulator[S]
    client: httpx.Client

    @property
    def journal(self) -> Journal:
        """Every request so far."""
        return self.emulator.journal

    @property
    def faults(self) -> Faults:
        """Add faults here; `calm` takes them away."""
        return self.emulator.faults

    @property
    def clock(self) -> Clock:
        """The clock of jobs and of all that takes its time."""
        return self.emulator.system.clock

    def writes(self, since: int = 0) -> list[Entry]:
        """The requests after that number that change something."""
        return self.journal.entries(since, writes=True)

    def advance(self, seconds: float) -> None:
        """Move the clock and let jobs end."""
        self.clock.advance(seconds)
        self.emulator.system.settle()
