"""Pulumi's bulk import file: `pulumi import --file FILE`.

Components are imported with their parts, each part below its own: without them the next preview would still have the
components to record. A part keeps the name that the program gives it; a component's name in the file only has to be
unlike all others, its own stands in `logicalName`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from strata.adoption.draft import Component, Import

COMPONENTS = "strata:components:"


def document(imports: Iterable[Import]) -> dict[str, Any]:
    """The file's content."""
    resources: list[dict[str, Any]] = []
    known: set[tuple[Component, ...]] = set()
    for one in imports:
        for depth in range(1, len(one.parents) + 1):
            chain = one.parents[:depth]
            if chain not in known:
                known.add(chain)
                resources.append(_component(chain))
        parent = {"parent": _label(one.parents)} if one.parents else {}
        resources.append({"type": one.token, "name": one.name, "id": one.id, **parent})
    return {"resources": resources}


def _component(chain: tuple[Component, ...]) -> dict[str, Any]:
    type, name = chain[-1]
    parent = {"parent": _label(chain[:-1])} if chain[:-1] else {}
    own = {"type": f"{COMPONENTS}{type}", "name": _label(chain), "logicalName": name}
    return {**own, "component": True, **parent}


def _label(chain: tuple[Component, ...]) -> str:
    return "/".join(f"{type}:{name}" for type, name in chain)
