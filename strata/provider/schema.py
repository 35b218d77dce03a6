"""The Pulumi package schema, reflected from `Args` and `Outputs` of the kinds."""

from __future__ import annotations

import dataclasses
import json
import types
import typing
from collections.abc import Iterable
from typing import Any, Literal, Union

from strata import __version__
from strata.provider.codec import hints
from strata.provider.fields import Role, row, wire_name
from strata.provider.kind import Kind

_SCALARS = {str: "string", int: "integer", float: "number", bool: "boolean"}


def schema_text(kinds: Iterable[type[Kind[Any, Any]]]) -> str:
    """The schema as JSON text."""
    return json.dumps(schema(kinds), indent=2, sort_keys=True)


def schema(kinds: Iterable[type[Kind[Any, Any]]]) -> dict[str, Any]:
    """The schema of package `strata` (Pulumi package schema, facts: docs of pulumi's schema)."""
    nested: dict[str, Any] = {}
    resources = {kind.token: _resource(kind, nested) for kind in kinds}
    return {
        "name": "strata",
        "version": __version__,
        "description": "What a private cloud's storage stands on.",
        "config": {
            "variables": {
                "ontap": {
                    "type": "string",
                    "description": "JSON of strata:ontap; only `clusters` is used.",
                    "secret": True,
                },
                "hosts": {"type": "string", "description": "JSON of strata:hosts.", "secret": True},
            }
        },
        "provider": {
            "inputProperties": {key: {"type": "string", "secret": True} for key in ("ontap", "hosts")}
        },
        "resources": resources,
        "types": nested,
    }


def _resource(kind: type[Kind[Any, Any]], nested: dict[str, Any]) -> dict[str, Any]:
    module = kind.token.rsplit(":", 1)[0]
    inputs = {
        wire_name(field.name): _property(kind.Args, field, module, nested)
        for field in dataclasses.fields(kind.Args)
    }
    outputs = {
        wire_name(field.name): _property(kind.Outputs, field, module, nested)
        for field in dataclasses.fields(kind.Outputs)
    }
    required = [wire_name(f.name) for f in dataclasses.fields(kind.Args) if f.default is dataclasses.MISSING]
    return {
        "description": (kind.__doc__ or "").strip(),
        "inputProperties": inputs,
        "requiredInputs": required,
        "properties": {**inputs, **outputs},
        "required": required,
    }


def _property(
    cls: type, field: dataclasses.Field[Any], module: str, nested: dict[str, Any]
) -> dict[str, Any]:
    rule = row(field)
    described = {**_type(hints(cls)[field.name], module, nested), "description": rule.doc}
    if rule.role is Role.REPLACES:
        described["replaceOnChanges"] = True
    if isinstance(field.default, str | int | bool | float):
        described["default"] = field.default
    return described


def _type(hint: Any, module: str, nested: dict[str, Any]) -> dict[str, Any]:
    origin, arms = typing.get_origin(hint), typing.get_args(hint)
    if origin in (Union, types.UnionType):
        return _type(next(arm for arm in arms if arm is not type(None)), module, nested)
    if origin is tuple:
        return {"type": "array", "items": _type(arms[0], module, nested)}
    if origin is dict:
        return {"type": "object", "additionalProperties": _type(arms[1], module, nested)}
    if origin is Literal:
        return {"type": _SCALARS[type(arms[0])]}
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        token = f"{module}:{hint.__name__}"
        if token not in nested:
            nested[token] = {"type": "object", "description": (hint.__doc__ or "").strip()}
            properties = {
                wire_name(f.name): _property(hint, f, module, nested) for f in dataclasses.fields(hint)
            }
            required = [
                wire_name(f.name) for f in dataclasses.fields(hint) if f.default is dataclasses.MISSING
            ]
            nested[token] |= {"properties": properties, "required": required}
        return {"$ref": f"#/types/{token}"}
    return {"type": _SCALARS[hint]}
