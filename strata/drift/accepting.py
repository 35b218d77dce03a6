"""Which findings the stack file accepts, and which of its acceptances are over or match nothing. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from strata.drift import paths
from strata.drift.finding import Change, Finding
from strata.drift.report import AcceptedFinding
from strata.stackfile.model_drift import Accepted


def judged(
    findings: Sequence[Finding], accepted: Sequence[Accepted], today: date, complete: bool
) -> tuple[tuple[Finding, ...], tuple[AcceptedFinding, ...], tuple[str, ...]]:
    """(those that count, those that are accepted, what is to be said about the acceptances).

    complete: everything was looked at, so that what was not found is not there.
    """
    counting: list[Finding] = []
    excused: list[AcceptedFinding] = []
    used: dict[Accepted, None] = {}
    over: dict[Accepted, None] = {}
    for finding in findings:
        matching = [one for one in accepted if _matches(one, finding)]
        valid = [one for one in matching if today <= one.until]
        used.update(dict.fromkeys(matching))
        if valid:
            excused.append(AcceptedFinding(finding, valid[0].reason, valid[0].until))
        else:
            over.update(dict.fromkeys(matching))
            counting.append(finding)
    notes = [_over(one) for one in over]
    notes += [_idle(one) for one in accepted if complete and one not in used]
    return tuple(counting), tuple(excused), tuple(notes)


def _matches(accepted: Accepted, finding: Finding) -> bool:
    if accepted.resource not in (finding.resource, f"strata:{finding.resource}"):
        return False
    if accepted.property is None:
        return finding.change is not Change.CHANGED
    return finding.change is Change.CHANGED and paths.covers(accepted.property, finding.path)


def _over(one: Accepted) -> str:
    return (
        f"{_what(one)} was accepted until {one.until} ({one.reason.strip().rstrip('.')}); that is over, so it counts. Put it "
        "right, or set a later day in strata:drift.accepted."
    )


def _idle(one: Accepted) -> str:
    return f"{_what(one)} is accepted in strata:drift.accepted, but nothing is otherwise there: take the entry out."


def _what(one: Accepted) -> str:
    return f"{one.resource} {one.property}" if one.property else one.resource
