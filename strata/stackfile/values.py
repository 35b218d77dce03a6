"""The small values that every section of a stack file is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Outside:
    """A value that is taken from the environment or from a file, when it is used."""

    source: Literal["env", "file"]
    name: str


@dataclass(frozen=True)
class Encrypted:
    """A secret that stands encrypted in the stack file: only its place is known here.

    section  the key of Pulumi's configuration: `strata:ontap`
    path     within its value: `("clusters", "cluster01", "password")`
    """

    section: str
    path: tuple[str, ...]


Secret = Encrypted | Outside
Given = str | int | Outside
"""A value of a connection, as it stands there or from outside."""


@dataclass(frozen=True)
class Timeouts:
    """Longest times, for Pulumi's custom timeouts."""

    create: str | None = None
    update: str | None = None
    delete: str | None = None
