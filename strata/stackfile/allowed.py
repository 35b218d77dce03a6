"""What the schema says of one path: whether it takes a reference or a secret, what its default is, which keys lie there."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Final, cast

from strata.stackfile.located import Path
from strata.stackfile.shape import validator

REFERENCES: Final = frozenset({"env", "file"})
"""Keys of a value from outside; a secret takes `secure` as well."""

Entry = Mapping[str, Any]


@cache
def entry(path: Path) -> Entry | None:
    """The schema of what may stand at a path from the top of the file; None where nothing may."""
    node: Entry | None = cast(Entry, validator().schema)
    for step in path:
        node = _below(node, step) if node is not None else None
    return node


def takes_reference(path: Path) -> bool:
    """Is it a single value that may be `{env: NAME}` or `{file: PATH}`?"""
    found = entry(path)
    return found is not None and set(found.get("properties", {})) >= REFERENCES


def is_secret(path: Path) -> bool:
    """Is it a secret, which never stands openly?"""
    found = entry(path)
    return found is not None and "secure" in found.get("properties", {}) and takes_reference(path)


def keys(path: Path) -> list[str]:
    """The keys that the schema names there; none where an operator chooses the names."""
    found = entry(path)
    return list(found.get("properties", {})) if found is not None else []


def _below(node: Entry, step: str | int) -> Entry | None:
    if isinstance(step, int):
        return _resolved(node.get("items"))
    if step in node.get("properties", {}):
        return _resolved(node["properties"][step])
    if "patternProperties" in node and ":" in step and not step.startswith("strata:"):
        return {}
    return _resolved(node.get("additionalProperties"))


def _resolved(node: Any) -> Entry | None:
    """An entry with the definition that it refers to; its own words go before the definition's."""
    if not isinstance(node, Mapping):
        return None
    if "$ref" not in node:
        return node
    definitions = cast(Mapping[str, Any], validator().schema)["$defs"]
    return {**definitions[str(node["$ref"]).rsplit("/", 1)[-1]], **node}
