"""What is to be written: entries by their place in the stack file, the resources that they come to, and what is left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from strata.adoption.trees import at as at_path
from strata.adoption.trees import merged

Path = tuple[str, ...]
"""Keys below `config`: `("strata:ontap", "volumes", "images")`."""
Component = tuple[str, str]
"""Type and name of a component: `("OntapVolume", "images")`."""


@dataclass(frozen=True)
class Import:
    """A resource that exists, under the name that the components give it.

    at       the entry that declares it; without the entry it is not imported
    parents  the components that it is a part of, the outermost first
    """

    at: Path
    token: str
    name: str
    id: str
    parents: tuple[Component, ...]


@dataclass(frozen=True)
class Finding:
    """Something that is there and is not written, or not as it is: which, and why, as the end of a sentence.

    entry  the lines that would declare it, where they can be given
    """

    what: str
    why: str
    entry: str = ""

    def __str__(self) -> str:
        return f"{self.what}: {self.why}"


@dataclass
class Draft:
    """What was found so far.

    config  what the stack file has already; never changed
    skipped what belongs to the systems themselves, such as root volumes: a sentence each
    zones   the ids of the CloudStack zones that the stack file has already
    """

    config: Mapping[str, Any]
    added: dict[str, Any] = field(default_factory=dict)
    imports: list[Import] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    zones: list[str] = field(default_factory=list)

    def put(self, at: Path, value: Any) -> None:
        """Add an entry; what the stack file has already is never overwritten."""
        assert not self.declared(at), f"{at} stands in the stack file"
        below = self.added
        for key in at[:-1]:
            below = below.setdefault(key, {})
        below[at[-1]] = value

    def add(self, at: Path, token: str, name: str, id: str, parents: tuple[Component, ...]) -> None:
        """Import a resource with the entry at that place."""
        self.imports.append(Import(at, token, name, id, parents))

    def take_out(self, at: Path) -> None:
        """Remove an added entry, and what around it is empty then."""
        *around, key = at
        below = self.added
        for one in around:
            below = below[one]
        del below[key]
        if not below and around:
            self.take_out(tuple(around))

    def declared(self, at: Path) -> bool:
        """Whether the stack file itself has something there."""
        return at_path(self.config, at) is not None

    def keys(self, at: Path) -> set[str]:
        """The keys at that place, in the file and added."""
        return {key for tree in (self.config, self.added) for key in at_path(tree, at) or {}}

    @property
    def whole(self) -> dict[str, Any]:
        """The stack file's configuration with what is added."""
        return merged(self.config, self.added)

    @property
    def kept(self) -> list[Import]:
        """The imports whose entries are there."""
        whole = self.whole
        return [one for one in self.imports if at_path(whole, one.at) is not None]

    def leave(self, what: str, stack: str) -> None:
        """Note what another stack declares: two that own one object would each undo what the other does."""
        self.find(what, f"stack {stack} declares it")

    def find(self, what: str, why: str, entry: str = "") -> None:
        """Note what is not written, or not as it is."""
        self.findings.append(Finding(what, why, entry))
