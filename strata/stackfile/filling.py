"""The steps that turn a part of a document without faults into a dataclass of the model."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from strata.stackfile.values import Encrypted, Given, Outside, Secret, Timeouts

T = TypeVar("T")
Values = Mapping[str, Any]


def fill(cls: type[T], values: Values, **known: Any) -> T:
    """A dataclass from the keys that it knows; `known` goes before what stands in `values`, lists become tuples."""
    fields = {field.name for field in dataclasses.fields(cast(Any, cls))}
    plain = {snake(key): tuple(value) if isinstance(value, list) else value for key, value in values.items()}
    return cls(**{name: value for name, value in {**plain, **known}.items() if name in fields})


def timeouts(values: Values) -> Timeouts:
    """The times that stand with an entry."""
    return fill(Timeouts, values.get("timeouts", {}))


def secret(value: Values, section: str, path: tuple[str, ...]) -> Secret:
    """A secret by its place, never by its ciphertext."""
    return Encrypted(section, path) if "secure" in value else cast(Outside, given(value))


def connection(values: Values, *keys: str) -> dict[str, Given]:
    """Those of the keys that stand there, each as it stands or from outside."""
    return {snake(key): given(values[key]) for key in keys if key in values}


def given(value: Any) -> Given:
    """A plain value, or where it is taken from."""
    if isinstance(value, Mapping):
        ((source, name),) = value.items()
        return Outside(source, name)
    return cast(str | int, value)


def snake(wire: str) -> str:
    """`junctionPath` -> `junction_path`."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in wire)
