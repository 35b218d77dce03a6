"""The `fields` argument: which parts of a record an answer carries.

`*` gives everything except the expensive fields, `**` everything, a parent all below it; keys are always there.
Source: facts: ontap 0.3 and 5.
"""

from __future__ import annotations

from typing import Any

from lab.ontap.body import nested
from lab.ontap.errors import invalid_value
from lab.ontap.model import Collection, Document, Shape


def parse_fields(collection: Collection, argument: str | None, instance: bool) -> tuple[str, ...]:
    """The names asked for; without the argument an instance answers as for `*`, a collection with its identity."""
    if argument is None:
        return ("*",) if instance else ()
    names = tuple(each.strip() for each in argument.split(",") if each.strip())
    for name in names:
        if name not in ("*", "**") and not collection.knows(name.removesuffix(".*")):
            raise invalid_value("fields", name)
    return names


def select(collection: Collection, document: Document, names: tuple[str, ...]) -> dict[str, Any]:
    """The nested record with only what was asked for."""
    chosen: Document = {}
    for name, value in document.items():
        field = collection.field(name)
        if field is None:
            continue
        if name in collection.identity or _asked(name, field.expensive, names):
            chosen[name] = _items(value) if field.shape is Shape.OBJECTS else value
        elif field.shape is Shape.OBJECTS:
            parts = {each.removeprefix(name + ".") for each in names if each.startswith(name + ".")}
            if parts:
                chosen[name] = [
                    nested({k: v for k, v in item.items() if _part_asked(k, parts)}) for item in value
                ]
    return nested(chosen)


def _items(value: list[Document]) -> list[dict[str, Any]]:
    return [nested(item) for item in value]


def _part_asked(part: str, parts: set[str]) -> bool:
    return any(part == each or part.startswith(each + ".") for each in parts)


def _asked(name: str, expensive: bool, names: tuple[str, ...]) -> bool:
    for each in names:
        if each == "**" or (each == "*" and not expensive):
            return True
        parent = each.removesuffix(".*")
        if name == parent or name.startswith(parent + "."):
            return True
    return False
