"""`strata:drift` of a document without faults, as the model has it."""

from __future__ import annotations

from datetime import date

from strata.stackfile.filling import Values, fill
from strata.stackfile.model_drift import Accepted, Drift


def drift(values: Values) -> Drift:
    """The accepted differences, in the order of the file."""
    return Drift(tuple(fill(Accepted, one, until=day(one["until"])) for one in values.get("accepted", ())))


def day(text: str) -> date:
    """`2026-12-31`, also in the longer form that `pulumi config set` makes of it; raises ValueError for no such day."""
    return date.fromisoformat(text[:10])
