"""YAML text as plain values, with the place of each key and item.

Read as Pulumi and the editors read it (YAML 1.2): `yes`, `off` and `12:30` are text, only `true` and `false` are truth values.
A key that stands twice, a tag and an endless alias are errors. No message repeats a value: it may be a secret.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Final

import yaml

from strata.stackfile.located import Path

LARGEST: Final = 200_000
"""Values in one file; aliases of aliases reach more than that with ten lines."""


@dataclass(frozen=True)
class Place:
    """Line and column, from 1."""

    line: int
    column: int


@dataclass(frozen=True)
class Fault:
    """Something that isn't a plain YAML document of text keys."""

    place: Place
    path: Path
    message: str


@dataclass
class Document:
    """What was read.

    data    plain values; None for an empty file
    places  of every key and list item
    texts   of every single value, as it was written
    faults  what is wrong with the text itself; with a syntax error there is no data
    """

    data: Any = None
    places: dict[Path, Place] = field(default_factory=dict)
    texts: dict[Path, str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def place(self, path: Path) -> Place:
        """Of the path, or of the nearest thing around it that stands in the file."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, Place(1, 1))


def read(text: str) -> Document:
    """The document behind a YAML text; never raises for what the text holds."""
    document = Document()
    try:
        node = yaml.compose(text, _PlainLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = _place(mark) if mark else Place(1, 1)
        document.faults.append(Fault(place, (), f"this is not YAML: {_syntax(error)}."))
        return document
    except (yaml.reader.ReaderError, RecursionError) as error:
        document.faults.append(_unreadable(text, error))
        return document
    if node is not None:
        document.data = _Walk(document).value(node, (), ())
    return document


class _PlainLoader(yaml.SafeLoader):
    """Leaves every scalar as text, so that `_scalar` alone decides what it means."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}


class _Walk:
    """One pass over the node tree."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._seen = 0

    def value(self, node: yaml.Node, path: Path, around: tuple[int, ...]) -> Any:
        """The plain value of a node; `around` holds the nodes that it lies in."""
        self._seen += 1
        self._document.places.setdefault(path, _place(node.start_mark))
        if id(node) in around:
            return self._fault(node, path, "this alias lies within its own anchor, so it never ends")
        if self._seen > LARGEST:
            if self._seen == LARGEST + 1:
                self._fault(
                    node,
                    path,
                    f"the file holds more than {LARGEST} values, aliases counted where they are used",
                )
            return None
        if node.tag.removeprefix("tag:yaml.org,2002:") not in ("str", "seq", "map"):
            return self._fault(
                node, path, "a YAML tag (!…) is not allowed here; a text that starts with ! needs quotes"
            )
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path, (*around, id(node)))
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*path, i), (*around, id(node))) for i, item in enumerate(node.value)]
        self._document.texts[path] = node.value
        quoted = isinstance(node, yaml.ScalarNode) and node.style
        return node.value if quoted else _scalar(node.value)

    def _mapping(self, node: yaml.MappingNode, path: Path, around: tuple[int, ...]) -> dict[str, Any]:
        merged: dict[str, Any] = {}
        for key, value in node.value:
            if _merges(key):
                merged = {**self._merged(value, path, around), **merged}
        own: dict[str, Any] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self._fault(
                    key,
                    path,
                    "a key is a single text, not a list or an object; a text that starts with { or [ needs quotes",
                )
            elif key.value in own:
                first = self._document.places[(*path, key.value)].line
                self._fault(
                    key,
                    (*path, key.value),
                    f"this key stands here already, in line {first}; keep one of the two",
                )
            elif not _merges(key):
                self._document.places[(*path, key.value)] = _place(key.start_mark)
                own[key.value] = self.value(value, (*path, key.value), around)
        return {**merged, **own}

    def _merged(self, node: yaml.Node, path: Path, around: tuple[int, ...]) -> dict[str, Any]:
        nodes = node.value if isinstance(node, yaml.SequenceNode) else [node]
        merged: dict[str, Any] = {}
        for one in nodes:
            if id(one) in around or not isinstance(one, yaml.MappingNode):
                self._fault(one, path, "<<: takes the alias of an object, or a list of such aliases")
                continue
            merged = {**self._mapping(one, path, (*around, id(one))), **merged}
        return merged

    def _fault(self, node: yaml.Node, path: Path, message: str) -> None:
        self._document.faults.append(Fault(_place(node.start_mark), path, f"{message}."))


def _merges(key: yaml.Node) -> bool:
    return isinstance(key, yaml.ScalarNode) and key.value == "<<" and not key.style


_INTEGER: Final = re.compile(r"[-+]?[0-9]+")
_REAL: Final = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")


def _scalar(text: str) -> Any:
    """The core schema of YAML 1.2, without the octal and hexadecimal numbers that nothing here needs."""
    if text in ("", "~", "null", "Null", "NULL"):
        return None
    if text in ("true", "True", "TRUE", "false", "False", "FALSE"):
        return text.lower() == "true"
    if _INTEGER.fullmatch(text) and len(text) < 20:
        return int(text)
    return float(text) if _REAL.fullmatch(text) else text


def _place(mark: yaml.Mark) -> Place:
    return Place(mark.line + 1, mark.column + 1)


def _syntax(error: yaml.MarkedYAMLError) -> str:
    """What is wrong, in words that hold nothing from the file: `password: *hunter2` is only a text without quotes.

    Of PyYAML's own messages those about aliases, anchors and tags quote more than one character.
    """
    problem = error.problem or error.context or "it cannot be read"
    if "undefined alias" in problem:
        return "an alias (*name) stands before its anchor (&name); a text that starts with * needs quotes"
    if "duplicate anchor" in problem:
        return "an anchor (&name) stands twice; a text that starts with & needs quotes"
    if "undefined tag handle" in problem or "tag" in problem:
        return "a YAML tag (!…) is not allowed here; a text that starts with ! needs quotes"
    if r"'\t'" in problem:
        return "a tab stands where only spaces may; indent with spaces"
    if "mapping values are not allowed" in problem:
        return "a colon stands where no key can be; check the indentation, or put the text in quotes"
    if error.context_mark and "flow" in (error.context or ""):
        bracket = "{" if "mapping" in str(error.context) else "["
        return f"the {bracket} of line {error.context_mark.line + 1} is not closed, or a comma is missing before this"
    return problem


def _unreadable(text: str, error: Exception) -> Fault:
    if isinstance(error, yaml.reader.ReaderError) and isinstance(error.position, int):
        before = text[: error.position]
        place = Place(before.count("\n") + 1, error.position - (before.rfind("\n") + 1) + 1)
        return Fault(place, (), "this is not YAML: a character stands here that no text may hold.")
    return Fault(Place(1, 1), (), "this is not YAML for a stack file: it is nested too deeply.")
