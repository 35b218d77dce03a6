"""Between plain JSON values, dataclasses and the SDK's PropertyValue.

Here alone are numbers, secrets and unknowns wrapped and unwrapped. Plain values are str, int, float, bool, None, list, dict
and UNKNOWN, which stands for what the engine does not know yet in a preview.
"""

from __future__ import annotations

import dataclasses
import json
import types
import typing
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal, TypeVar, Union, cast

from pulumi.provider.experimental.property_value import Computed, PropertyValue
from pulumi.runtime import rpc

from strata.errors import Problem
from strata.provider import fields

T = TypeVar("T")


class _Unknown:
    """The one value UNKNOWN."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = _Unknown()

UNKNOWN_ON_THE_WIRE: Final = rpc.UNKNOWN
"""The SDK 3.250 hands unknowns through as this string and cannot marshal its own Computed."""


def to_plain(value: PropertyValue) -> Any:
    """The plain value; secrets lose their mark, whole numbers become int, unknowns become UNKNOWN."""
    inner = value.value
    if isinstance(inner, Computed) or inner == UNKNOWN_ON_THE_WIRE:
        return UNKNOWN
    if isinstance(inner, float):
        return int(inner) if inner.is_integer() else inner
    if isinstance(inner, Mapping):
        return {key: to_plain(item) for key, item in inner.items()}
    if isinstance(inner, Sequence) and not isinstance(inner, str):
        return [to_plain(item) for item in inner]
    return inner


def to_plain_map(values: Mapping[str, PropertyValue]) -> dict[str, Any]:
    """`to_plain` of every value; keys that the SDK reserves (`__…`) are left out."""
    return {key: to_plain(value) for key, value in values.items() if not key.startswith("__")}


def section(given: PropertyValue | None) -> dict[str, Any]:
    """A configuration section: JSON text from the engine's default provider, or nested values from an explicit one."""
    plain = to_plain(given) if given is not None else {}
    if isinstance(plain, str):
        plain = json.loads(plain) if plain else {}
    return plain if isinstance(plain, dict) else {}


def from_plain(value: Any) -> PropertyValue:
    """The PropertyValue of a plain value; every number is a float on the wire."""
    if value is UNKNOWN:
        return PropertyValue(UNKNOWN_ON_THE_WIRE)
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return PropertyValue(value)
    if isinstance(value, int | float):
        return PropertyValue(float(value))
    if isinstance(value, Mapping):
        return PropertyValue({key: from_plain(item) for key, item in value.items()})
    return PropertyValue([from_plain(item) for item in value])


def from_plain_map(values: Mapping[str, Any]) -> dict[str, PropertyValue]:
    """`from_plain` of every value."""
    return {key: from_plain(value) for key, value in values.items()}


def contains_unknown(value: Any) -> bool:
    """Whether a plain value holds UNKNOWN anywhere."""
    if isinstance(value, Mapping):
        return any(contains_unknown(item) for item in value.values())
    if isinstance(value, list | tuple):
        return any(contains_unknown(item) for item in value)
    return value is UNKNOWN


def encode(instance: Any) -> dict[str, Any]:
    """A dataclass as a plain object with wire names; None is left out."""
    return {
        fields.wire_name(field.name): _encode_value(value)
        for field in dataclasses.fields(instance)
        if (value := getattr(instance, field.name)) is not None
    }


def _encode_value(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        return encode(value)
    if isinstance(value, tuple | list):
        return [_encode_value(item) for item in value]
    if isinstance(value, Mapping):
        return {key: _encode_value(item) for key, item in value.items()}
    return value


_HINTS: Final[dict[type, dict[str, Any]]] = {}


def hints(cls: type) -> dict[str, Any]:
    """The resolved type hints of a dataclass; kept, because resolving is slow and every diff asks."""
    if cls not in _HINTS:
        _HINTS[cls] = typing.get_type_hints(cls)
    return _HINTS[cls]


def decode(
    cls: type[T], values: Mapping[str, Any], *, normalize: bool = True
) -> tuple[T | None, list[Problem]]:
    """A dataclass from a plain object with wire names, and everything that is wrong with it.

    normalize: bring declared values into their canonical form; False for what was normalised before (state).
    """
    problems: list[Problem] = []
    decoded = _decode_object(cls, values, "", problems, normalize)
    return (None, problems) if problems else (cast(T, decoded), [])


def _decode_object(
    cls: type, values: Mapping[str, Any], at: str, problems: list[Problem], normalize: bool
) -> Any:
    known = {fields.wire_name(field.name): field for field in dataclasses.fields(cls)}
    kwargs: dict[str, Any] = {}
    before = len(problems)
    for key, value in values.items():
        path = f"{at}.{key}" if at else key
        if key not in known:
            problems.append(Problem(path, f"there is no such property; known are {', '.join(sorted(known))}"))
        elif value is not None:
            kwargs[known[key].name] = _decode_field(cls, known[key], value, path, problems, normalize)
    for key, field in known.items():
        if (
            field.name not in kwargs
            and field.default is dataclasses.MISSING
            and field.default_factory is dataclasses.MISSING
        ):
            problems.append(
                Problem(
                    f"{at}.{key}" if at else key, f"is required, for example {fields.row(field).example!r}"
                )
            )
    return cls(**kwargs) if len(problems) == before else None


def _decode_field(
    cls: type, field: dataclasses.Field[Any], value: Any, path: str, problems: list[Problem], normalize: bool
) -> Any:
    before = len(problems)
    decoded = _decode_value(hints(cls)[field.name], value, path, problems, normalize)
    canonical = fields.row(field).normalize
    if normalize and canonical and len(problems) == before and not contains_unknown(value):
        try:
            return canonical(decoded)
        except ValueError as error:
            problems.append(Problem(path, str(error)))
    return decoded


def _decode_value(hint: Any, value: Any, path: str, problems: list[Problem], normalize: bool) -> Any:
    if value is UNKNOWN:
        return UNKNOWN
    origin = typing.get_origin(hint)
    if origin in (Union, types.UnionType):
        (hint,) = (arm for arm in typing.get_args(hint) if arm is not type(None))
        return _decode_value(hint, value, path, problems, normalize)
    if origin is tuple and isinstance(value, list | tuple):
        item = typing.get_args(hint)[0]
        return tuple(
            _decode_value(item, one, f"{path}[{i}]", problems, normalize) for i, one in enumerate(value)
        )
    if origin is dict and isinstance(value, Mapping):
        item = typing.get_args(hint)[1]
        return {
            str(key): _decode_value(item, one, f"{path}.{key}", problems, normalize)
            for key, one in value.items()
        }
    if dataclasses.is_dataclass(hint) and isinstance(value, Mapping):
        return _decode_object(cast(type, hint), value, path, problems, normalize)
    if origin is Literal:
        if value in typing.get_args(hint):
            return value
        problems.append(
            Problem(path, f"found {value!r}; allowed are {', '.join(map(repr, typing.get_args(hint)))}")
        )
        return None
    return _decode_scalar(hint, value, path, problems)


_NAMES: Final = {str: "a string", int: "a whole number", float: "a number", bool: "true or false"}


def _decode_scalar(hint: Any, value: Any, path: str, problems: list[Problem]) -> Any:
    fits = isinstance(value, hint) if hint in _NAMES else False
    if fits and not (hint is int and isinstance(value, bool)):
        return value
    if hint is float and isinstance(value, int):
        return value
    problems.append(
        Problem(
            path,
            f"found {value!r}; it must be {_NAMES.get(hint, 'a list' if typing.get_origin(hint) is tuple else 'an object')}",
        )
    )
    return None
