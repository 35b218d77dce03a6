"""What a preview finds out by reading: what would stop an update, and that the old object of a replacement is not in the way."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pulumi.provider.experimental import provider as sdk

from strata.errors import Failed
from strata.provider import codec
from strata.provider.diff import Difference
from strata.provider.kind import Operation
from strata.provider.lifecycle import Lifecycle, Resource
from strata.provider.outcome import OperationFailed
from strata.provider.provider import StrataProvider
from tests.unit.provider.shelf import Box, BoxArgs, Shelf

URN = "urn:pulumi:dev::strata::strata:shelf:Box::beans"
RESOURCE = Resource(URN)
INPUTS = {"place": "A1", "size": 5}


class Riveted(Box):
    """A box whose size is for ever; it warns of what it is asked for."""

    async def foresee(self, id: str, args: BoxArgs, changes: list[Difference], op: Operation) -> None:
        await op.warn(f"{id} is asked for {', '.join(one.path for one in changes)}")
        if any(one.path == "size" for one in changes):
            raise Failed("The size of a riveted box can't be changed.")


async def test_a_change_that_cannot_be_made_stops_the_preview_and_the_update_before_any_write() -> None:
    shelf, warnings = Shelf(), []

    async def warn(urn: str, line: str) -> None:
        warnings.append((urn, line))

    lifecycle = Lifecycle(Riveted(shelf), warn=warn)
    id, old = await lifecycle.create(RESOURCE, lifecycle.check(INPUTS), 0)
    calls = list(shelf.calls)
    wanted = lifecycle.check({**INPUTS, "size": 6})
    with pytest.raises(OperationFailed, match="riveted"):
        await lifecycle.preview_update(RESOURCE, id, wanted, old, 0)
    with pytest.raises(Exception, match="riveted"):
        await lifecycle.update(RESOURCE, id, wanted, old, 0)
    assert shelf.calls == calls
    assert warnings == [(URN, "A1 is asked for size")] * 2


async def test_a_change_that_can_be_made_shows_in_the_preview() -> None:
    lifecycle = Lifecycle(Riveted(Shelf()))
    id, old = await lifecycle.create(RESOURCE, lifecycle.check(INPUTS), 0)
    shown = await lifecycle.preview_update(RESOURCE, id, lifecycle.check({**INPUTS, "state": "open"}), old, 0)
    assert shown["state"] == "open"


async def test_the_old_object_of_a_replacement_is_not_in_the_way_of_the_preview() -> None:
    shelf = Shelf(boxes={"A1": {"place": "A1", "size": 5, "owner": "somebody"}})
    lifecycle = Lifecycle(Box(shelf))
    inputs = lifecycle.check(INPUTS)
    await lifecycle.preview_create(RESOURCE, inputs, 0, replacing="A1")
    for other in (None, "B2"):
        with pytest.raises(OperationFailed, match="exists already"):
            await lifecycle.preview_create(RESOURCE, inputs, 0, replacing=other)


async def test_the_provider_remembers_from_the_diff_what_is_replaced() -> None:
    shelf = Shelf(boxes={"B2": {"place": "B2", "size": 5, "owner": "somebody"}})

    class OnShelf(Box):
        def __init__(self, connections: object) -> None:
            super().__init__(shelf)

    provider = StrataProvider([OnShelf], Path())
    await provider.configure(sdk.ConfigureRequest({}, {}, True, True))
    old, new = (codec.from_plain_map({"place": place, "size": 5}) for place in ("A1", "B2"))
    create = sdk.CreateRequest(urn=URN, properties=new, timeout=0, preview=True)
    with pytest.raises(OperationFailed, match="exists already"):
        await provider.create(create)
    diff: Any = await provider.diff(sdk.DiffRequest(URN, "B2", old, new, []))
    assert diff.replaces == ["place"]
    await provider.create(create)
