"""The plugin's schema, as far as the engine asks for it: tokens, properties, and what is secret or replaces."""

from __future__ import annotations

from typing import Any, Final

from tools.command import VERSION
from tools.command.properties import INPUTS, OUTPUTS, RUN, Input

_STRING: Final = {"type": "string"}
_TYPES: Final[dict[str, dict[str, Any]]] = {
    "string": _STRING,
    "boolean": {"type": "boolean"},
    "number": {"type": "number"},
    "integer": {"type": "integer"},
    "strings": {"type": "array", "items": _STRING},
    "texts": {"type": "object", "additionalProperties": _STRING},
    "list": {"type": "array", "items": {"$ref": "pulumi.json#/Any"}},
    "source": {"oneOf": [{"$ref": "pulumi.json#/Asset"}, {"$ref": "pulumi.json#/Archive"}]},
}


def schema() -> dict[str, Any]:
    """A Pulumi package schema."""
    connection = INPUTS["command:remote:Command"]["connection"].inside
    bastion = connection["proxy"].inside
    return {
        "name": "command",
        "version": VERSION,
        "types": {
            "command:remote:Connection": {"type": "object", **_object(connection)},
            "command:remote:ProxyConnection": {"type": "object", **_object(bastion)},
        },
        "provider": {},
        "resources": {token: _resource(token) for token in INPUTS if token != RUN},
        "functions": {RUN: {"inputs": _object(INPUTS[RUN]), "outputs": _outputs(RUN)}},
    }


def _resource(token: str) -> dict[str, Any]:
    inputs = _object(INPUTS[token])
    return {**_outputs(token), "inputProperties": inputs["properties"], "requiredInputs": inputs["required"]}


def _outputs(token: str) -> dict[str, Any]:
    inputs = _object(INPUTS[token])
    printed = dict.fromkeys(OUTPUTS[token], _STRING)
    return {
        "properties": {**inputs["properties"], **printed},
        "required": [*inputs["required"], *printed],
    }


def _object(rows: Any) -> dict[str, Any]:
    return {
        "properties": {name: _property(name, row) for name, row in rows.items()},
        "required": [name for name, row in rows.items() if row.required],
    }


def _property(name: str, row: Input) -> dict[str, Any]:
    types = {"connection": "Connection", "proxy": "ProxyConnection"}
    found: dict[str, Any] = (
        {"$ref": f"#/types/command:remote:{types[name]}"} if row.type == "object" else dict(_TYPES[row.type])
    )
    if row.default is not None:
        found["default"] = row.default
    if row.secret:
        found["secret"] = True
    if name == "triggers":
        found["replaceOnChanges"] = True
    return found
