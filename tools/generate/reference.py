"""The reference page of one kind, as Markdown."""

from __future__ import annotations

import dataclasses
import inspect
import json
import sys
import types
import typing
from typing import Any, Literal, Union

from strata.provider.codec import hints
from strata.provider.fields import Role, row, wire_name
from strata.provider.kind import Kind

ON_CHANGE = {
    Role.MANAGED: "updated in place",
    Role.REPLACES: "replaced",
    Role.SETTING: "only says how Strata acts",
}


def page(kind: type[Kind[Any, Any]]) -> str:
    """What the kind is (its module's docstring), what may be declared, what is read back."""
    module = inspect.cleandoc(sys.modules[kind.__module__].__doc__ or "")
    parts = [
        f"# {kind.token}\n\n_Generated from the kind by `python -m tools.generate`._\n\n```\n{module}\n```\n",
        "## What may be declared\n\n" + _table(kind.Args),
        *(f"### {nested.__name__}\n\n{_table(nested)}" for nested in _nested(kind.Args)),
        "## What is read back besides\n\n" + _outputs(kind.Outputs),
    ]
    return "\n".join(parts)


def _table(cls: type) -> str:
    lines = ["| property | type | default | a change is | |", "| --- | --- | --- | --- | --- |"]
    for field in dataclasses.fields(cls):
        rule = row(field)
        required = field.default is dataclasses.MISSING
        default = (
            "required"
            if required
            else ("not managed" if field.default is None else f"`{json.dumps(_plain(field.default))}`")
        )
        example = f" Example: `{json.dumps(_plain(rule.example))}`."
        doc = f"{rule.doc.rstrip('.')}.{example}".replace("|", "\\|").replace("\n", " ")
        lines.append(
            f"| `{wire_name(field.name)}` | {_type(hints(cls)[field.name])} | {default} | {ON_CHANGE[rule.role]} | {doc} |"
        )
    return "\n".join(lines) + "\n"


def _outputs(cls: type) -> str:
    lines = ["| output | type | |", "| --- | --- | --- |"]
    for field in dataclasses.fields(cls):
        doc = row(field).doc.replace("|", "\\|").replace("\n", " ")
        lines.append(f"| `{wire_name(field.name)}` | {_type(hints(cls)[field.name])} | {doc} |")
    return "\n".join(lines) + "\n"


def _nested(cls: type) -> list[type]:
    found: list[type] = []
    for hint in hints(cls).values():
        arms = typing.get_args(hint)
        for one in (hint, *arms, *(inner for arm in arms for inner in typing.get_args(arm))):
            if dataclasses.is_dataclass(one) and isinstance(one, type) and one not in found:
                found += [one, *_nested(one)]
    return found


def _type(hint: Any) -> str:
    origin, arms = typing.get_origin(hint), typing.get_args(hint)
    if origin in (Union, types.UnionType):
        return _type(next(arm for arm in arms if arm is not type(None)))
    if origin is tuple:
        return f"list of {_type(arms[0])}"
    if origin is Literal:
        return " or ".join(f"`{arm}`" for arm in arms)
    return {str: "string", int: "whole number", float: "number", bool: "true or false"}.get(
        hint, getattr(hint, "__name__", "object")
    )


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {wire_name(f.name): _plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    return list(map(_plain, value)) if isinstance(value, tuple | list) else value
