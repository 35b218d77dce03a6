"""Nested objects by the keys that lead into them. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def at(tree: Any, path: Sequence[str]) -> Any:
    """What is at the end of the path; None where nothing is."""
    for key in path:
        tree = tree.get(key) if isinstance(tree, Mapping) else None
    return tree


def merged(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """A new object with what either has; where both have something that can't be joined it is the other's."""
    found = dict(one)
    for key, value in other.items():
        below = found.get(key)
        both = isinstance(below, Mapping) and isinstance(value, Mapping)
        found[key] = merged(below or {}, value) if both else value
    return found
