"""Injected faults: which requests they meet, how often, and what then goes wrong."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

EFFECTS = (
    "status",
    "reset",
    "lost_answer",
    "delay",
    "job_failure",
    "job_hang",
    "truncate",
    "unauthorized",
)


@dataclass(frozen=True)
class JobFault:
    """A job that goes wrong: fails with a code and words, or hangs. `effect` is true when it does its work all the same."""

    code: str = "460770"
    message: str = "The job failed."
    hang: bool = False
    effect: bool = False


@dataclass(frozen=True)
class Fault:
    """One rule. It meets requests of `method` ("" for any, "WRITE" for all but GET) whose path `path` matches (a regex,
    searched), lets the first `after` of them pass and then strikes `times` times (0: for ever).

    effect        what happens
    status        answered with `status` and an error `code`, `message`; `headers` are added (Retry-After)
    reset         the connection is closed before anything is done
    lost_answer   it is done, then the connection is closed without an answer
    delay         `seconds` pass on the clock first
    job_failure   the job fails with `code`, `message`; with `applied` it does its work all the same
    job_hang      the job stays "running" until the faults are cleared; with `applied` its work is done
    truncate      the answer breaks off half-way
    unauthorized  401, as with a wrong password
    """

    effect: str
    method: str = ""
    path: str = ""
    times: int = 1
    after: int = 0
    status: int = 503
    code: str = "460770"
    message: str = "Injected by the lab."
    seconds: float = 0.0
    headers: Mapping[str, str] | None = None
    applied: bool = False

    def __post_init__(self) -> None:
        if self.effect not in EFFECTS:
            raise ValueError(f'"{self.effect}" is no fault of an emulator; there are: {", ".join(EFFECTS)}')
        re.compile(self.path)

    def meets(self, method: str, path: str) -> bool:
        """Whether it is about such a request."""
        fits = self.method in ("", method) or (self.method == "WRITE" and method != "GET")
        return fits and re.search(self.path, path) is not None

    @property
    def job_fault(self) -> JobFault | None:
        """What it does to the request's job."""
        if self.effect == "job_failure":
            return JobFault(self.code, self.message, effect=self.applied)
        if self.effect == "job_hang":
            return JobFault(hang=True, effect=self.applied)
        return None


class Faults:
    """The rules in force, in the order in which they were added."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rules: list[tuple[Fault, list[int]]] = []

    def add(self, fault: Fault) -> None:
        """Put a rule in force."""
        with self._lock:
            self._rules.append((fault, [0]))

    def clear(self) -> None:
        """Take all away."""
        with self._lock:
            self._rules.clear()

    def take(self, method: str, path: str) -> list[Fault]:
        """The faults that strike this request; each is counted."""
        struck = []
        with self._lock:
            for fault, met in self._rules:
                if not fault.meets(method, path):
                    continue
                met[0] += 1
                if met[0] > fault.after and (fault.times == 0 or met[0] <= fault.after + fault.times):
                    struck.append(fault)
        return struck

    def listed(self) -> list[dict[str, Any]]:
        """Each rule with the number of requests it has met."""
        with self._lock:
            return [{**asdict(fault), "met": met[0]} for fault, met in self._rules]
