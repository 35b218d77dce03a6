"""For programs: JSON by schemas/drift.schema.json, whose `version` says when a reader has to change."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any, Final

from strata.drift.finding import Finding
from strata.drift.report import Report, StackReport

VERSION: Final = 1


def as_json(report: Report) -> str:
    """The whole report; nothing is cut."""
    return json.dumps(document(report), indent=2, ensure_ascii=False) + "\n"


def document(report: Report) -> dict[str, Any]:
    """The report in the shape of the schema."""
    return {
        "version": VERSION,
        "checked": report.checked.isoformat(timespec="seconds"),
        "exitCode": report.exit_code,
        "summary": report.summary,
        "stacks": [_stack(one) for one in report.stacks],
    }


def _stack(stack: StackReport) -> dict[str, Any]:
    return {
        "stack": stack.stack,
        "file": stack.file,
        "status": stack.status.value,
        "resources": stack.looked,
        "findings": [_finding(one) for one in stack.findings],
        "accepted": [
            {**_finding(one.finding), "reason": one.reason, "until": one.until.isoformat()}
            for one in stack.accepted
        ],
        "troubles": [{"message": one.message, "urn": one.urn} for one in stack.troubles],
        "notes": list(stack.notes),
        "unmanaged": None if stack.unmanaged is None else [asdict(one) for one in stack.unmanaged],
    }


def _finding(one: Finding) -> dict[str, Any]:
    return {
        "resource": one.resource,
        "kind": one.kind,
        "name": one.name,
        "urn": one.urn,
        "change": one.change.value,
        "property": one.path or None,
        "declared": one.declared,
        "actual": one.actual,
        "replaces": one.replaces,
        "seenBy": one.net.value,
        "since": one.since,
        "place": {"file": one.place.file, "line": one.place.line} if one.place else None,
    }
