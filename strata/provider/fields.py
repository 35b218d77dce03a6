"""How a kind declares its properties: one dataclass field is one row of the field table.

`Args` of a kind is a frozen dataclass whose fields are made by the three functions below. From these rows come the check of the
inputs, the diff, the Pulumi schema, the typed resource classes and the reference pages.

Rule for None: a property that the stack file leaves out (None) is not managed: it is not sent, not compared and never drifts.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from strata.naming import wire_name as wire_name


class Role(Enum):
    """What a change of the property means."""

    MANAGED = "managed"
    """Read back and kept: a difference is drift, and an update in place."""
    REPLACES = "replaces"
    """Part of the identity: a difference needs a new object."""
    SETTING = "setting"
    """Says how Strata acts (adopt, deletion, …); not on the system, so remembered in the state and never drift."""


@dataclass(frozen=True)
class Row:
    """One row of the field table; kept in the dataclass field's metadata under `row`.

    doc        sentence for the schema and the reference, with units
    example    a value as it stands in a stack file
    normalize  canonical form of a declared value; raises ValueError with the reason and what is allowed
    unordered  the list is a set: order and repeats do not matter when it is compared
    """

    role: Role
    doc: str
    example: Any
    normalize: Callable[[Any], Any] | None = None
    unordered: bool = False


def managed(
    doc: str,
    *,
    example: Any,
    default: Any = dataclasses.MISSING,
    normalize: Callable[[Any], Any] | None = None,
    unordered: bool = False,
) -> Any:
    """A property that is read back, compared and updated in place."""
    return _field(Row(Role.MANAGED, doc, example, normalize, unordered), default)


def replaces(
    doc: str,
    *,
    example: Any,
    default: Any = dataclasses.MISSING,
    normalize: Callable[[Any], Any] | None = None,
) -> Any:
    """A property whose change needs a new object."""
    return _field(Row(Role.REPLACES, doc, example, normalize), default)


def setting(doc: str, *, example: Any, default: Any, normalize: Callable[[Any], Any] | None = None) -> Any:
    """A property that only tells Strata how to act; it always has a default."""
    return _field(Row(Role.SETTING, doc, example, normalize), default)


def output(doc: str, *, example: Any, default: Any = dataclasses.MISSING) -> Any:
    """A property of `Outputs`: read from the system, never compared."""
    return _field(Row(Role.MANAGED, doc, example), default)


def _field(row: Row, default: Any) -> Any:
    if default is dataclasses.MISSING:
        return dataclasses.field(metadata={"row": row})
    return dataclasses.field(default=default, metadata={"row": row})


def row(field: dataclasses.Field[Any]) -> Row:
    """The row of a dataclass field made by one of the functions above."""
    found: Row = field.metadata["row"]
    return found
