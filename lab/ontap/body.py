"""A request's body: nested and dotted keys mixed, sizes and permissions as numbers or text, unknown keys refused.

An empty object says nothing and changes nothing (the Terraform provider sends `"efficiency": {"policy": {}}`).
Source: facts: ontap 4 and 5.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lab.ontap.errors import OntapError, invalid_value, unexpected_argument
from lab.ontap.model import Collection, Document, Field, Shape
from lab.ontap.sizes import parse_size

_PERMISSIONS = re.compile(r"^[0-7]{1,4}$")


def parse_body(collection: Collection, verb: str, body: object, version: tuple[int, int]) -> Document:
    """The body as a flat document of typed leaves; raises the first objection as ONTAP would word it."""
    if not isinstance(body, dict):
        raise OntapError("2", "The body of the request is not a JSON object.")
    document: Document = {}
    for name, value in flatten(body):
        if name == "_links" or name.endswith("._links"):
            continue
        owner = collection.owner(name)
        if owner is not None:
            _settable(owner, owner.name, verb, version, collection)
            _merge_items(document, owner, name, value)
            continue
        field = _settable(collection.field(name), name, verb, version, collection)
        document[name] = read_value(field, value)
    return document


def flatten(body: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Dotted name and leaf, for each leaf."""
    for key, value in body.items():
        name = prefix + key
        if isinstance(value, dict):
            yield from flatten(value, name + ".")
        else:
            yield name, value


def nested(document: Document) -> dict[str, Any]:
    """The flat document as the objects it stands for."""
    result: dict[str, Any] = {}
    for name, value in document.items():
        *parents, leaf = name.split(".")
        level = result
        for parent in parents:
            level = level.setdefault(parent, {})
        level[leaf] = value
    return result


def read_value(field: Field, value: Any) -> Any:
    """The value as the field holds it, whatever of the accepted spellings it came in."""
    if value is None:
        raise invalid_value(field.name, "null")
    if field.shape is Shape.OBJECTS:
        if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
            raise invalid_value(field.name, value)
        return [dict(flatten(each)) for each in value]
    if field.shape is Shape.TEXTS:
        items = value if isinstance(value, list) else [value]
        return [_one_of(field, str(each)) for each in items]
    return _read_scalar(field, value)


def _read_scalar(field: Field, value: Any) -> Any:
    if isinstance(value, list):
        raise invalid_value(field.name, value)
    if field.shape is Shape.SIZE:
        size = parse_size(value)
        if size is None:
            raise invalid_value(field.name, value)
        return size
    if field.shape is Shape.INTEGER:
        if isinstance(value, bool) or not re.fullmatch(r"-?\d+", str(value)):
            raise invalid_value(field.name, value)
        return int(value)
    if field.shape is Shape.FLAG:
        if str(value).lower() not in ("true", "false"):
            raise invalid_value(field.name, value)
        return str(value).lower() == "true"
    if field.shape is Shape.PERMISSIONS:
        if not _PERMISSIONS.match(str(value)):
            raise invalid_value(field.name, value)
        return int(value)
    return _one_of(field, str(value))


def _one_of(field: Field, value: str) -> str:
    if field.allowed and value not in field.allowed:
        raise invalid_value(field.name, value)
    return value


def _settable(
    field: Field | None, name: str, verb: str, version: tuple[int, int], collection: Collection
) -> Field:
    if field is None or field.since > version:
        if field is None and collection.knows(name):
            # Louder than ONTAP: silently dropping a documented field would hide a client's mistake.
            raise OntapError("3", f'The lab does not emulate writing the field "{name}".', name, status=400)
        raise unexpected_argument(name)
    if not field.writable(verb):
        operation = "POST" if verb == "create" else "PATCH"
        raise OntapError("262196", f'Field "{name}" cannot be set in this operation ({operation}).', name)
    return field


def _merge_items(document: Document, owner: Field, name: str, value: Any) -> None:
    """`aggregates.name: ["aggr1"]` is another spelling of `aggregates: [{"name": "aggr1"}]`."""
    part = name.removeprefix(owner.name + ".")
    values = value if isinstance(value, list) else [value]
    items = document.setdefault(owner.name, [])
    items += [{} for _ in values[len(items) :]]
    for item, each in zip(items, values, strict=False):
        item[part] = each
