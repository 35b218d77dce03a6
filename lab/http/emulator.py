"""An emulator: its system, its journal, its faults, and who may steer it."""

from __future__ import annotations

import base64
import hmac
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from starlette.requests import Request

from lab.http.clock import Clock
from lab.http.faults import Faults
from lab.http.journal import Journal


class Credentials(Protocol):
    """The administrator's."""

    @property
    def username(self) -> str:
        """The name."""
        ...

    @property
    def password(self) -> str:
        """The password."""
        ...


class Emulated(Protocol):
    """What every emulated system has; each entry holds `lock`."""

    @property
    def config(self) -> Credentials:
        """What it was started with."""
        ...

    @property
    def clock(self) -> Clock:
        """The time by which its jobs end."""
        ...

    @property
    def lock(self) -> AbstractContextManager[Any]:
        """Held while records are read or changed."""
        ...

    def settle(self) -> None:
        """Let all come to where the clock is."""
        ...


S = TypeVar("S", bound=Emulated)


@dataclass(frozen=True)
class Emulator(Generic[S]):
    """What an application works on; also in `app.state.emulator`."""

    system: S
    journal: Journal
    faults: Faults

    def authorized(self, request: Request) -> bool:
        """Whether the request carries the administrator's name and password."""
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        config = self.system.config
        wanted = base64.b64encode(f"{config.username}:{config.password}".encode()).decode()
        return scheme.lower() == "basic" and hmac.compare_digest(given.strip().encode(), wanted.encode())
