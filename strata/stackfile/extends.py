"""The files that a stack file extends, found and put under it, with the file that each value comes from.

`strata:extends: base.yaml`, or a list in which the later goes over the earlier, relative to the folder of the file that says so.
It stands in the configuration because the engine hands that to the provider, which merges by itself: an import runs no program.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from pathlib import Path as File
from typing import Any, Final

from strata.errors import Failed
from strata.stackfile import document
from strata.stackfile.document import Document, Place
from strata.stackfile.located import Located, Path, StackFileError, render
from strata.stackfile.merging import merge
from strata.stackfile.naming import did_you_mean

EXTENDS: Final[Path] = ("config", "strata:extends")


@dataclass(frozen=True)
class Layer:
    """One file of several that make a stack."""

    file: File
    document: Document

    @property
    def shown(self) -> str:
        """Relative to where the operator is, if it lies below."""
        return shown(self.file)

    def located(self, path: Path, message: str, place: Place | None = None) -> Located:
        """A problem at a path of this file."""
        at = place or self.document.place(path)
        return Located(self.shown, at.line, at.column, render(path), message)


@dataclass(frozen=True)
class Layers:
    """A stack file and what it extends.

    bases     the farthest first
    nearest   the stack file itself
    problems  bases that can't be found or read, and cycles: `merged` isn't the whole then
    """

    bases: tuple[Layer, ...]
    nearest: Layer
    problems: tuple[Located, ...] = ()

    @property
    def all(self) -> tuple[Layer, ...]:
        """The nearest first."""
        return (self.nearest, *reversed(self.bases))

    @property
    def merged(self) -> Any:
        """The document as if it had been written in one file."""
        own = self.nearest.document.data
        return merge(merged(self.bases), own) if self.bases else own

    @property
    def texts(self) -> Mapping[Path, str]:
        """Of every single value, as it was written where it comes from."""
        return {path: text for layer in reversed(self.all) for path, text in layer.document.texts.items()}

    def origin(self, path: Path) -> tuple[Layer, Path]:
        """The file that a value of `merged` comes from; of what stands nowhere, the nearest thing around it."""
        while path:
            for layer in self.all:
                if path in layer.document.places:
                    return layer, path
            path = path[:-1]
        return self.nearest, ()


def read(file: File) -> Layers:
    """A file with everything under it; raises Failed where the file itself can't be read."""
    return of(text(file), file)


def of(written: str, file: File) -> Layers:
    """The same for a text that is yet to be written to `file`."""
    nearest = Layer(file, document.read(written))
    walk = _Walk()
    walk.under(nearest, (file.resolve(),))
    return Layers(tuple(walk.layers), nearest, tuple(walk.problems))


def bases(extends: Any, folder: File, shown_as: str) -> Any:
    """What a stack file in `folder` inherits when its `strata:extends` is `extends`, as one document.

    For whoever has the configuration from the engine and not from the file. Raises StackFileError.
    """
    stack = Document(data={"config": {"strata:extends": extends}})
    walk = _Walk()
    walk.under(Layer(folder / shown_as, stack), ())
    problems = [*walk.problems, *(problem for layer in walk.layers for problem in faults(layer))]
    if problems:
        raise StackFileError(problems)
    return merged(tuple(walk.layers))


def merged(layers: tuple[Layer, ...]) -> Any:
    """One document of several, the farthest first."""
    return reduce(merge, (layer.document.data for layer in layers if layer.document.data is not None), {})


def faults(layer: Layer) -> Iterator[Located]:
    """What is wrong with the text of a file."""
    for fault in layer.document.faults:
        yield layer.located(fault.path, fault.message, fault.place)


def named(data: Any) -> list[tuple[Path, str]]:
    """The files that a document says it extends; what has the wrong type is the schema's business."""
    config = data.get("config") if isinstance(data, Mapping) else None
    value = config.get("strata:extends") if isinstance(config, Mapping) else None
    if isinstance(value, str):
        return [(EXTENDS, value)] if value else []
    items = enumerate(value) if isinstance(value, list) else ()
    return [((*EXTENDS, i), item) for i, item in items if isinstance(item, str) and item]


class _Walk:
    """Finds every file under one, each once, so that what two bases share goes under both."""

    def __init__(self) -> None:
        self.layers: list[Layer] = []
        self.problems: list[Located] = []

    def under(self, layer: Layer, within: tuple[File, ...]) -> None:
        """Adds what `layer` extends, the farthest first; `within` holds the files that led here."""
        for path, name in named(layer.document.data):
            file = layer.file.parent / name
            real = file.resolve()
            if real in within:
                names = " -> ".join(one.name for one in (*within[within.index(real) :], real))
                self.problems.append(layer.located(path, f"this goes round in a circle: {names}."))
            elif real not in {one.file.resolve() for one in self.layers}:
                self._add(layer, path, file, (*within, real))

    def _add(self, layer: Layer, path: Path, file: File, within: tuple[File, ...]) -> None:
        if not file.is_file():
            near = did_you_mean(file.name, _beside(file))
            self.problems.append(layer.located(path, f"there is no file {shown(file)}.{near}"))
            return
        try:
            base = Layer(file, document.read(text(file)))
        except Failed as error:
            self.problems.append(layer.located(path, str(error)))
            return
        self.under(base, within)
        self.layers.append(base)


def _beside(file: File) -> list[str]:
    return [one.name for one in file.parent.glob("*.y*ml") if not one.name.startswith("Pulumi.")]


def text(file: File) -> str:
    """The contents; raises Failed."""
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise Failed(
            f"The stack file {shown(file)} can't be read: it is not UTF-8 text. Save it as UTF-8 and repeat."
        ) from error
    except OSError as error:
        raise Failed(f"The stack file {shown(file)} can't be read: {error.strerror}.") from error


def shown(file: File) -> str:
    """Relative to where the operator is, if it lies below."""
    relative = os.path.relpath(file)
    return str(file) if relative.startswith("..") else relative
