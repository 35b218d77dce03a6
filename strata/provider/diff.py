"""What differs between what is declared and what is there. Pure.

Both sides are plain objects with wire names. Only what is declared is compared: a property that the declaration leaves out is not
managed, and one that only the system knows is an output.
"""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from strata.provider.codec import UNKNOWN, hints
from strata.provider.fields import Role, Row, row, wire_name

Same = Callable[[str, Any, Any], bool]
"""(path, declared, actual) -> whether the two mean the same; a kind's own rule on top of equality."""


@dataclass(frozen=True)
class Difference:
    """One property: `path` as in `efficiency.dedupe` or `rules[1].clients`; `actual` None means that it is not there."""

    path: str
    declared: Any
    actual: Any
    role: Role

    @property
    def property(self) -> str:
        """The top-level property that the path lies in."""
        return self.path.split(".")[0].split("[")[0]


def differences(
    args: type, declared: Mapping[str, Any], actual: Mapping[str, Any], same: Same | None = None
) -> list[Difference]:
    """Every declared property of the kind's `args` table that is otherwise in `actual`, in the table's order."""
    found: list[Difference] = []
    equal = same or (lambda path, a, b: False)
    for field in dataclasses.fields(args):
        name = wire_name(field.name)
        if row(field).role is not Role.SETTING and declared.get(name) is not None:
            _compare(
                name,
                hints(args)[field.name],
                row(field),
                row(field).role,
                declared[name],
                actual.get(name),
                equal,
                found,
            )
    return found


def _compare(
    path: str,
    hint: Any,
    rule: Row,
    role: Role,
    declared: Any,
    actual: Any,
    same: Same,
    found: list[Difference],
) -> None:
    if declared is UNKNOWN or same(path, declared, actual):
        if declared is UNKNOWN:
            found.append(Difference(path, declared, actual, role))
        return
    nested = _dataclass_in(hint)
    if nested and isinstance(declared, Mapping):
        _compare_object(
            path, nested, role, declared, actual if isinstance(actual, Mapping) else {}, same, found
        )
    elif nested and isinstance(declared, list):
        _compare_list(path, nested, role, declared, actual if isinstance(actual, list) else [], same, found)
    elif rule.unordered and isinstance(declared, list) and isinstance(actual, list):
        if set(declared) != set(actual):
            found.append(Difference(path, declared, actual, role))
    elif declared != actual:
        found.append(Difference(path, declared, actual, role))


def _compare_object(
    path: str,
    cls: type,
    role: Role,
    declared: Mapping[str, Any],
    actual: Mapping[str, Any],
    same: Same,
    found: list[Difference],
) -> None:
    for field in dataclasses.fields(cls):
        name = wire_name(field.name)
        if declared.get(name) is not None:
            _compare(
                f"{path}.{name}",
                hints(cls)[field.name],
                row(field),
                role,
                declared[name],
                actual.get(name),
                same,
                found,
            )


def _compare_list(
    path: str,
    cls: type,
    role: Role,
    declared: list[Any],
    actual: list[Any],
    same: Same,
    found: list[Difference],
) -> None:
    for index in range(max(len(declared), len(actual))):
        at = f"{path}[{index}]"
        if index >= len(actual):
            found.append(Difference(at, declared[index], None, role))
        elif index >= len(declared):
            found.append(Difference(at, None, actual[index], role))
        else:
            _compare_object(at, cls, role, declared[index], actual[index], same, found)


def _dataclass_in(hint: Any) -> type | None:
    """The dataclass inside `X`, `X | None` or `tuple[X, ...]`, if there is one."""
    for arm in (hint, *typing.get_args(hint)):
        if dataclasses.is_dataclass(arm) and isinstance(arm, type):
            return arm
        for inner in typing.get_args(arm):
            if dataclasses.is_dataclass(inner) and isinstance(inner, type):
                return inner
    return None
