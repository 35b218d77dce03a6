"""The schema of a file that is only a part of a stack: one that others extend, or one that extends others.

Nothing in it has to be complete, because what is missing stands in another file; all else is as in the schema of a whole stack.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

COMPLETENESS: Final = frozenset({"required", "dependentRequired", "oneOf", "allOf", "if", "then"})
"""Keywords by which the schema says what has to stand beside what; it uses none of them for anything else."""


def schema(whole: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of a part, from that of a whole stack."""
    return {
        key: _inner(key, value)
        for key, value in whole.items()
        if key not in COMPLETENESS and not (key == "minProperties" and not _single(whole))
    }


def without_nulls(value: Any) -> Any:
    """A document without the keys that take away what is inherited."""
    if isinstance(value, dict):
        return {key: without_nulls(inner) for key, inner in value.items() if inner is not None}
    return value


def _inner(key: str, value: Any) -> Any:
    """What stands behind a keyword, with the schemas in it."""
    if key in ("properties", "$defs"):
        return {name: schema(entry) for name, entry in value.items()}
    return schema(value) if key in ("items", "additionalProperties") and isinstance(value, dict) else value


def _single(entry: Mapping[str, Any]) -> bool:
    """A value from outside: one object to the schema, one value to everybody else."""
    return {"env", "file"} <= set(entry.get("properties", {}))
