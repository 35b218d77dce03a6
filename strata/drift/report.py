"""The answer about all stacks: what counts, what is accepted, what could not be told. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from strata.drift.finding import Finding, Trouble

NO_DRIFT, COULD_NOT_TELL, DRIFTED = 0, 1, 7


class Status(StrEnum):
    """The one word about a stack; what could not be told comes before what has drifted."""

    AS_DECLARED = "as declared"
    DRIFTED = "drifted"
    COULD_NOT_TELL = "could not tell"
    NEVER_UP = "never brought up"


@dataclass(frozen=True)
class AcceptedFinding:
    """A difference that the stack file accepts: why, and until when."""

    finding: Finding
    reason: str
    until: date


@dataclass(frozen=True)
class UnmanagedObject:
    """Something that exists on a system of the stack and is in no stack. It is no drift: nobody declared it otherwise.

    system  ontap, hosts, swift or cloudstack
    kind    `volume`, `export policy`, `mount`, `container`, `zone`
    id      the one that an import takes
    """

    system: str
    kind: str
    id: str
    name: str


@dataclass(frozen=True)
class StackReport:
    """One stack.

    file       its stack file, relative to the project
    findings   those that count
    notes      what is to be said beside them: acceptances that are over, or that match nothing
    looked     the number of resources that were looked at
    unmanaged  what is in no stack; None where nobody asked, or nothing can be told
    """

    stack: str
    file: str
    findings: tuple[Finding, ...] = ()
    accepted: tuple[AcceptedFinding, ...] = ()
    troubles: tuple[Trouble, ...] = ()
    notes: tuple[str, ...] = ()
    looked: int = 0
    never_up: bool = False
    unmanaged: tuple[UnmanagedObject, ...] | None = None

    @property
    def status(self) -> Status:
        if self.never_up:
            return Status.NEVER_UP
        if self.troubles:
            return Status.COULD_NOT_TELL
        return Status.DRIFTED if self.findings else Status.AS_DECLARED


@dataclass(frozen=True)
class Report:
    """All stacks, in the order in which they were asked for, at one time."""

    checked: datetime
    stacks: tuple[StackReport, ...]

    @property
    def exit_code(self) -> int:
        """Never 0 where something could not be told: a stack that was never brought up has nothing to compare."""
        statuses = {stack.status for stack in self.stacks}
        if statuses & {Status.COULD_NOT_TELL, Status.NEVER_UP}:
            return COULD_NOT_TELL
        return DRIFTED if Status.DRIFTED in statuses else NO_DRIFT

    @property
    def summary(self) -> str:
        """`30 stacks: 28 as declared, 1 drifted, 1 could not tell.`"""
        counts = {status: sum(one.status is status for one in self.stacks) for status in Status}
        parts = ", ".join(f"{number} {status}" for status, number in counts.items() if number)
        return f"{len(self.stacks)} stack{'' if len(self.stacks) == 1 else 's'}: {parts}."


_WHAT_WAS_DONE: Final = re.compile(
    r"^(?:[A-Z][^:]*: could not tell, because|Reading [^:]*:) | while [^:.()]+"
)


def grouped(troubles: Iterable[Trouble]) -> list[tuple[str, int]]:
    """Each reason once, with the number of resources it stands for: one cluster that is down is one trouble.

    The reason is the sentence without what was being done, which differs from resource to resource.
    """
    by_reason: dict[str, list[str]] = {}
    for one in troubles:
        by_reason.setdefault(_WHAT_WAS_DONE.sub("", one.message), []).append(one.message)
    return [(messages[0], len(messages)) for messages in by_reason.values()]
