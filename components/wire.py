"""Nested objects of the stack file as the provider takes them."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from strata.naming import wire_name

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def wire(declared: DataclassInstance) -> dict[str, Any]:
    """A flat dataclass of the stack file with the stack file's spelling; what it leaves out is not there."""
    values = ((field.name, getattr(declared, field.name)) for field in dataclasses.fields(declared))
    return {
        wire_name(name): list(value) if isinstance(value, tuple) else value
        for name, value in values
        if value is not None
    }
