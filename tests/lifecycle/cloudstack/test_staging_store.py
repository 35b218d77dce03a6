"""A zone's staging store: one of that URL, in that zone, and CloudStack's habit of giving back another zone's."""

from __future__ import annotations

from typing import Any

import pytest

from strata.provider.kinds.cloudstack_staging_store import StagingStore
from strata.provider.outcome import InitFailed, OperationFailed

from .conftest import Bench
from .obligations import imports_as_declared, is_deleted_twice, made_once, survives_a_lost_answer

URL = "nfs://10.130.208.55/secondary"


def given(zone: str, url: str = URL) -> dict[str, Any]:
    return {"zone": zone, "url": url}


async def test_added_in_one_call_and_the_same_again_is_no_change(bench: Bench) -> None:
    zone = bench.zone()
    id, state = await made_once(bench, StagingStore, given(zone), ["createSecondaryStagingStore"])
    assert (state["zone"], state["url"], state["name"]) == (zone, URL, URL)
    sent = bench.sent()[-1][1]
    assert sent == {"provider": "NFS", "url": URL, "zoneid": zone}
    await imports_as_declared(bench, StagingStore, given(zone), id, state, URL)


async def test_a_slash_at_the_end_is_no_other_store(bench: Bench) -> None:
    zone = bench.zone()
    id, state = await bench.create(StagingStore, given(zone, URL + "/"))
    assert await bench.drift(StagingStore, id, given(zone), state) == ([], state)


@pytest.mark.parametrize("url", ["http://a/b", "nfs://a", "10.0.0.1:/b", "nfs://a/b c"])
async def test_only_nfs_urls_are_taken(bench: Bench, url: str) -> None:
    with pytest.raises(Exception, match="it must be an NFS URL"):
        bench.lifecycle(StagingStore).check(given("z", url))


async def test_it_is_deleted_once_and_gone_twice(bench: Bench) -> None:
    id, state = await bench.create(StagingStore, given(bench.zone()))
    await is_deleted_twice(bench, StagingStore, id, state, ["deleteSecondaryStagingStore"])


async def test_a_lost_answer_to_the_delete_is_looked_after(bench: Bench) -> None:
    id, state = await bench.create(StagingStore, given(bench.zone()))
    bench.fault("lost_answer", "deleteSecondaryStagingStore")
    await bench.delete(StagingStore, id, state)
    assert await bench.api.rows("listSecondaryStagingStores") == []


async def test_a_delete_that_never_arrived_is_said(bench: Bench) -> None:
    id, state = await bench.create(StagingStore, given(bench.zone()))
    bench.fault("reset", "deleteSecondaryStagingStore")
    with pytest.raises(
        (OperationFailed, InitFailed), match="gave no answer while deleting the staging store"
    ):
        await bench.delete(StagingStore, id, state)


async def test_a_lost_answer_makes_no_second_store(bench: Bench) -> None:
    await survives_a_lost_answer(
        bench, StagingStore, given(bench.zone()), "createSecondaryStagingStore", "listSecondaryStagingStores"
    )


async def test_one_that_disappeared_is_made_again(bench: Bench) -> None:
    zone = bench.zone()
    id, state = await bench.create(StagingStore, given(zone))
    bench.cloudstack.ask("deleteSecondaryStagingStore", id=id)
    assert await bench.lifecycle(StagingStore).read(id, given(zone), state) is None
    again, _ = await bench.create(StagingStore, given(zone))
    assert again != id


async def test_another_zone_with_the_url_is_named_before_any_change(bench: Bench) -> None:
    first, second = bench.zone(), bench.zone("zone2")
    id, _ = await bench.create(StagingStore, given(first))
    since = bench.mark
    for attempt in (bench.preview, bench.create):
        with pytest.raises(
            OperationFailed, match=rf"of the zone zone1, with the id {id}.*an export of its own"
        ):
            await attempt(StagingStore, given(second))
    assert bench.commands(since) == []


async def test_the_row_of_a_zone_that_was_deleted_is_named(bench: Bench) -> None:
    gone = bench.zone()
    id, _ = await bench.create(StagingStore, given(gone))
    bench.cloudstack.ask("deleteZone", id=gone)
    with pytest.raises(OperationFailed, match=rf"a zone that was deleted \({gone}\), with the id {id}"):
        await bench.create(StagingStore, given(bench.zone("zone2")))


async def test_the_old_store_of_a_replacement_is_not_in_its_way(bench: Bench) -> None:
    first, second = bench.zone(), bench.zone("zone2")
    id, _ = await bench.create(StagingStore, given(first))
    from .conftest import resource

    lifecycle = bench.lifecycle(StagingStore)
    inputs = lifecycle.check(given(second))
    await lifecycle.preview_create(resource(StagingStore.token), inputs, 0, replacing=id)


async def test_a_zone_that_is_not_there_is_said(bench: Bench) -> None:
    nowhere = "11111111-2222-3333-4444-555555555555"
    with pytest.raises(OperationFailed, match=f"no zone with the id {nowhere}"):
        await bench.preview(StagingStore, given(nowhere))


async def test_up_to_4_1_it_is_a_host(legacy: Bench) -> None:
    zone = legacy.zone()
    id, state = await made_once(legacy, StagingStore, given(zone), ["addSecondaryStorage"])
    assert [row["id"] for row in await legacy.api.rows("listHosts", type="SecondaryStorage")] == [id]
    await imports_as_declared(legacy, StagingStore, given(zone), id, state, URL)


async def test_up_to_4_1_a_lost_answer_makes_no_second_host(legacy: Bench) -> None:
    legacy.fault("lost_answer", "addSecondaryStorage")
    id, _ = await legacy.create(StagingStore, given(legacy.zone()))
    assert [row["id"] for row in await legacy.api.rows("listHosts", type="SecondaryStorage")] == [id]


async def test_up_to_4_1_it_is_deleted_once_and_gone_twice(legacy: Bench) -> None:
    id, state = await legacy.create(StagingStore, given(legacy.zone()))
    await is_deleted_twice(legacy, StagingStore, id, state, ["deleteHost"])


async def test_up_to_4_1_a_lost_answer_to_the_delete_is_looked_after(legacy: Bench) -> None:
    id, state = await legacy.create(StagingStore, given(legacy.zone()))
    legacy.fault("lost_answer", "deleteHost")
    await legacy.delete(StagingStore, id, state)
    assert await legacy.api.rows("listHosts") == []
