"""The engine's verbs over a kind: what ends up in the state, and which calls are made."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from strata.deadline import Clock
from strata.errors import Failed, InvalidInput, Unreachable
from strata.provider.codec import UNKNOWN
from strata.provider.lifecycle import Lifecycle, Resource
from strata.provider.outcome import InitFailed, OperationFailed
from tests.unit.provider.shelf import Box, Shelf

RESOURCE = Resource("urn:pulumi:dev::strata::strata:components:Rack$strata:shelf:Box::beans")
INPUTS: dict[str, Any] = {"place": "A1", "size": 5, "label": {"text": "beans"}}


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def lifecycle(shelf: Shelf) -> Lifecycle:
    return Lifecycle(Box(shelf))


async def made(lifecycle: Lifecycle, inputs: dict[str, Any] = INPUTS) -> dict[str, Any]:
    _, properties = await lifecycle.create(RESOURCE, lifecycle.check(inputs), 0)
    return properties


def test_a_resource_knows_its_token_name_and_mark() -> None:
    assert (RESOURCE.token, RESOURCE.name, RESOURCE.owner) == (
        "strata:shelf:Box",
        "beans",
        "strata:dev/beans",
    )


@pytest.mark.parametrize(
    ("inputs", "expected", "because"),
    [
        ({"place": "A1"}, {"size"}, "a required property is missing"),
        ({"place": "A1", "size": "big"}, {"size"}, "a string is no number"),
        ({"place": "A1", "size": True}, {"size"}, "in Python True is an int, in a stack file it is not"),
        ({"place": "A1", "size": 0}, {"size"}, "the kind's own check runs when the types are right"),
        ({"place": "A1", "size": 5, "label": {"colour": "r2"}}, {"label.colour"}, "a canonical form refuses"),
        ({"place": "A1", "size": 5, "state": "ajar"}, {"state"}, "not one of the enum"),
        ({"place": 1, "siz": 5}, {"place", "siz", "size"}, "all problems at once"),
        ({"place": "A1", "size": 5, "tags": ["a", 1]}, {"tags[1]"}, "the index of the item is named"),
    ],
)
def test_check_names_every_wrong_property(
    lifecycle: Lifecycle, inputs: dict[str, Any], expected: set[str], because: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        lifecycle.check(inputs)
    assert {problem.path for problem in caught.value.problems} == expected, because


def test_check_fills_in_defaults_and_canonical_forms(lifecycle: Lifecycle) -> None:
    checked = lifecycle.check({"place": "A1", "size": 5, "label": {"colour": "red"}})
    assert checked == {"place": "A1", "size": 5, "label": {"colour": "RED"}, "state": "shut", "adopt": False}


def test_check_lets_unknowns_through(lifecycle: Lifecycle) -> None:
    assert lifecycle.check({"place": UNKNOWN, "size": 5})["place"] is UNKNOWN


@pytest.mark.parametrize("label", [{"marks": {"x": UNKNOWN, "y": "b"}}, {"seals": ["b", UNKNOWN]}], ids=str)
def test_check_lets_unknowns_inside_a_value_through_as_they_are(
    lifecycle: Lifecycle, label: dict[str, Any]
) -> None:
    assert lifecycle.check({"place": "A1", "size": 5, "label": label})["label"] == label


async def test_create_keeps_what_was_observed_and_remembers(lifecycle: Lifecycle, shelf: Shelf) -> None:
    properties = await made(lifecycle)
    assert properties == {
        "place": "A1",
        "size": 5,
        "label": {"text": "beans"},
        "tags": [],
        "state": "shut",
        "weight": 0,
        "memory": {"before": "nothing"},
    }
    assert shelf.calls == ["create A1"]


async def test_a_fresh_object_has_no_difference(lifecycle: Lifecycle) -> None:
    properties = await made(lifecycle)
    assert lifecycle.diff(lifecycle.check(INPUTS), properties, []) == []


@pytest.mark.parametrize(
    ("declared", "changed", "paths", "because"),
    [
        (INPUTS, {"size": 9}, ["size"], "a managed property"),
        (INPUTS, {"text": "peas"}, ["label.text"], "a leaf is named by its path"),
        (INPUTS, {"colour": "RED"}, [], "a leaf that is not declared is not managed"),
        (INPUTS, {"tags": ["new"]}, [], "a property that is not declared is not managed"),
        (INPUTS | {"tags": ["a", "b"]}, {"tags": ["b", "a"]}, [], "the order of a set is no difference"),
        (INPUTS | {"tags": ["a", "b"]}, {"tags": ["a"]}, ["tags"], "a missing member is"),
        (INPUTS, {"weight": 99}, [], "outputs are never drift"),
        (INPUTS | {"adopt": True}, {}, [], "settings are never drift"),
    ],
)
async def test_drift_is_what_is_declared_and_otherwise(
    lifecycle: Lifecycle,
    shelf: Shelf,
    declared: dict[str, Any],
    changed: dict[str, Any],
    paths: list[str],
    because: str,
) -> None:
    await made(lifecycle, declared)
    shelf.boxes["A1"].update(changed)
    found = await lifecycle.read("A1", lifecycle.check(declared), {})
    assert found is not None
    assert [one.path for one in lifecycle.diff(lifecycle.check(declared), found[1], [])] == paths, because


async def test_ignored_paths_are_no_difference(lifecycle: Lifecycle, shelf: Shelf) -> None:
    properties = await made(lifecycle) | {"size": 9, "label": {"text": "x"}}
    assert lifecycle.diff(lifecycle.check(INPUTS), properties, ["size", "label"]) == []


async def test_create_that_breaks_half_way_keeps_id_and_observed_state(
    lifecycle: Lifecycle, shelf: Shelf
) -> None:
    shelf.fail_after_make = "The shelf gave way."
    with pytest.raises(InitFailed) as caught:
        await made(lifecycle)
    assert caught.value.id == "A1"
    assert caught.value.properties["label"] == {}, "what was not done yet must not stand in the state"
    assert caught.value.properties["memory"] == {"before": "nothing"}
    assert caught.value.reasons == ["Creating strata:shelf:Box beans failed: The shelf gave way."]


async def test_update_after_a_half_way_create_completes_it(lifecycle: Lifecycle, shelf: Shelf) -> None:
    shelf.fail_after_make = "The shelf gave way."
    with pytest.raises(InitFailed) as caught:
        await made(lifecycle)
    shelf.fail_after_make = None
    properties = await lifecycle.update(RESOURCE, "A1", lifecycle.check(INPUTS), caught.value.properties, 0)
    assert properties["label"] == {"text": "beans"}
    assert properties["memory"] == {"before": "nothing"}
    assert shelf.calls == ["create A1", "update A1: label.text"]


async def test_create_that_the_system_does_not_heed_is_an_init_error(
    lifecycle: Lifecycle, shelf: Shelf
) -> None:
    shelf.ignores = {"text"}
    with pytest.raises(InitFailed) as caught:
        await made(lifecycle)
    assert caught.value.reasons == [
        "strata:shelf:Box beans was created, but label.text is None and not 'beans'."
    ]


async def test_an_object_that_is_not_ours_stops_before_any_write(lifecycle: Lifecycle, shelf: Shelf) -> None:
    shelf.boxes["A1"] = {"place": "A1", "size": 1, "owner": "somebody"}
    for verb in (lifecycle.preview_create, lifecycle.create):
        with pytest.raises(OperationFailed) as caught:
            await verb(RESOURCE, lifecycle.check(INPUTS), 0)
        assert "pulumi import strata:shelf:Box beans A1" in str(caught.value)
        assert "adopt: true" in str(caught.value)
    assert shelf.calls == []


async def test_preview_of_a_create_makes_nothing(lifecycle: Lifecycle, shelf: Shelf) -> None:
    assert await lifecycle.preview_create(RESOURCE, lifecycle.check(INPUTS), 0) == lifecycle.check(INPUTS)
    assert (shelf.calls, shelf.boxes) == ([], {})


async def test_preview_with_unknowns_asks_nothing(lifecycle: Lifecycle, shelf: Shelf) -> None:
    shelf.boxes["A1"] = {"place": "A1", "size": 1, "owner": "somebody"}
    assert (await lifecycle.preview_create(RESOURCE, {**INPUTS, "size": UNKNOWN}, 0))["size"] is UNKNOWN


async def test_update_changes_only_what_differs_now(lifecycle: Lifecycle, shelf: Shelf) -> None:
    old = await made(lifecycle)
    shelf.boxes["A1"]["text"] = "peas"
    await lifecycle.update(RESOURCE, "A1", lifecycle.check(INPUTS | {"size": 7}), old, 0)
    assert shelf.calls[-1] == "update A1: size, label.text"


async def test_update_of_what_is_right_already_writes_nothing(lifecycle: Lifecycle, shelf: Shelf) -> None:
    old = await made(lifecycle)
    await lifecycle.update(RESOURCE, "A1", lifecycle.check(INPUTS | {"adopt": True}), old, 0)
    assert shelf.calls == ["create A1"]


async def test_update_of_what_is_gone_says_so(lifecycle: Lifecycle, shelf: Shelf) -> None:
    old = await made(lifecycle)
    shelf.boxes.clear()
    with pytest.raises(OperationFailed, match="not there any more"):
        await lifecycle.update(RESOURCE, "A1", lifecycle.check(INPUTS), old, 0)


async def test_read_tells_gone_from_unreachable(lifecycle: Lifecycle, shelf: Shelf) -> None:
    assert await lifecycle.read("A1", INPUTS, {}) is None
    shelf.unreachable = True
    with pytest.raises(Unreachable):
        await lifecycle.read("A1", {}, {})


async def test_an_import_gets_every_property_and_the_documented_id(lifecycle: Lifecycle) -> None:
    await made(lifecycle)
    found = await lifecycle.read("place-A1", {}, {})
    assert found is not None
    id, properties, inputs = found
    assert id == "A1"
    assert inputs == {"place": "A1", "size": 5, "label": {"text": "beans"}, "tags": [], "state": "shut"}
    assert lifecycle.diff(lifecycle.check(INPUTS), properties, []) == []


async def test_an_import_of_what_is_not_there_fails(lifecycle: Lifecycle) -> None:
    with pytest.raises(Failed, match="There is no strata:shelf:Box with the id A1"):
        await lifecycle.read("A1", {}, {})


async def test_a_refresh_reports_the_recorded_inputs_as_they_are_now(
    lifecycle: Lifecycle, shelf: Shelf
) -> None:
    await made(lifecycle)
    shelf.boxes["A1"].update(size=9, colour="RED")
    found = await lifecycle.read(
        "A1", {"place": "A1", "size": 5, "label": {"text": "beans"}, "adopt": True}, {}
    )
    assert found is not None
    assert found[2] == {"place": "A1", "size": 9, "label": {"text": "beans"}, "adopt": True}


async def test_delete_gets_what_was_remembered(lifecycle: Lifecycle, shelf: Shelf) -> None:
    properties = await made(lifecycle)
    await lifecycle.delete(RESOURCE, "A1", properties, 0)
    assert shelf.calls[-1] == "delete A1 memory={'before': 'nothing'}"


async def test_cancel_keeps_what_exists_by_then(lifecycle: Lifecycle, shelf: Shelf) -> None:
    shelf.hang = asyncio.Event()
    task = asyncio.ensure_future(made(lifecycle))
    await shelf.hanging.wait()
    task.cancel()
    with pytest.raises(InitFailed) as caught:
        await task
    assert caught.value.id == "A1"
    assert caught.value.reasons == [
        "Creating strata:shelf:Box beans was cancelled. Repeat, and it goes on from what is there."
    ]


async def test_deadlines_come_from_the_request_else_from_the_kind(shelf: Shelf) -> None:
    seen: list[float] = []

    class Watched(Box):
        async def preflight(self, args: Any, op: Any) -> None:
            seen.append(op.deadline.seconds)

    lifecycle = Lifecycle(Watched(shelf), Clock(now=lambda: 0.0))
    await lifecycle.preview_create(RESOURCE, lifecycle.check(INPUTS), 7)
    await lifecycle.preview_create(RESOURCE, lifecycle.check(INPUTS), 0)
    assert seen == [7, 30.0]


async def test_a_half_way_create_that_cannot_be_read_keeps_only_its_identity(
    lifecycle: Lifecycle, shelf: Shelf
) -> None:
    class Cut(Box):
        async def create(self, args: Any, op: Any) -> str:
            op.exists(args.place)
            shelf.unreachable = True
            raise Unreachable("The shelf does not answer.")

    with pytest.raises(InitFailed) as caught:
        await Lifecycle(Cut(shelf)).create(RESOURCE, lifecycle.check(INPUTS), 0)
    assert caught.value.properties == {"place": "A1"}
