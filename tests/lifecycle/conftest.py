"""Watches the tests that `suite` names: each has to do with its kind what the suite says of it."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest

from strata.provider.lifecycle import Lifecycle

from .suite import SUITE, Duty, Proof, named_by, property_of

Event = tuple[str, str, frozenset[str]]
"""(token, what happened, properties that a diff named)"""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """A test that comes to its end has done what the suite says of it, or fails after all."""
    test = f"{item.path.parent.name}/{item.path.stem}::{getattr(item, 'originalname', item.name)}"
    claims = [(token, proof) for token, proofs in SUITE.items() for proof in proofs]
    owed = [(token, proof) for token, proof in claims if isinstance(proof, Proof) and proof.test == test]
    events: list[Event] = []
    with pytest.MonkeyPatch.context() as monkeypatch:
        if owed:
            _watch(monkeypatch, events)
        answer = yield
    case = item.callspec.params if hasattr(item, "callspec") else {}
    for token, proof in owed:
        if "kind" in case and case["kind"].token != token:
            continue
        seen = [(what, paths) for whose, what, paths in events if whose == token]
        missing = _missing(proof, named_by(case) or frozenset(proof.properties), seen)
        assert not missing, f"{test} is to show `{proof.duty.value}` of {token}, but {missing}"
    return answer


def _watch(monkeypatch: pytest.MonkeyPatch, events: list[Event]) -> None:
    read, diff = Lifecycle.read, Lifecycle.diff

    async def reading(self: Lifecycle, id: str, recorded: Any, old: Any) -> Any:
        found = await read(self, id, recorded, old)
        what = "gone" if found is None else "read" if recorded or old else "imported"
        events.append((self.kind.token, what, frozenset()))
        return found

    def comparing(self: Lifecycle, declared: Any, actual: Any, ignored: Any) -> Any:
        found = diff(self, declared, actual, ignored)
        paths = frozenset(property_of(one.path) for one in found)
        events.append((self.kind.token, "compared", paths))
        return found

    monkeypatch.setattr(Lifecycle, "read", reading)
    monkeypatch.setattr(Lifecycle, "diff", comparing)
    for verb in ("create", "update", "delete"):
        monkeypatch.setattr(Lifecycle, verb, _counted(getattr(Lifecycle, verb), verb, events))


def _counted(method: Any, verb: str, events: list[Event]) -> Any:
    async def acting(self: Lifecycle, *given: Any, **more: Any) -> Any:
        answer = await method(self, *given, **more)
        events.append((self.kind.token, verb, frozenset()))
        return answer

    return acting


def _missing(proof: Proof, properties: frozenset[str], seen: list[tuple[str, frozenset[str]]]) -> str:
    """What the test should have done and did not; empty when it did."""
    did = [what for what, _ in seen]
    if proof.duty is Duty.IMPORTED and "imported" not in did:
        return "it reads nothing by an id alone"
    if proof.duty is Duty.REPEATED and "create" not in did:
        return "no create comes to its end"
    if proof.duty is Duty.DISAPPEARED:
        gone = did.index("gone") if "gone" in did else len(did)
        if "delete" in did[:gone] or "create" not in did[gone:]:
            return "it is not read as gone without a delete of our own and made again"
    if proof.duty is Duty.DRIFT:
        for name in sorted(properties):
            at = next((index for index, (_, paths) in enumerate(seen) if name in paths), None)
            if at is None:
                return f"no diff names {name}"
            if proof.repaired and "update" not in did[at:]:
                return f"no update comes to its end after {name} was named"
    return ""
