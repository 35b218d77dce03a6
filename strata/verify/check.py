"""One statement about an environment, and whether it holds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Check:
    """what: the statement; holds: whether it is so; found: what was seen, with figures."""

    what: str
    holds: bool
    found: str


def table(checks: list[Check]) -> str:
    """The checks one below the other, the failed ones marked."""
    width = max((len(check.what) for check in checks), default=0)
    return "\n".join(
        f"{'ok  ' if check.holds else 'FAIL'}  {check.what:<{width}}  {check.found}" for check in checks
    )
