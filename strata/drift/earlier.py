"""Since when a difference is known: from the JSON report of an earlier look. Pure but for the reading of the file."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from strata.drift.finding import Finding
from strata.drift.formats.as_json import VERSION
from strata.drift.report import AcceptedFinding, Report, StackReport
from strata.errors import Failed

Known = dict[tuple[str, str, str, str], str]
"""(stack, urn, property, change) -> the time of the first report that showed it."""


def read(file: Path) -> Known | None:
    """What an earlier report knew; None where there is no such file, as before the first night. Raises Failed."""
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
        if document["version"] != VERSION:
            raise Failed(
                f"The earlier report {file} has version {document['version']}; this release reads version {VERSION}. Leave "
                "--earlier out once."
            )
        return known(document)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Failed(f"The earlier report {file} can't be read: {error.strerror}.") from error
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise Failed(
            f"The earlier report {file} can't be read: it is not what `strata drift --format json` writes."
        ) from error


def known(document: dict[str, Any]) -> Known:
    """The differences of a report, each with its time."""
    return {
        (stack["stack"], one["urn"], one["property"] or "", one["change"]): one["since"]
        or document["checked"]
        for stack in document["stacks"]
        for one in [*stack["findings"], *stack["accepted"]]
    }


def dated(report: Report, earlier: Known) -> Report:
    """The report with the time since when each finding is known; what was not known before is known since now."""
    now = report.checked.isoformat(timespec="seconds")

    def date(stack: str, one: Finding) -> Finding:
        return replace(one, since=earlier.get((stack, one.urn, one.path, one.change.value), now))

    def of(stack: StackReport) -> StackReport:
        return replace(
            stack,
            findings=tuple(date(stack.stack, one) for one in stack.findings),
            accepted=tuple(
                AcceptedFinding(date(stack.stack, one.finding), one.reason, one.until)
                for one in stack.accepted
            ),
        )

    return replace(report, stacks=tuple(map(of, report.stacks)))
