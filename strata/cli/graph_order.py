"""What orders the resources of a stack: the custom resources of its state and their dependencies. Pure.

Components order nothing by themselves, and providers are only connections; both are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any


@dataclass(frozen=True)
class Resource:
    """One box: `type` is `strata:ontap:Volume`, `name` the one in the stack."""

    urn: str
    type: str
    name: str


@dataclass(frozen=True)
class Order:
    """Boxes, and edges from what has to be there first to what comes after it."""

    resources: tuple[Resource, ...]
    edges: frozenset[tuple[str, str]]

    def layers(self) -> list[list[Resource]]:
        """The boxes by the longest way that leads to each; within a layer near to what they stand on."""
        first = {after: [before for before, then in self.edges if then == after] for _, after in self.edges}

        @cache
        def depth(urn: str) -> int:
            return 1 + max((depth(before) for before in first.get(urn, ())), default=-1)

        found: list[list[Resource]] = []
        row: dict[str, float] = {}
        for level in range(1 + max((depth(one.urn) for one in self.resources), default=-1)):
            layer = [one for one in self.resources if depth(one.urn) == level]
            layer.sort(
                key=lambda one: (_mean(row[urn] for urn in first.get(one.urn, ())), one.type, one.name)
            )
            row.update({one.urn: float(i) for i, one in enumerate(layer)})
            found.append(layer)
        return found


def from_state(export: Mapping[str, Any]) -> Order:
    """The order in what `pulumi stack export` writes; a stack without resources has none."""
    records = [
        record
        for record in (export.get("deployment") or {}).get("resources") or []
        if record.get("custom") and not record["type"].startswith("pulumi:") and not record.get("delete")
    ]
    resources = tuple(Resource(one["urn"], one["type"], one["urn"].rsplit("::", 1)[-1]) for one in records)
    known = {one.urn for one in resources}
    edges = {
        (before, one["urn"]) for one in records for before in one.get("dependencies") or () if before in known
    }
    return Order(resources, frozenset(edges))


def _mean(rows: Iterable[float]) -> float:
    values = list(rows)
    return sum(values) / len(values) if values else 0.0
