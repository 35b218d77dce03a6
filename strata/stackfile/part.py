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


def for_editors(whole: Mapping[str, Any]) -> dict[str, Any]:
    """The same for the eyes of an editor, which sees one file: a key may be null too, to take away what is inherited."""
    return {
        **_nullable(schema(whole)),
        "title": "A part of a stack file of Strata",
        "description": "What stacks share by `strata:extends`, or a stack that extends something: nothing has to be complete.",
        "type": "object",
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


def _nullable(entry: Any) -> Any:
    if isinstance(entry, list):
        return [_nullable(one) for one in entry]
    if not isinstance(entry, dict):
        return entry
    kept = ("examples", "default", "propertyNames", "items", "enum", "required")
    found = {key: value if key in kept else _nullable(value) for key, value in entry.items()}
    if isinstance(entry.get("type"), str | list):
        types = [entry["type"]] if isinstance(entry["type"], str) else entry["type"]
        found["type"] = [*types, *(["null"] if "null" not in types else [])]
    if isinstance(entry.get("enum"), list):
        found["enum"] = [*entry["enum"], None]
    return found


def _single(entry: Mapping[str, Any]) -> bool:
    """A value from outside: one object to the schema, one value to everybody else."""
    return {"env", "file"} <= set(entry.get("properties", {}))
