"""The guard of the zones' deletion: it speaks before the first part of a zone is touched, and never touches one itself."""

from __future__ import annotations

from typing import Any

import pytest

from strata.provider.codec import UNKNOWN
from strata.provider.kinds.cloudstack_zone_set import ZoneSet
from strata.provider.outcome import InitFailed, OperationFailed

from .conftest import Bench

REFUSED = (OperationFailed, InitFailed)


def given(store: str, *zones: str) -> dict[str, Any]:
    return {"imageStore": store, "zones": list(zones)}


async def two_zones(bench: Bench) -> tuple[str, str, str]:
    return bench.swift_store(), bench.zone(), bench.zone("zone2")


async def test_it_only_takes_note(bench: Bench) -> None:
    store, one, two = await two_zones(bench)
    since = bench.mark
    id, state = await bench.create(ZoneSet, given(store, one, two))
    assert (id, state["names"]) == ("zones", ["zone1", "zone2"])
    assert await bench.drift(ZoneSet, id, given(store, two, one), state) == ([], state)
    await bench.update(ZoneSet, id, given(store, one, two), state)
    assert bench.commands(since) == []


async def test_zones_of_others_are_no_difference(bench: Bench) -> None:
    store, one, _ = await two_zones(bench)
    id, state = await bench.create(ZoneSet, given(store, one))
    bench.zone("zone3")
    assert (await bench.drift(ZoneSet, id, given(store, one), state))[0] == []


async def test_a_zone_that_disappeared_is_one(bench: Bench) -> None:
    store, one, two = await two_zones(bench)
    id, state = await bench.create(ZoneSet, given(store, one, two))
    bench.cloudstack.ask("deleteImageStore", id=store)
    bench.cloudstack.ask("deleteZone", id=two)
    assert (await bench.drift(ZoneSet, id, given(store, one, two), state))[0] == ["zones"]


async def test_a_new_zone_is_taken_note_of_without_a_call_that_changes(bench: Bench) -> None:
    store, one, two = await two_zones(bench)
    id, state = await bench.create(ZoneSet, given(store, one))
    since = bench.mark
    assert (await bench.drift(ZoneSet, id, given(store, one, two), state))[0] == ["noted"]
    state = await bench.update(ZoneSet, id, given(store, one, two), state)
    assert state["memory"] == {"zones": [one, two]}
    assert (await bench.drift(ZoneSet, id, given(store, one, two), state))[0] == []
    assert bench.commands(since) == []


@pytest.mark.parametrize(
    "zones", [UNKNOWN, ["11111111-2222-3333-4444-555555555555", UNKNOWN]], ids=["all", "one"]
)
async def test_zones_that_are_not_known_yet_are_an_update(bench: Bench, zones: Any) -> None:
    store, one, _ = await two_zones(bench)
    _, state = await bench.create(ZoneSet, given(store, one))
    inputs = {**given(store), "zones": zones, "noted": True}
    assert "zones" in [change.path for change in bench.lifecycle(ZoneSet).diff(inputs, state, [])]


async def test_one_of_two_zones_is_not_removed_while_the_store_stays(bench: Bench) -> None:
    store, one, two = await two_zones(bench)
    id, state = await bench.create(ZoneSet, given(store, one, two))
    since = bench.mark
    for attempt in (bench.preview_update, bench.update):
        with pytest.raises(
            REFUSED, match=r"zone zone2 can't be removed while zone1 stays.*Nothing was touched"
        ):
            await attempt(ZoneSet, id, given(store, one), state)
    assert bench.commands(since) == []


async def test_a_zone_of_others_holds_the_last_of_ours_too(bench: Bench) -> None:
    store, one, _ = await two_zones(bench)
    id, state = await bench.create(ZoneSet, given(store, one))
    with pytest.raises(REFUSED, match=r"zone zone1 can't be removed while zone2 stays"):
        await bench.preview_update(ZoneSet, id, given(store), state)


async def test_the_last_zone_may_go_and_what_that_means_is_said(bench: Bench) -> None:
    store, one = bench.swift_store(), bench.zone()
    id, state = await bench.create(ZoneSet, given(store, one))
    await bench.update(ZoneSet, id, given(store), state)
    assert "zone1 is the last one" in bench.warnings[0]


async def test_a_zone_that_is_gone_already_is_let_go(bench: Bench) -> None:
    store, one, two = await two_zones(bench)
    id, state = await bench.create(ZoneSet, given(store, one, two))
    bench.cloudstack.ask("deleteImageStore", id=store)
    bench.cloudstack.ask("deleteZone", id=two)
    store = bench.swift_store("again")
    state = await bench.update(ZoneSet, id, given(store, one), state)
    assert state["memory"] == {"zones": [one]}


async def test_without_a_store_any_zone_may_go(bench: Bench) -> None:
    store, one, two = await two_zones(bench)
    id, state = await bench.create(ZoneSet, given(store, one, two))
    bench.cloudstack.ask("deleteImageStore", id=store)
    await bench.update(ZoneSet, id, given(store, one), state)


async def test_up_to_4_1_one_of_two_zones_may_go(legacy: Bench) -> None:
    legacy.cloudstack.ask("updateConfiguration", name="swift.enable", value="true")
    store = legacy.cloudstack.ask("addSwift", url="http://swift01:8080/auth/v1.0")["swift"]["id"]
    one, two = legacy.zone(), legacy.zone("zone2")
    id, state = await legacy.create(ZoneSet, given(store, one, two))
    state = await legacy.update(ZoneSet, id, given(store, one), state)
    await legacy.delete(ZoneSet, id, {**state, **given(store, one)})


async def test_all_together_may_go_and_nothing_is_touched_for_it(bench: Bench) -> None:
    store, one, two = await two_zones(bench)
    id, state = await bench.create(ZoneSet, given(store, one, two))
    since = bench.mark
    for _ in range(2):
        await bench.delete(ZoneSet, id, {**state, **given(store, one, two)})
    assert bench.commands(since) == []


async def test_a_zone_of_others_keeps_all(bench: Bench) -> None:
    store, one, _ = await two_zones(bench)
    id, state = await bench.create(ZoneSet, given(store, one))
    since = bench.mark
    with pytest.raises(
        REFUSED, match=r"and zone2, which is not this stack's, needs the store swift01.*Nothing was"
    ):
        await bench.delete(ZoneSet, id, {**state, **given(store, one)})
    assert bench.commands(since) == []


async def test_users_things_in_the_store_keep_all_and_are_named(bench: Bench) -> None:
    store, one = bench.swift_store(), bench.zone()
    id, state = await bench.create(ZoneSet, given(store, one))
    with bench.cloudstack.emulator.system.lock:
        for number in range(12):
            shown = {"id": f"t{number}", "name": f"golden{number}", "templatetype": "USER"}
            bench.cloudstack.emulator.system.add("user_templates", store=store, shown=shown)
    since = bench.mark
    with pytest.raises(REFUSED, match=r"holds template golden0, .*golden9 and 2 more\. Nothing was touched"):
        await bench.delete(ZoneSet, id, {**state, **given(store, one)})
    assert bench.commands(since) == []


async def test_a_second_store_for_the_whole_cloud_keeps_all(bench: Bench) -> None:
    store, one = bench.swift_store(), bench.zone()
    id, state = await bench.create(ZoneSet, given(store, one))
    bench.swift_store("by-hand", "http://elsewhere:8080/auth/v1.0")
    since = bench.mark
    with pytest.raises(REFUSED, match=r"by-hand is not this stack's\. Nothing was touched"):
        await bench.delete(ZoneSet, id, {**state, **given(store, one)})
    assert bench.commands(since) == []


async def test_users_machines_in_any_of_the_zones_keep_all(bench: Bench) -> None:
    store, one, two = await two_zones(bench)
    id, state = await bench.create(ZoneSet, given(store, one, two))
    bench.cloudstack.emulator.system.add("user_vms", name="web1", zoneid=two, account="alice")
    since = bench.mark
    with pytest.raises(REFUSED, match=r"web1 \(Running, account alice\)"):
        await bench.delete(ZoneSet, id, {**state, **given(store, one, two)})
    assert bench.commands(since) == [], "the zone without machines keeps its system VMs too"


async def test_a_store_that_is_gone_keeps_nobody(bench: Bench) -> None:
    store, one, _ = await two_zones(bench)
    id, state = await bench.create(ZoneSet, given(store, one))
    bench.cloudstack.ask("deleteImageStore", id=store)
    await bench.delete(ZoneSet, id, {**state, **given(store, one)})


async def test_it_is_imported_under_its_one_name(bench: Bench) -> None:
    store, one, two = await two_zones(bench)
    found = await bench.lifecycle(ZoneSet).read("zones", {}, {})
    assert found is not None
    assert (found[0], found[2]) == ("zones", {"zones": sorted([one, two]), "noted": False})
    state = await bench.update(ZoneSet, "zones", given(store, one, two), found[1])
    assert (await bench.drift(ZoneSet, "zones", given(store, one, two), state))[0] == []
    with pytest.raises(Exception, match="There is no strata:cloudstack:ZoneSet with the id other"):
        await bench.lifecycle(ZoneSet).read("other", {}, {})
