"""What a look at a stack finds: one Finding per property, one Trouble per thing that could not be told."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

SECRET: Final = "[secret]"
"""How the engine shows every secret."""


class Change(StrEnum):
    """What is otherwise."""

    CHANGED = "changed"
    GONE = "gone"
    """In the state and declared, not on the system."""
    UNMADE = "unmade"
    """Declared, not in the state."""
    UNDECLARED = "undeclared"
    """In the state, not in the program."""
    UNFINISHED = "unfinished"
    """The last run failed half-way through it."""


class Net(StrEnum):
    """Which look saw it."""

    UP = "up"
    """`up` would change it, and the state agrees with the system: the stack file has moved."""
    REFRESH = "refresh"
    """The system has moved away from the state, and `up` would leave it."""
    BOTH = "both"
    """The system has moved, and `up` would put it back."""


@dataclass(frozen=True)
class Place:
    """A line of a stack file, or of one that it extends: `file` is relative to the project."""

    file: str
    line: int


@dataclass(frozen=True)
class Finding:
    """One property that is not as declared, or a resource as a whole.

    path              `efficiency.dedupe`, `rules[0].clients`; empty where it is the whole resource
    declared, actual  plain values, secrets as `[secret]`; None where there is none
    replaces          `up` would make a new object
    since             time of the first report that showed it, ISO 8601; None where none is known
    place             where it is declared; None where it is not
    """

    urn: str
    change: Change
    net: Net
    path: str = ""
    declared: Any = None
    actual: Any = None
    replaces: bool = False
    since: str | None = None
    place: Place | None = None

    @property
    def kind(self) -> str:
        """`strata:ontap:Volume`."""
        return kind_of(self.urn)

    @property
    def name(self) -> str:
        """The resource's name in the program."""
        return name_of(self.urn)

    @property
    def resource(self) -> str:
        """`ontap:Volume/images`, as reports show it and the stack file accepts it."""
        return resource_of(self.urn)


@dataclass(frozen=True)
class Trouble:
    """Something that could not be told.

    message  the sentence of the engine, the provider or Strata
    urn      the resource that it is about, where it is about one
    """

    message: str
    urn: str | None = None


@dataclass(frozen=True)
class Look:
    """One look at one stack.

    resources  the URNs of the resources that were looked at
    began      the engine came as far as the stack's resources
    never_up   the stack has no state, or an empty one
    """

    findings: tuple[Finding, ...] = ()
    troubles: tuple[Trouble, ...] = ()
    resources: frozenset[str] = frozenset()
    began: bool = True
    never_up: bool = False


def kind_of(urn: str) -> str:
    """The type token, without the types of the parents."""
    return urn.split("::")[2].split("$")[-1]


def name_of(urn: str) -> str:
    """The name, which may hold `::` itself."""
    return urn.split("::", 3)[3]


def resource_of(urn: str) -> str:
    """Kind and name; Strata's own kinds without their package."""
    return f"{kind_of(urn).removeprefix('strata:')}/{name_of(urn)}"
