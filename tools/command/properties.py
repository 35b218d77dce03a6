"""The inputs of each resource: their types and defaults, and what of them is always secret.

The source is the Python package pulumi_command 1.2.1 beside the plugin. What is not declared here is dropped, as the
official plugin drops it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from tools.command import wire

LOCAL_COMMAND: Final = "command:local:Command"
REMOTE_COMMAND: Final = "command:remote:Command"
COPY_TO_REMOTE: Final = "command:remote:CopyToRemote"
RUN: Final = "command:local:run"


@dataclass(frozen=True)
class Input:
    """One property. `type` is string, boolean, number, integer, strings, texts (a map), list, source or object."""

    type: str
    required: bool = False
    default: Any = None
    secret: bool = False
    inside: Mapping[str, Input] = field(default_factory=dict)


_BASTION: Final = {
    "host": Input("string", required=True),
    "port": Input("number", default=22.0),
    "user": Input("string", default="root"),
    "password": Input("string"),
    "privateKey": Input("string"),
    "privateKeyPassword": Input("string"),
    "hostKey": Input("string"),
    "agentSocketPath": Input("string"),
    "dialErrorLimit": Input("integer", default=10.0),
    "perDialTimeout": Input("integer", default=15.0),
}
_CONNECTION: Final = Input(
    "object", required=True, secret=True, inside={**_BASTION, "proxy": Input("object", inside=_BASTION)}
)
_RUN: Final = {
    "stdin": Input("string"),
    "logging": Input("string"),
    "environment": Input("texts"),
    "addPreviousOutputInEnv": Input("boolean", default=True),
}
_LOCAL: Final = {
    **_RUN,
    "dir": Input("string"),
    "interpreter": Input("strings"),
    "assetPaths": Input("strings"),
    "archivePaths": Input("strings"),
}
_VERBS: Final = {
    "create": Input("string"),
    "update": Input("string"),
    "delete": Input("string"),
    "triggers": Input("list"),
}

INPUTS: Final[Mapping[str, Mapping[str, Input]]] = {
    LOCAL_COMMAND: {**_LOCAL, **_VERBS},
    REMOTE_COMMAND: {**_RUN, **_VERBS, "connection": _CONNECTION},
    COPY_TO_REMOTE: {
        "connection": _CONNECTION,
        "source": Input("source", required=True),
        "remotePath": Input("string", required=True),
        "triggers": Input("list"),
    },
    RUN: {**_LOCAL, "command": Input("string", required=True)},
}

OUTPUTS: Final[Mapping[str, tuple[str, ...]]] = {
    LOCAL_COMMAND: ("stdout", "stderr"),
    REMOTE_COMMAND: ("stdout", "stderr"),
    COPY_TO_REMOTE: (),
    RUN: ("stdout", "stderr"),
}


@dataclass(frozen=True)
class Refusal:
    """A property and the reason why its value can't be used."""

    property: str
    reason: str


def checked(token: str, given: Mapping[str, Any]) -> tuple[wire.Properties, list[Refusal]]:
    """The inputs with their defaults, the connection secret; and everything that is wrong with them."""
    refusals: list[Refusal] = []
    inputs = _object(INPUTS[token], given, "", refusals)
    for name, row in INPUTS[token].items():
        if row.secret and name in inputs:
            inputs[name] = wire.secret(inputs[name])
    return inputs, refusals


def _object(
    rows: Mapping[str, Input], given: Mapping[str, Any], at: str, refusals: list[Refusal]
) -> wire.Properties:
    found: wire.Properties = {}
    for name, row in rows.items():
        value = given.get(name)
        if wire.reveal(value) is not None:
            found[name] = _value(row, value, at + name, refusals)
        elif row.default is not None:
            found[name] = row.default
        elif row.required:
            refusals.append(Refusal(at + name, "it is required and missing"))
    return found


def _value(row: Input, value: Any, path: str, refusals: list[Refusal]) -> Any:
    if wire.is_secret(value):
        return wire.secret(_value(row, value["value"], path, refusals))
    if value == wire.UNKNOWN:
        return value
    if row.type == "object" and isinstance(value, Mapping):
        return _object(row.inside, value, f"{path}.", refusals)
    if reason := _refused(row.type, value):
        refusals.append(Refusal(path, reason))
    return value


def _refused(type: str, value: Any) -> str | None:
    plain = wire.reveal(value)
    if type == "source":
        return None if _path_based(plain) else "it must be a FileAsset or a FileArchive, which have a path"
    right = {
        "string": isinstance(plain, str),
        "boolean": isinstance(plain, bool),
        "number": _is_number(plain),
        "integer": _is_number(plain) and float(plain).is_integer(),
        "list": isinstance(plain, list),
        "strings": isinstance(plain, list) and all(isinstance(each, str) for each in plain),
        "texts": isinstance(plain, Mapping) and all(isinstance(each, str) for each in plain.values()),
        "object": False,
    }[type]
    kinds = {"strings": "a list of strings", "texts": "a map of strings", "list": "a list"}
    return None if right else f"it must be {kinds.get(type, f'of type {type}')}"


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _path_based(value: Any) -> bool:
    return wire.is_asset(value) and bool(value.get("path"))
