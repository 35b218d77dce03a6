"""A global setting: its value, what it was before, and names that a release does not have."""

from __future__ import annotations

from typing import Any

import pytest

from strata.provider.kinds.cloudstack_global_setting import GlobalSetting
from strata.provider.outcome import OperationFailed

from .conftest import Bench

GIVEN = {"name": "expunge.delay", "value": "300"}
SWIFT = {"name": "swift.enable", "value": "true"}


def value(bench: Bench, name: str = "expunge.delay") -> str:
    return str(bench.cloudstack.ask("listConfigurations", name=name)["configuration"][0]["value"])


async def test_set_in_one_call_and_the_same_again_is_no_change(bench: Bench) -> None:
    await bench.preview(GlobalSetting, GIVEN)
    assert bench.commands() == []
    id, state = await bench.create(GlobalSetting, GIVEN)
    assert bench.sent() == [("updateConfiguration", GIVEN)]
    assert (id, state["value"], state["needsRestart"]) == ("expunge.delay", "300", True)
    assert await bench.drift(GlobalSetting, id, GIVEN, state) == ([], state)
    await bench.update(GlobalSetting, id, GIVEN, state)
    await bench.create(GlobalSetting, GIVEN)
    assert len(bench.commands()) == 1


async def test_a_dynamic_setting_needs_no_restart(bench: Bench) -> None:
    with bench.cloudstack.emulator.system.lock:
        row = {"name": "a.word", "value": "x", "defaultvalue": "x", "isdynamic": True, "type": "String"}
        bench.cloudstack.emulator.system.add("configuration", **row, category="Advanced")
    _, state = await bench.create(GlobalSetting, {"name": "a.word", "value": "y"})
    assert state["needsRestart"] is False


async def test_a_changed_value_is_drift_and_repaired_by_one_call(bench: Bench) -> None:
    id, state = await bench.create(GlobalSetting, GIVEN)
    bench.cloudstack.ask("updateConfiguration", name=id, value="7")
    since = bench.mark
    found, there = await bench.drift(GlobalSetting, id, GIVEN, state)
    assert found == ["value"]
    await bench.update(GlobalSetting, id, GIVEN, there)
    assert bench.sent(since) == [("updateConfiguration", GIVEN)]


async def test_delete_puts_back_what_was_there_and_does_it_once(bench: Bench) -> None:
    id, state = await bench.create(GlobalSetting, GIVEN)
    state = await bench.update(GlobalSetting, id, {**GIVEN, "value": "400"}, state)
    await bench.delete(GlobalSetting, id, state)
    assert value(bench) == "20"
    sent = len(bench.commands())
    await bench.delete(GlobalSetting, id, state)
    assert len(bench.commands()) == sent


async def test_an_imported_setting_keeps_its_value_when_it_is_deleted(bench: Bench) -> None:
    bench.cloudstack.ask("updateConfiguration", **GIVEN)
    found = await bench.lifecycle(GlobalSetting).read("expunge.delay", {}, {})
    assert found is not None
    assert found[2] == GIVEN
    await bench.delete(GlobalSetting, found[0], found[1])
    assert value(bench) == "300"


async def test_a_lost_answer_is_looked_after(bench: Bench) -> None:
    bench.fault("lost_answer", "updateConfiguration")
    id, state = await bench.create(GlobalSetting, GIVEN)
    assert bench.commands() == ["updateConfiguration"]
    assert state["memory"] == {"before": "20"}
    bench.fault("lost_answer", "updateConfiguration")
    await bench.delete(GlobalSetting, id, state)
    assert value(bench) == "20"


async def test_a_request_that_never_arrived_is_said_and_changes_nothing(bench: Bench) -> None:
    bench.fault("reset", "updateConfiguration")
    with pytest.raises(OperationFailed, match=r"no answer while setting expunge\.delay to '300'"):
        await bench.create(GlobalSetting, GIVEN)
    assert value(bench) == "20"


async def test_a_value_that_somebody_chose_is_left_alone_unless_adopted(bench: Bench) -> None:
    bench.cloudstack.ask("updateConfiguration", name="expunge.delay", value="7")
    since = bench.mark
    for attempt in (bench.preview, bench.create):
        with pytest.raises(
            OperationFailed, match=r"pulumi import strata:cloudstack:GlobalSetting it expunge\.delay"
        ):
            await attempt(GlobalSetting, GIVEN)
    assert bench.commands(since) == []
    id, state = await bench.create(GlobalSetting, {**GIVEN, "adopt": True})
    await bench.delete(GlobalSetting, id, state)
    assert value(bench) == "7"


REFUSED: list[tuple[dict[str, str], str, str]] = [
    (SWIFT, "4.2 and later have no such setting.*addImageStore.*era: modern", "the seed's setting of old"),
    ({"name": "enable.swift", "value": "true"}, "4.2 and later have no such setting", "as the blog calls it"),
    (
        {"name": "expunge.delai", "value": "1"},
        r"no global setting expunge\.delai\. Did you mean expunge\.delay",
        "a slip",
    ),
    ({"name": "expunge.delay", "value": "soon"}, "can't be 'soon'; it must be a number", "not a number"),
]


@pytest.mark.parametrize(("given", "words", "because"), REFUSED, ids=[row[2] for row in REFUSED])
async def test_what_can_not_be_set_is_said_before_any_change(
    bench: Bench, given: dict[str, Any], words: str, because: str
) -> None:
    for attempt in (bench.preview, bench.create):
        with pytest.raises(OperationFailed, match=words):
            await attempt(GlobalSetting, given)
    assert bench.commands() == [], because


async def test_an_update_to_what_it_can_not_be_is_foreseen(bench: Bench) -> None:
    id, state = await bench.create(GlobalSetting, GIVEN)
    with pytest.raises(OperationFailed, match="it must be a number"):
        await bench.preview_update(GlobalSetting, id, {**GIVEN, "value": "soon"}, state)


async def test_the_setting_of_old_where_it_exists(legacy: Bench) -> None:
    id, state = await legacy.create(GlobalSetting, {**SWIFT, "value": "True"})
    assert (value(legacy, "swift.enable"), state["needsRestart"]) == ("True", True)
    assert await legacy.drift(GlobalSetting, id, SWIFT, state) == ([], state)
    with pytest.raises(OperationFailed, match=r"Did you mean swift\.enable"):
        await legacy.create(GlobalSetting, {"name": "enable.swift", "value": "true"})
    await legacy.delete(GlobalSetting, id, state)
    assert value(legacy, "swift.enable") == "false"


async def test_a_setting_that_needs_a_restart_says_so_when_it_changes(bench: Bench) -> None:
    rows = await bench.api.rows("listConfigurations")
    static = next(row for row in rows if row["isdynamic"] is False)
    await bench.preview(GlobalSetting, {"name": static["name"], "value": static["value"]})
    assert bench.warnings == [], "nothing changes"
    other = {"true": "false", "false": "true"}.get(str(static["value"]).lower(), "17")
    await bench.preview(GlobalSetting, {"name": static["name"], "value": other})
    (warning,) = bench.warnings
    assert f"The new value of {static['name']} takes effect only after a restart" in warning
