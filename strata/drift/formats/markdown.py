"""For a pull request: Markdown that fits one comment, whatever was found."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from strata.drift.formats import words
from strata.drift.formats.table import never_up
from strata.drift.report import Report, StackReport, Status, grouped

LARGEST: Final = 65_536
"""Characters in one comment on a pull request."""
LONGEST: Final = 120
HEAD: Final = ("| resource | property | declared | actual | seen by |", "| --- | --- | --- | --- | --- |")
LEFT_OUT: Final = "\n… and {number} more lines; the JSON report has them all.\n"


def markdown(report: Report, largest: int = LARGEST) -> str:
    """What counts first, stack by stack; what does not fit is counted."""
    lines = [f"### Drift: {_plain(report.summary)}", ""]
    lines += [line for stack in _worst_first(report) for line in _stack(stack)]
    good = [stack.stack for stack in report.stacks if stack.status is Status.AS_DECLARED]
    if good:
        lines += [f"As declared: {', '.join(map(_plain, good))}.", ""]
    lines.append(f"<sub>Looked at {report.checked:%Y-%m-%d %H:%M} UTC. No state was changed.</sub>")
    text = "\n".join(lines) + "\n"
    return text if _length(text) <= largest else _cut(lines, largest)


def _worst_first(report: Report) -> list[StackReport]:
    order = [Status.COULD_NOT_TELL, Status.NEVER_UP, Status.DRIFTED, Status.AS_DECLARED]
    return sorted(report.stacks, key=lambda stack: order.index(stack.status))


def _stack(stack: StackReport) -> Iterator[str]:
    if stack.status is Status.AS_DECLARED and not (stack.accepted or stack.notes or stack.unmanaged):
        return
    yield f"#### {_plain(stack.stack)}: {stack.status}"
    yield ""
    if stack.status is Status.NEVER_UP:
        yield f"* {_plain(never_up(stack))}"
    for message, number in grouped(stack.troubles):
        more = f" (and {number - 1} more like this)" if number > 1 else ""
        yield f"* could not tell: {_plain(message)}{more}"
    if stack.troubles or stack.status is Status.NEVER_UP:
        yield ""
    if stack.findings:
        yield from HEAD
        for one in stack.findings:
            cells = (
                one.resource,
                one.path or "(whole)",
                words.declared(one, LONGEST),
                words.actual(one, LONGEST),
            )
            yield f"| {' | '.join(map(_code, cells))} | {one.net} |"
        yield ""
    for accepted in stack.accepted:
        yield f"* accepted until {accepted.until}: {_plain(words.sentence(accepted.finding))} ({_plain(accepted.reason)})"
    for stray in stack.unmanaged or ():
        yield f"* {_plain(words.unmanaged(stray))}"
    for note in stack.notes:
        yield f"* {_plain(note)}"
    if stack.accepted or stack.notes or stack.unmanaged:
        yield ""


def _cut(lines: list[str], largest: int) -> str:
    room = largest - _length(LEFT_OUT.format(number=len(lines))) - 1
    kept: list[str] = []
    for line in lines:
        room -= _length(line) + 1
        if room < 0:
            break
        kept.append(line)
    return "\n".join(kept) + "\n" + LEFT_OUT.format(number=sum(bool(line) for line in lines[len(kept) :]))


def _length(text: str) -> int:
    """As the strictest reader counts: in units of UTF-16, in which some characters are two."""
    return len(text.encode("utf-16-le")) // 2


def _plain(text: str) -> str:
    """Text in which nothing is markup, a mention of a person or a line break."""
    flat = re.sub(r"\s+", " ", text)
    escaped = re.sub(r"([\\`*_\[\]<>|#~])", r"\\\1", flat)
    return escaped.replace("@", "@\u200b")


def _code(text: str) -> str:
    """Text as code within a table's cell."""
    flat = re.sub(r"\s+", " ", text).replace("|", "\\|")
    longest = max((len(run) for run in re.findall("`+", flat)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if longest else ""
    return f"{fence}{pad}{flat}{pad}{fence}"
