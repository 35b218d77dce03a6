"""Where a host is, and what can become of a command on it: all that is known of a host before anything connects to it.

Apart from host_connection.py, so that a run without hosts does without asyncssh, which takes a tenth of a second: it asks the C
compiler for libraries.
"""

from __future__ import annotations

from dataclasses import dataclass

from strata.errors import Unreachable


class ConnectionLost(Unreachable):
    """The connection broke. `sent` says whether the command had been handed over, so that it may have been carried out."""

    def __init__(self, message: str, *, sent: bool) -> None:
        super().__init__(message)
        self.sent = sent


@dataclass(frozen=True)
class Target:
    """Where and as whom; `private_key` and `host_key` are OpenSSH texts."""

    name: str
    address: str
    port: int
    user: str
    private_key: str
    host_key: str

    def __repr__(self) -> str:
        return f"Target({self})"

    def __str__(self) -> str:
        return f"{self.name} ({self.user}@{self.address}:{self.port})"


@dataclass(frozen=True)
class Answer:
    """What a command left behind."""

    exit_code: int
    stdout: bytes
    stderr: str
