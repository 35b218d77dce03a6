"""Deleting zones, which is not the reverse of creating them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from strata.provider.kinds.cloudstack_zone import Zone
from strata.provider.outcome import OperationFailed

from . import obligations
from .conftest import Bench
from .obligations import POD_ON_THE_WIRE

ZONE = {"networkType": "Advanced", "dns": ["8.8.8.8"], "internalDns": ["10.0.0.2"]}


async def zone(bench: Bench, name: str, store: str, remove: bool = True) -> tuple[str, dict[str, Any]]:
    """A zone of the stack; the settings of the declaration stand in its state, as the engine keeps them."""
    given = {**ZONE, "name": name, "imageStore": store, "removeStore": remove}
    id, state = await bench.create(Zone, given)
    return id, {**bench.lifecycle(Zone).check(given), **state}


async def stores(bench: Bench) -> list[str]:
    return [str(row["id"]) for row in await bench.api.rows("listImageStores")]


async def zones(bench: Bench) -> list[str]:
    return [str(row["name"]) for row in await bench.api.rows("listZones")]


async def test_the_last_zone_takes_the_store_with_it(bench: Bench) -> None:
    id, state = await zone(bench, "zone1", bench.swift_store())
    await obligations.is_deleted_twice(bench, Zone, id, state, ["deleteImageStore", "deleteZone"])
    assert await stores(bench) == []


async def test_a_zone_that_may_not_take_the_store_is_left(bench: Bench) -> None:
    id, state = await zone(bench, "zone1", bench.swift_store(), remove=False)
    since = bench.mark
    with pytest.raises(
        OperationFailed, match="CloudStack deletes no zone while there is a store for the whole cloud"
    ):
        await bench.delete(Zone, id, state)
    assert bench.commands(since) == []


async def test_another_store_for_the_whole_cloud_is_not_removed(bench: Bench) -> None:
    id, state = await zone(bench, "zone1", bench.swift_store())
    other = bench.swift_store("theirs")
    since = bench.mark
    with pytest.raises(OperationFailed, match=rf"theirs \(Swift, {other}\) is not this stack's"):
        await bench.delete(Zone, id, state)
    assert bench.commands(since) == []


async def test_a_store_that_was_removed_already_is_no_hindrance(bench: Bench) -> None:
    store = bench.swift_store()
    id, state = await zone(bench, "zone1", store)
    bench.cloudstack.ask("deleteImageStore", id=store)
    since = bench.mark
    await bench.delete(Zone, id, state)
    assert bench.commands(since) == ["deleteZone"]


HELD = [
    (lambda store: {"id": "1", "name": "theirs", "templatetype": "USER"}, True, "a list without places"),
    (
        lambda store: {"name": "theirs", "templatetype": "USER", "downloaddetails": [{"datastoreId": store}]},
        True,
        "on the store",
    ),
    (
        lambda store: {"name": "theirs", "templatetype": "USER", "downloaddetails": [{"datastoreId": "no"}]},
        False,
        "on another store",
    ),
    (lambda store: {"name": "routers", "templatetype": "ROUTING"}, False, "the server's own"),
]


@pytest.mark.parametrize(("shown", "kept", "because"), HELD, ids=[row[2] for row in HELD])
async def test_a_store_with_users_templates_is_kept(
    bench: Bench, shown: Any, kept: bool, because: str
) -> None:
    store = bench.swift_store()
    id, state = await zone(bench, "zone1", store)
    bench.cloudstack.emulator.system.add("user_templates", name="theirs", shown=shown(store))
    since = bench.mark
    if not kept:
        await bench.delete(Zone, id, state)
        return
    with pytest.raises(
        OperationFailed, match="the store swift01 would go with it, and holds template theirs"
    ):
        await bench.delete(Zone, id, state)
    assert bench.commands(since) == [], because


async def test_a_template_of_a_project_keeps_the_store_too(bench: Bench) -> None:
    store = bench.swift_store()
    id, state = await zone(bench, "zone1", store)
    shown = {"name": "theirs", "templatetype": "USER"}
    bench.cloudstack.emulator.system.add("user_templates", name="theirs", project="shop", shown=shown)
    with pytest.raises(OperationFailed, match="holds template theirs"):
        await bench.delete(Zone, id, state)


async def test_two_zones_that_go_together_both_go(bench: Bench) -> None:
    store = bench.swift_store()
    one, two = await zone(bench, "zone1", store), await zone(bench, "zone2", store)
    since = bench.mark
    await asyncio.gather(*(bench.delete(Zone, id, state) for id, state in (one, two)))
    assert await zones(bench) == []
    assert await stores(bench) == []
    assert bench.commands(since).count("deleteZone") == 2


@pytest.mark.parametrize("full", ["pod", "network"])
async def test_a_zone_waits_until_the_others_are_bare(bench: Bench, full: str) -> None:
    store = bench.swift_store()
    id, state = await zone(bench, "zone1", store)
    other, _ = await zone(bench, "zone2", store)
    ask, looks = bench.cloudstack.ask, 0
    wire = {"name": "pod1", **POD_ON_THE_WIRE}
    pod = ask("createPod", zoneid=other, **wire)["pod"]["id"] if full == "pod" else ""
    net = ask("createPhysicalNetwork", zoneid=other, name="n")["physicalnetwork"]["id"] if not pod else ""

    def later(seconds: float) -> None:
        nonlocal looks
        looks += 1
        assert store in [row["id"] for row in ask("listImageStores")["imagestore"]]
        bench.cloudstack.advance(seconds)
        if looks == 5:
            ask("deletePod", id=pod) if pod else ask("deletePhysicalNetwork", id=net)

    bench.time.on_sleep = later
    await bench.delete(Zone, id, state)
    assert looks == 5
    assert await zones(bench) == ["zone2"]


async def test_a_zone_that_stays_is_found_out_before_the_store_is_touched(bench: Bench) -> None:
    store = bench.swift_store()
    id, state = await zone(bench, "zone1", store)
    bench.zone("theirs", allocationstate="Enabled")
    since, began = bench.mark, bench.time.now()
    with pytest.raises(OperationFailed, match="the zone theirs is enabled and stays"):
        await bench.delete(Zone, id, state)
    assert bench.commands(since) == []
    assert 60 < bench.time.now() - began < 70, "not the whole deadline"


async def test_at_the_deadline_it_says_what_the_others_still_hold(bench: Bench) -> None:
    store = bench.swift_store()
    id, state = await zone(bench, "zone1", store)
    other, _ = await zone(bench, "zone2", store)
    bench.cloudstack.ask("createPod", zoneid=other, name="pod1", **POD_ON_THE_WIRE)
    since = bench.mark
    with pytest.raises(OperationFailed, match=r"Still there: zone zone2 \(pods: 1, physical networks: 0\)"):
        await bench.delete(Zone, id, state)
    assert bench.commands(since) == []


@pytest.mark.parametrize("command", ["deleteImageStore", "deleteZone"])
async def test_a_lost_answer_is_looked_after(bench: Bench, command: str) -> None:
    id, state = await zone(bench, "zone1", bench.swift_store())
    since = bench.mark
    bench.fault("lost_answer", command)
    await bench.delete(Zone, id, state)
    assert bench.commands(since) == ["deleteImageStore", "deleteZone"]


async def test_what_the_server_still_finds_in_a_zone_is_its_own_sentence(legacy: Bench) -> None:
    made = legacy.zone()
    legacy.cloudstack.ask("createPod", zoneid=made, name="pod1", **POD_ON_THE_WIRE)
    with pytest.raises(OperationFailed, match=r"deleting the zone zone1: 530 .* there are pods in this zone"):
        await legacy.delete(Zone, made, {**ZONE, "name": "zone1"})
