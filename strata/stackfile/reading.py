"""One stack file, and what it extends, from text to the model, or to everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from strata.stackfile import (
    check_addresses,
    check_base,
    check_cloudstack,
    check_clusters,
    check_drift,
    check_glance,
    check_hosts,
    check_ontap,
    check_shared,
    check_swift,
    check_zones,
    extends,
    shape,
)
from strata.stackfile.build import build
from strata.stackfile.extends import Layer, Layers
from strata.stackfile.located import Located, StackFileError
from strata.stackfile.located import Path as Steps
from strata.stackfile.model import StackFile
from strata.stackfile.project import stack_name
from strata.stackfile.tree import Tree


def load(path: Path) -> StackFile:
    """The checked contents, with what the file extends.

    Raises StackFileError with all problems, Failed where the file can't be read.
    """
    layers = extends.read(path)
    problems = _problems(layers)
    if problems:
        raise StackFileError(problems)
    return build(layers.merged)


def validate(path: Path) -> list[Located]:
    """Everything that is wrong with a stack, each problem in the file that it stands in; raises Failed where it can't be read."""
    return _problems(extends.read(path))


def validate_text(text: str, path: Path) -> list[Located]:
    """The same for a text that is yet to be written to `path`."""
    return _problems(extends.of(text, path))


def validate_base(path: Path) -> list[Located]:
    """Everything that is wrong with a file that others extend, whatever they put over it."""
    layers = extends.read(path)
    found = [*layers.problems, *(one for layer in layers.all for one in _alone(layer))]
    return sorted(set(found if layers.problems else [*found, *_nulls(layers)]))


def _problems(layers: Layers) -> list[Located]:
    found = [*extends.faults(layers.nearest), *layers.problems]
    for base in layers.bases:
        found += _alone(base)
    broken = layers.problems or any(base.document.faults for base in layers.bases)
    if layers.nearest.document.data is not None and not broken:
        nulls = _nulls(layers) if layers.bases else []
        told = {(one.file, one.path) for one in found + nulls}
        found += [one for one in _whole(layers) if (one.file, one.path) not in told] + nulls
    return sorted(set(found))


def _alone(base: Layer) -> list[Located]:
    """What is wrong with a base by itself: it need not be complete, and what a nearer file replaces has to be right too."""
    data = base.document.data
    breaches = [*check_base.breaches(data)]
    if data is not None:
        breaches += shape.breaches_of_part(data, base.document.texts)
    return [*extends.faults(base), *(base.located(path, message) for path, message in breaches)]


def _nulls(layers: Layers) -> list[Located]:
    """Each null that takes nothing away."""
    found = []
    for path in _null_paths(layers.merged, ()):
        layer, at = layers.origin(path)
        found.append(layer.located(at, "null takes away what is inherited, and here nothing is; remove it."))
    return found


def _null_paths(value: Any, path: Steps) -> Iterator[Steps]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from [(*path, key)] if inner is None else _null_paths(inner, (*path, key))


def _whole(layers: Layers) -> Iterator[Located]:
    """What is wrong with all files together."""
    data, read = layers.merged, layers.nearest.document
    tree = Tree(data)
    unread = {fault.path for fault in read.faults if tree.at(fault.path) is None}
    breaches = [
        *shape.breaches(data, layers.texts, stack_name(layers.nearest.file)),
        *check_ontap.breaches(tree),
        *check_hosts.breaches(tree),
        *check_glance.breaches(tree),
        *check_swift.breaches(tree),
        *check_cloudstack.breaches(tree),
        *check_zones.breaches(tree),
        *check_clusters.breaches(tree),
        *check_shared.breaches(tree),
        *check_addresses.breaches(tree),
        *check_drift.breaches(tree),
    ]
    for at, message in breaches:
        if at not in unread:
            layer, _ = layers.origin(at)
            yield layer.located(at, message)
