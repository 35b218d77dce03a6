"""Whether a declaration would find its object as it is: the kind's own check and diff, as the engine will ask them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from strata.errors import InvalidInput
from strata.provider import state
from strata.provider.kind import Kind, Observed
from strata.provider.lifecycle import Lifecycle


def misfit(kind: Kind[Any, Any], declared: Mapping[str, Any], observed: Observed[Any, Any]) -> str | None:
    """Why the next preview would not be empty, as the end of a sentence; None when it would.

    declared: the properties that the component gives, with wire names.
    """
    lifecycle = Lifecycle(kind)
    try:
        inputs = lifecycle.check({key: value for key, value in declared.items() if value is not None})
    except InvalidInput as error:
        return str(error)
    left = lifecycle.diff(inputs, state.state_of(kind.Args, observed, {}), [])
    said = [f"its {one.path} is {one.actual!r}, and would become {one.declared!r}" for one in left]
    return "; ".join(said) or None
