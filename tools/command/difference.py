"""What changed between the recorded inputs and the declared ones, property by property.

The paths are the engine's: `environment.LANG`, `triggers[0]`. A secret is compared as a whole. The package itself asks the
engine to replace on `triggers[*]`, so a path into the triggers needs no word here; triggers that come or go do.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from tools.command import wire
from tools.command.properties import INPUTS

Kind = Literal["ADD", "DELETE", "UPDATE", "ADD_REPLACE", "DELETE_REPLACE", "UPDATE_REPLACE"]
REPLACING = "triggers"


def between(
    token: str, old: Mapping[str, Any], new: Mapping[str, Any], ignored: Iterable[str] = ()
) -> dict[str, Kind]:
    """Path to what happened there; empty when nothing did. `old` is a state: its outputs play no part."""
    new = with_ignored(old, new, ignored)
    inputs = {name: old[name] for name in INPUTS[token] if name in old}
    found: dict[str, str] = {}
    _object(inputs, new, "", found)
    return {path: f"{kind}_REPLACE" if path == REPLACING else kind for path, kind in found.items()}  # type: ignore[misc]


def with_ignored(old: Mapping[str, Any], new: Mapping[str, Any], ignored: Iterable[str]) -> Mapping[str, Any]:
    """The declared inputs, those of `ignoreChanges` as they were."""
    return {**new, **{name: old[name] for name in ignored if name in old}}


def _object(old: Mapping[str, Any], new: Mapping[str, Any], at: str, found: dict[str, str]) -> None:
    for key in sorted({*old, *new}):
        path = at + _step(key, first=not at)
        if key not in old:
            found[path] = "ADD"
        elif key not in new:
            found[path] = "DELETE"
        else:
            _value(old[key], new[key], path, found)


def _value(old: Any, new: Any, path: str, found: dict[str, str]) -> None:
    if isinstance(old, list) and isinstance(new, list):
        for number in range(max(len(old), len(new))):
            item = f"{path}[{number}]"
            if number >= len(old):
                found[item] = "ADD"
            elif number >= len(new):
                found[item] = "DELETE"
            else:
                _value(old[number], new[number], item, found)
    elif _plain_object(old) and _plain_object(new):
        _object(old, new, path, found)
    elif not wire.same(old, new):
        found[path] = "UPDATE"


def _plain_object(value: Any) -> bool:
    return isinstance(value, Mapping) and wire.MARK not in value


def _step(key: str, *, first: bool) -> str:
    if re.fullmatch(r"[A-Za-z_$][\w$]*", key):
        return key if first else f".{key}"
    return '["' + key.replace('"', '\\"') + '"]'
