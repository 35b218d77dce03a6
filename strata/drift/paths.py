"""Property paths of the engine: `rules[0].clients`, `metadata["a.b"]`."""

from __future__ import annotations

import re
from typing import Any, Final

from strata.drift.finding import SECRET

Step = str | int

_STEP: Final = re.compile(r'\[(?P<index>\d+)\]|\["(?P<quoted>(?:[^"\\]|\\.)*)"\]|\.?(?P<key>[^.\[\]]+)')


def steps(path: str) -> list[Step]:
    """`rules[0].clients` -> `["rules", 0, "clients"]`."""
    found: list[Step] = []
    for step in _STEP.finditer(path):
        if step["index"] is not None:
            found.append(int(step["index"]))
        elif step["quoted"] is not None:
            found.append(re.sub(r"\\(.)", r"\1", step["quoted"]))
        else:
            found.append(step["key"])
    return found


def at(value: Any, path: str) -> Any:
    """The value at a path, `[secret]` inside a secret, None where there is none."""
    for step in steps(path):
        if value == SECRET:
            return SECRET
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return None
    return value


def covers(path: str, other: str) -> bool:
    """Whether `other` is the path or lies within it."""
    return steps(other)[: len(steps(path))] == steps(path)
