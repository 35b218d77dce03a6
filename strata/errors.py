"""The three kinds of failure, and nothing else.

Every error that reaches an operator is a sentence made by the layer that knows what it was doing: the action, the object,
the system, what the system answered and what to do next. It never holds a secret and never a whole response body.

StrataError
  InvalidInput   what the user declared cannot be right; found before any call, all problems at once
  Failed         a call or a check failed; nothing more is known to exist than before
  NotFound       the object is not there (a read that finds nothing is not an error; this is for what was named)
  Unreachable    the system gave no answer at all: "could not tell", never "not there"
  TimedOut       the deadline passed; the sentence says what was still going on
"""

from __future__ import annotations

from dataclasses import dataclass


class StrataError(Exception):
    """Root of everything that Strata raises on purpose; `str()` is the sentence for the operator."""


@dataclass(frozen=True)
class Problem:
    """One wrong property: `path` as in `rules[0].clients`, `reason` a sentence with what was found and what is allowed."""

    path: str
    reason: str


class InvalidInput(StrataError):
    """What the user declared cannot be right.

    problems: every problem that was found, never only the first.
    """

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(f"{p.path}: {p.reason}" for p in problems))
        self.problems = problems


class Failed(StrataError):
    """An action failed; the message says which, on what, what was answered and what to do next."""


class NotFound(Failed):
    """Something that was named is not there."""


class Unreachable(Failed):
    """No answer: name, address and reason are in the message. Whether the object exists is unknown."""


class TimedOut(Failed):
    """The deadline of the operation passed; the message says what was still going on."""
