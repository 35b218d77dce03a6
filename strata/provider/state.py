"""What of a resource stands in the state. Pure.

Outputs: what was observed, and what has to be remembered. Inputs: what is declared, the settings with it. Settings are not on any
system, so they never make a difference: an `up` records the new ones without an update.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, Final

from strata.provider.codec import encode
from strata.provider.fields import Role, row, wire_name
from strata.provider.kind import Observed

MEMORY: Final = "memory"
"""State property with what only Strata knows and `delete` needs, such as the line that stood there before."""


def names(args: type, role: Role) -> set[str]:
    """The wire names of the properties with that role."""
    return {wire_name(field.name) for field in dataclasses.fields(args) if row(field).role is role}


def state_of(args: type, observed: Observed[Any, Any], memory: Mapping[str, Any]) -> dict[str, Any]:
    """The state of an object: observed properties and outputs, and the memory."""
    settings = names(args, Role.SETTING)
    actual = {key: value for key, value in encode(observed.actual).items() if key not in settings}
    remembered = {MEMORY: dict(memory)} if memory else {}
    return {**actual, **encode(observed.outputs), **remembered}


def inputs_of(args: type, observed: Observed[Any, Any], recorded: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs that a read reports.

    For an import (nothing recorded) everything that was observed; for a refresh the recorded ones with what is there now.
    """
    settings = names(args, Role.SETTING)
    actual = {key: value for key, value in encode(observed.actual).items() if key not in settings}
    if not recorded:
        return actual
    return {
        key: value if key in settings else _project(value, actual.get(key, value))
        for key, value in recorded.items()
    }


def _project(recorded: Any, actual: Any) -> Any:
    """`actual`, but of an object only the leaves that are recorded."""
    if isinstance(recorded, Mapping) and isinstance(actual, Mapping):
        return {key: _project(value, actual.get(key, value)) for key, value in recorded.items()}
    if isinstance(recorded, list) and isinstance(actual, list) and len(recorded) == len(actual):
        return [_project(one, other) for one, other in zip(recorded, actual, strict=True)]
    return actual


def declared_in(args: type, state: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a state that is declarable: what `delete` gets as the last known declaration."""
    known = {wire_name(field.name) for field in dataclasses.fields(args)}
    return {key: value for key, value in state.items() if key in known}
