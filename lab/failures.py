"""How the lab says what went wrong."""

from __future__ import annotations

from pathlib import Path


class LabFailure(Exception):
    """A sentence for the operator: which part, what it answered, where its log is, what to do next."""


def last_lines(log: Path, count: int = 8) -> str:
    """The end of a log, indented; a log that is not there is told so."""
    if not log.exists():
        return "  (no log was written)"
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-count:]
    return "\n".join(f"  {each}" for each in lines) or "  (the log is empty)"
