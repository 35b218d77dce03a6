"""For code scanning: SARIF 2.1.0, each difference at the line of the stack file that declares it."""

from __future__ import annotations

import hashlib
import json
from typing import Any, Final
from urllib.parse import quote

from strata import __version__
from strata.drift.finding import Change, Finding, Place
from strata.drift.formats import words
from strata.drift.formats.table import never_up
from strata.drift.report import AcceptedFinding, Report, StackReport, Status

COULD_NOT_TELL: Final = "could-not-tell"
UNMANAGED: Final = "unmanaged"
RULES: Final = {
    Change.CHANGED.value: ("warning", "A property is not as declared."),
    Change.GONE.value: ("error", "A resource is not there."),
    Change.UNMADE.value: ("warning", "A resource is declared and not made yet."),
    Change.UNDECLARED.value: ("warning", "A resource is in the state and not in the program."),
    Change.UNFINISHED.value: ("warning", "The last run failed half-way through a resource."),
    UNMANAGED: ("note", "Something exists and is in no stack."),
    COULD_NOT_TELL: ("error", "It could not be told whether anything has drifted."),
}
"""Level and description by rule."""


def sarif(report: Report) -> str:
    """One run with a result for each finding, accepted finding and trouble."""
    results = [result for stack in report.stacks for result in _results(stack)]
    log = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": "strata drift", "version": __version__, "rules": _rules()}},
                "invocations": [
                    {
                        "executionSuccessful": not any(
                            result["ruleId"] == COULD_NOT_TELL for result in results
                        ),
                        "exitCode": report.exit_code,
                        "endTimeUtc": report.checked.strftime("%Y-%m-%dT%H:%M:%SZ"),
                    }
                ],
                "columnKind": "unicodeCodePoints",
                "results": results,
            }
        ],
    }
    return json.dumps(log, indent=2, ensure_ascii=False) + "\n"


def _rules() -> list[dict[str, Any]]:
    return [
        {"id": id, "shortDescription": {"text": text}, "defaultConfiguration": {"level": level}}
        for id, (level, text) in RULES.items()
    ]


def _results(stack: StackReport) -> list[dict[str, Any]]:
    found = [_of_finding(stack, one) for one in stack.findings]
    found += [_of_accepted(stack, one) for one in stack.accepted]
    found += [
        _result(stack, UNMANAGED, words.unmanaged(one), f"{one.system} {one.kind} {one.id}", None)
        for one in stack.unmanaged or ()
    ]
    troubles = [one.message for one in stack.troubles]
    if stack.status is Status.NEVER_UP:
        troubles.append(never_up(stack))
    return found + [_result(stack, COULD_NOT_TELL, message, message, None) for message in troubles]


def _of_finding(stack: StackReport, one: Finding) -> dict[str, Any]:
    identity = f"{one.resource} {one.path} {one.change}"
    return _result(stack, one.change.value, words.sentence(one), identity, one.place)


def _of_accepted(stack: StackReport, one: AcceptedFinding) -> dict[str, Any]:
    justification = f"{one.reason} (until {one.until})"
    return {
        **_of_finding(stack, one.finding),
        "suppressions": [{"kind": "external", "justification": justification}],
    }


def _result(
    stack: StackReport, rule: str, message: str, identity: str, place: Place | None
) -> dict[str, Any]:
    at = place or Place(stack.file, 1)
    return {
        "ruleId": rule,
        "ruleIndex": list(RULES).index(rule),
        "level": RULES[rule][0],
        "message": {"text": f"{stack.stack}: {message}"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": quote(at.file)},
                    "region": {"startLine": at.line},
                }
            }
        ],
        "partialFingerprints": {
            "strataDrift/v1": hashlib.sha256(f"{stack.stack} {identity}".encode()).hexdigest()
        },
    }
