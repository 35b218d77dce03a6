"""`strata:drift`: the differences that are known and accepted for a while."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Accepted:
    """One difference that does not count until the end of a day.

    resource  `KIND/NAME` as `strata drift` shows it, for example `ontap:Volume/images`
    property  its path, with everything within it; None means that the resource is there or not, as a whole
    until     the last day on which it is accepted
    """

    resource: str
    reason: str
    until: date
    property: str | None = None


@dataclass(frozen=True)
class Drift:
    """What `strata drift` takes from the stack file."""

    accepted: tuple[Accepted, ...] = ()
