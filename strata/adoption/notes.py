"""What an adopted stack file does not say, as comments at its end. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from strata.adoption.draft import Finding

MARK = "# strata adopt left out: "


def with_notes(text: str, findings: Iterable[Finding]) -> str:
    """The text with a comment for each finding that it has not from an earlier look."""
    there = set(text.splitlines())
    new = [lines for one in findings if (lines := list(_lines(one)))[0] not in there]
    if not new:
        return text
    end = "" if text.endswith("\n") or not text else "\n"
    return f"{text}{end}\n" + "".join(f"{line}\n" for lines in new for line in lines)


def _lines(finding: Finding) -> Iterator[str]:
    yield MARK + " ".join(str(finding).split())
    for line in finding.entry.splitlines():
        yield f"#{line}"
