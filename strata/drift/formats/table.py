"""For a terminal: one line per property."""

from __future__ import annotations

from collections.abc import Iterator

from strata.drift.formats import words
from strata.drift.report import Report, StackReport, Status, grouped

HEAD = ("STACK", "RESOURCE", "PROPERTY", "DECLARED", "ACTUAL", "SEEN BY", "SINCE")
LONGEST = 60
GAP = "  "


def table(report: Report) -> str:
    """What counts, then what is accepted, could not be told or is to be said, then one line about all."""
    lines = [*_rows(report)]
    for stack in report.stacks:
        lines += _beside(stack)
    lines.append(report.summary)
    return "\n".join(lines) + "\n"


def _rows(report: Report) -> Iterator[str]:
    rows = [
        (
            stack.stack,
            one.resource,
            one.path or "(whole)",
            words.declared(one, LONGEST),
            words.actual(one, LONGEST),
            str(one.net),
            one.since or "",
        )
        for stack in report.stacks
        for one in stack.findings
    ]
    if not rows:
        return
    columns = len(HEAD) if any(row[-1] for row in rows) else len(HEAD) - 1
    cells = [HEAD[:columns], *(row[:columns] for row in rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(columns)]
    for row in cells:
        yield GAP.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
    yield ""


def _beside(stack: StackReport) -> list[str]:
    lines = [
        f"{stack.stack}: accepted until {one.until}: {words.sentence(one.finding)} ({one.reason})"
        for one in stack.accepted
    ]
    lines += [f"{stack.stack}: {words.unmanaged(one)}" for one in stack.unmanaged or ()]
    lines += [f"{stack.stack}: {note}" for note in stack.notes]
    if stack.status is Status.NEVER_UP:
        lines.append(f"{stack.stack}: {never_up(stack)}")
    for message, number in grouped(stack.troubles):
        more = f" (and {number - 1} more like this)" if number > 1 else ""
        lines.append(f"{stack.stack}: could not tell: {message}{more}")
    return [*lines, ""] if lines else []


def never_up(stack: StackReport) -> str:
    """What to say of a stack without a state."""
    return (
        f"never brought up: the backend has no resources of it, so nothing can be compared. `pulumi up --stack {stack.stack}` "
        "makes it; if it is up, look at PULUMI_BACKEND_URL."
    )
