"""Every kind that the provider serves passes the whole suite: no property without its drift, no duty without its test."""

from __future__ import annotations

import dataclasses
import importlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from strata.naming import wire_name
from strata.provider.fields import Role, row
from strata.provider.kind import Kind
from strata.provider.registry import KINDS

from .suite import BY_TOKEN, SUITE, Duty, NotOwed, Proof, named_by, property_of

AnyKind = type[Kind[Any, Any]]
HERE = Path(__file__).parent


def managed(kind: AnyKind) -> list[str]:
    """The properties whose difference is drift."""
    fields = dataclasses.fields(kind.Args)
    return [wire_name(each.name) for each in fields if row(each).role is Role.MANAGED]


def function(test: str) -> Callable[..., Any]:
    """The test itself, taken from its module."""
    module, _, name = test.partition("::")
    assert (HERE / f"{module}.py").is_file(), f"{test} is in no file"
    found = getattr(importlib.import_module(f"tests.lifecycle.{module.replace('/', '.')}"), name, None)
    assert callable(found), f"There is no {test}."
    return found  # type: ignore[no-any-return]


def cases(test: Callable[..., Any]) -> Iterator[dict[str, Any]]:
    """The values of a parametrised test, a dictionary each."""
    for mark in getattr(test, "pytestmark", []):
        if mark.name != "parametrize":
            continue
        names = (
            mark.args[0] if not isinstance(mark.args[0], str) else mark.args[0].replace(" ", "").split(",")
        )
        for value in mark.args[1]:
            values = getattr(value, "values", value)
            given = (values,) if len(names) == 1 and not hasattr(value, "values") else values
            yield dict(zip(names, given, strict=True))


def proofs(kind: AnyKind, duty: Duty) -> list[Proof | NotOwed]:
    return [proof for proof in SUITE.get(kind.token, ()) if proof.duty is duty]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.token)
def test_every_managed_property_has_a_case_of_drift(kind: AnyKind) -> None:
    shown: set[str] = set()
    for proof in proofs(kind, Duty.DRIFT):
        assert isinstance(proof, Proof)
        of_cases = {name for case in cases(function(proof.test)) for name in named_by(case)}
        assert of_cases or proof.properties, f"{proof.test} names no property"
        shown |= of_cases or set(proof.properties)
    missing = [name for name in managed(kind) if name not in shown]
    assert not missing, f"{kind.token}: no test shows drift of {', '.join(missing)}"
    known = {wire_name(each.name) for each in dataclasses.fields(kind.Args)}
    assert {property_of(path) for path in shown} <= known, "a case names what the kind does not have"


@pytest.mark.parametrize(
    "duty", [Duty.IMPORTED, Duty.DISAPPEARED, Duty.REPEATED], ids=lambda duty: duty.value
)
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.token)
def test_every_kind_shows_each_duty(kind: AnyKind, duty: Duty) -> None:
    found = proofs(kind, duty)
    assert found, f"{kind.token}: no test shows `{duty.value}`"
    for proof in found:
        if isinstance(proof, NotOwed):
            assert len(proof.because) > 20, f"{kind.token}: why is `{duty.value}` not owed?"
            continue
        of_kind = [case["kind"] for case in cases(function(proof.test)) if "kind" in case]
        assert not of_kind or kind in of_kind, f"{proof.test} has no case of {kind.token}"


def test_the_suite_is_of_kinds_that_there_are() -> None:
    assert SUITE.keys() <= BY_TOKEN.keys()
