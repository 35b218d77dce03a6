"""Where in the stack file, or in one that it extends, a finding's property is declared.

A resource is named after its keys (`zone1-pod1-cluster1-kvm1`, a mount after its own and its host's), so the key that takes most
of the name is its declaration; the property is looked for there and one level below it (a volume's own export policy).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from strata.drift import paths
from strata.drift.finding import Change, Finding, Place
from strata.errors import Failed
from strata.stackfile import extends
from strata.stackfile.extends import Layers
from strata.stackfile.located import Path as Steps

SECTIONS: Final = {
    "ontap": ("strata:ontap",),
    "host": ("strata:mounts",),
    "glance": ("strata:glance",),
    "swift": ("strata:swift",),
    "cloudstack": ("strata:cloudstack",),
}
"""The section in which a kind's package is declared; of other packages it is CloudStack's, whose hooks are commands."""


@dataclass(frozen=True)
class Declarations:
    """A stack's files, as far as they can be read."""

    layers: Layers | None
    project: Path

    @classmethod
    def of(cls, file: Path, project: Path) -> Declarations:
        """Of a stack file; without any place where it can't be read."""
        try:
            return cls(extends.read(file), project)
        except Failed:
            return cls(None, project)

    @cached_property
    def _config(self) -> Mapping[str, Any]:
        data = self.layers.merged if self.layers else None
        config = data.get("config") if isinstance(data, Mapping) else None
        return config if isinstance(config, Mapping) else {}

    def place(self, finding: Finding) -> Place | None:
        """The line of the property, of the resource, or of its section; None for what is declared nowhere."""
        section = SECTIONS.get(finding.kind.removeprefix("strata:").partition(":")[0], ("strata:cloudstack",))
        if self.layers is None or section[0] not in self._config or finding.change is Change.UNDECLARED:
            return None
        resource = _resource(finding.name, self._config[section[0]])
        steps = (
            "config",
            *section,
            *resource,
            *_property(finding.path, _at(self._config[section[0]], resource)),
        )
        layer, path = self.layers.origin(steps)
        return Place(os.path.relpath(layer.file, self.project), layer.document.place(path).line)


def _resource(name: str, section: Any) -> Steps:
    """The path of the keys that take most of the name, whole keys before beginnings of one, the shortest of several."""
    found = [(left, part, len(path), path) for left, part, path in _walk(name, section, (), False)]
    return min(found, key=lambda one: one[:3])[3] if found else ()


def _walk(name: str, node: Any, path: Steps, part: bool) -> Iterator[tuple[int, bool, Steps]]:
    """(how much of the name is left, whether a key was taken for its beginning, path) for every way that takes something."""
    for key, child in node.items() if isinstance(node, Mapping) else ():
        here = (*path, key)
        if name == key or name.startswith(f"{key}-"):
            rest = name[len(key) + 1 :]
            yield len(rest), part, here
            yield from _walk(rest, child, here, part)
        elif name and key.startswith(name) and key[len(name) :][:1].isupper():
            # `zone1-pod1-storage` is declared as the pod's storageIpRange.
            yield 0, True, here
        else:
            yield from _walk(name, child, here, part)


def _property(path: str, node: Any) -> Steps:
    """The steps of a property as far as they are declared, from a resource's object or from one within it."""
    steps = paths.steps(path)
    within = [(key, child) for key, child in node.items()] if isinstance(node, Mapping) and steps else []
    if isinstance(node, Mapping) and steps and steps[0] not in node:
        for key, child in within:
            if isinstance(child, Mapping) and steps[0] in child:
                return (key, *_declared(steps, child))
    return _declared(steps, node)


def _declared(steps: list[str | int], node: Any) -> Steps:
    found: Steps = ()
    for step in steps:
        node = _child(node, step)
        if node is None:
            break
        found = (*found, step)
    return found


def _at(node: Any, path: Steps) -> Any:
    for step in path:
        node = _child(node, step)
    return node


def _child(node: Any, step: str | int) -> Any:
    if isinstance(node, Mapping):
        return node.get(step)
    if isinstance(node, list) and isinstance(step, int) and step < len(node):
        return node[step]
    return None
