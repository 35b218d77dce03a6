"""The way from the export rules that are there to those that are declared. Pure.

The first rule that fits a client decides, so the way matters: no client that may mount before and after must be shut out in
between. `plan` looks for the shortest way on which, at each step, every client has either the access it had or the access it
is to get.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace
from itertools import permutations
from typing import Final

from strata.provider.kinds.ontap_export_rules import ExportRule, fits

MOST_TRIED: Final = 6
"""Plans of up to so many steps are tried in every order."""


@dataclass(frozen=True)
class Step:
    """One request: `add` a rule at a position, `change` the one there, `move` it `to` another place, or `remove` it.

    Positions count from 0 in the list as it is when the step's turn comes.
    """

    action: str
    position: int
    rule: ExportRule | None = None
    to: int = 0

    def apply(self, rules: list[ExportRule]) -> list[ExportRule]:
        """The rules after it."""
        done = list(rules)
        if self.action == "remove":
            del done[self.position]
        elif self.action == "move":
            done.insert(self.to, done.pop(self.position))
        elif self.action == "add" and self.rule:
            done.insert(self.position, self.rule)
        elif self.rule:
            done[self.position] = _overlaid(done[self.position], self.rule)
        return done


def plan(actual: list[ExportRule], declared: list[ExportRule]) -> list[Step]:
    """The shortest way that shuts nobody out; where there is none of that sort, the shortest."""
    tried = []
    for pairing in (True, False):
        moves = _Moves(actual, declared, pairing)
        for order in moves.orders():
            steps = moves.steps(order)
            if _is_safe(actual, steps):
                return steps
            tried.append(steps)
    return min(tried, key=len)


class _Moves:
    """What has to happen to which rule, before the order is settled. Slots are ("old", i) and ("new", j)."""

    def __init__(self, actual: list[ExportRule], declared: list[ExportRule], pairing: bool) -> None:
        self._declared = declared
        kept = dict(_in_common(actual, declared))
        free = [i for i in range(len(actual)) if i not in kept.values()]
        self._start = [("old", i) for i in range(len(actual))]
        self._final = [("old", kept[j]) if j in kept else ("new", j) for j in range(len(declared))]
        self._todo: list[tuple[str, int, int]] = []
        for j in (j for j in range(len(declared)) if j not in kept):
            same = next((i for i in free if fits(declared[j], actual[i])), None)
            near = next((i for i in free if self._between(i, j, kept)), None) if pairing else None
            chosen = same if same is not None else near
            if chosen is None:
                self._todo.append(("add", -1, j))
                continue
            free.remove(chosen)
            self._final[j] = ("old", chosen)
            self._todo.append(("move" if same is not None else "change", chosen, j))
        self._todo += [("remove", i, -1) for i in reversed(free)]

    def _between(self, i: int, j: int, kept: dict[int, int]) -> bool:
        """Whether the rule i stands where j belongs, between the same kept neighbours."""
        return all((old < i) == (new < j) for new, old in kept.items())

    def orders(self) -> Iterator[list[tuple[str, int, int]]]:
        if len(self._todo) <= MOST_TRIED:
            yield from (list(order) for order in permutations(self._todo))
            return
        for wanted in (("add", "move", "change", "remove"), ("move", "change", "add", "remove")):
            yield sorted(self._todo, key=lambda one, rank=wanted: rank.index(one[0]))  # type: ignore[misc]

    def steps(self, order: Iterable[tuple[str, int, int]]) -> list[Step]:
        """The same with positions, as they are when each step's turn comes."""
        slots, steps = list(self._start), []
        waiting = {("old", i) for action, i, _ in self._todo if action == "move"}
        for action, i, j in order:
            if action == "add":
                at = self._place(("new", j), slots, waiting)
                slots.insert(at, ("new", j))
                steps.append(Step("add", at, self._declared[j]))
                continue
            at = slots.index(("old", i))
            if action == "move":
                slots.pop(at)
                waiting.discard(("old", i))
                to = self._place(("old", i), slots, waiting)
                slots.insert(to, ("old", i))
                steps += [Step("move", at, to=to)] if to != at else []
            elif action == "remove":
                slots.pop(at)
                steps.append(Step("remove", at))
            else:
                steps.append(Step("change", at, self._declared[j]))
        return steps

    def _place(
        self, slot: tuple[str, int], slots: list[tuple[str, int]], waiting: set[tuple[str, int]]
    ) -> int:
        """Before the nearest slot that comes later in the end and stands already: behind all that is to go."""
        later = self._final[self._final.index(slot) + 1 :]
        return next((slots.index(one) for one in later if one in slots and one not in waiting), len(slots))


def _in_common(actual: list[ExportRule], declared: list[ExportRule]) -> list[tuple[int, int]]:
    """The longest run of (declared, actual) positions, both rising, whose rules fit."""
    best: list[list[list[tuple[int, int]]]] = [
        [[] for _ in range(len(actual) + 1)] for _ in range(len(declared) + 1)
    ]
    for j in reversed(range(len(declared))):
        for i in reversed(range(len(actual))):
            skipped = max(best[j + 1][i], best[j][i + 1], key=len)
            taken = [(j, i), *best[j + 1][i + 1]] if fits(declared[j], actual[i]) else []
            best[j][i] = max(taken, skipped, key=len)
    return best[0][0]


def _is_safe(before: list[ExportRule], steps: list[Step]) -> bool:
    """Whether at each step every client has its former or its future access, and no two rules are equal (1704070)."""
    states = [before]
    for step in steps:
        states.append(step.apply(states[-1]))
    probes = {
        (one, protocol) for state in states for rule in state for one in rule.clients for protocol in _SPOKEN
    }
    for state in states[1:-1]:
        if any(rule in state[:number] for number, rule in enumerate(state)):
            return False
        for probe in probes:
            if _access(state, probe) not in (_access(before, probe), _access(states[-1], probe)):
                return False
    return True


_SPOKEN: Final = ("nfs3", "nfs4", "cifs")


def _access(rules: list[ExportRule], probe: tuple[str, str]) -> ExportRule | None:
    """What the first fitting rule gives, without whom else it is for."""
    who, protocol = probe
    for rule in rules:
        spoken = {"any", protocol, *(["nfs"] if protocol.startswith("nfs") else [])}
        if spoken & set(rule.protocols) and any(_covers(one, who) for one in rule.clients):
            return replace(rule, clients=(), protocols=())
    return None


def _covers(wide: str, narrow: str) -> bool:
    if wide == narrow or (wide.startswith(".") and narrow.endswith(wide)):
        return True
    try:
        outer, inner = ipaddress.ip_network(wide), ipaddress.ip_network(narrow)
    except ValueError:
        return False
    return outer.version == inner.version and inner.subnet_of(outer)  # type: ignore[arg-type]


def _overlaid(actual: ExportRule, declared: ExportRule) -> ExportRule:
    told = {one.name: getattr(declared, one.name) for one in fields(ExportRule)}
    return replace(actual, **{name: value for name, value in told.items() if value is not None})
