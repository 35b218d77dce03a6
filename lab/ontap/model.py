"""What a REST collection is made of: its fields, what may be written to them, and how a change travels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

Document = dict[str, Any]
"""One record, flat: dotted names to leaves (`{"nas.path": "/images"}`); a list of objects is one leaf."""


class Shape(Enum):
    """How a field's value looks on the wire, and so how a body's or a filter's value is read."""

    TEXT = "text"
    INTEGER = "integer"
    SIZE = "size"
    FLAG = "flag"
    PERMISSIONS = "permissions"
    TEXTS = "list of text"
    OBJECTS = "list of objects"


@dataclass(frozen=True)
class Field:
    """One field. `access` holds letters: p = settable by POST, c = by PATCH, x = expensive (left out of `fields=*`)."""

    name: str
    access: str = ""
    shape: Shape = Shape.TEXT
    allowed: tuple[str, ...] = ()
    since: tuple[int, int] = (9, 0)

    @property
    def expensive(self) -> bool:
        """Whether `fields=*` leaves it out (facts: ontap 0.3)."""
        return "x" in self.access

    def writable(self, verb: str) -> bool:
        """Whether a body of this verb may carry it."""
        return ("p" if verb == "create" else "c") in self.access


@dataclass(frozen=True)
class Collection:
    """A REST collection: where it lies, what identifies a record, and its fields.

    `unmodelled` names documented fields that the lab keeps no value for: they may be asked for and are absent.
    `references` are parents that carry a link of their own, as name → collection path.
    `arguments` are the query arguments of POST, PATCH and DELETE that are not fields.
    """

    table: str
    path: str
    keys: tuple[str, ...]
    identity: tuple[str, ...]
    fields: tuple[Field, ...]
    unmodelled: tuple[str, ...] = ()
    references: Mapping[str, str] = field(default_factory=dict)
    arguments: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    verbs: frozenset[str] = frozenset({"read"})
    by_job: bool = False
    single: bool = False

    def field(self, name: str) -> Field | None:
        """The field of exactly that name."""
        return next((each for each in self.fields if each.name == name), None)

    def owner(self, name: str) -> Field | None:
        """The list of objects that `name` is a part of (`aggregates` for `aggregates.name`)."""
        lists = (each for each in self.fields if each.shape is Shape.OBJECTS)
        return next((each for each in lists if name.startswith(each.name + ".")), None)

    def knows(self, name: str) -> bool:
        """Whether ONTAP documents a field or a parent of that name."""
        if self.field(name) or self.owner(name):
            return True
        prefix = name + "."
        if any(each.name.startswith(prefix) for each in self.fields):
            return True
        return any(name == each or name.startswith(each + ".") for each in self.unmodelled)


@dataclass(frozen=True)
class Change:
    """A write that has been checked and waits to be applied; plain data, so that a queued job outlives a restart."""

    verb: str
    table: str
    key: str
    body: Document = field(default_factory=dict)
    arguments: dict[str, str] = field(default_factory=dict)
