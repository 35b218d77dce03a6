"""A range of a pod's storage network from create to delete against the emulated server."""

from __future__ import annotations

from typing import Any

import pytest

from strata.provider.kinds.cloudstack_storage_ip_range import StorageIpRange
from strata.provider.outcome import OperationFailed

from .conftest import Bench
from .obligations import drifts_and_is_repaired, is_deleted_twice

WHOLE = {
    "gateway": "10.130.212.1",
    "netmask": "255.255.255.0",
    "startIp": "10.130.212.10",
    "endIp": "10.130.212.50",
    "vlan": "212",
}
ON_THE_WIRE = {
    "gateway": "10.130.212.1",
    "netmask": "255.255.255.0",
    "startip": "10.130.212.10",
    "endip": "10.130.212.50",
    "vlan": "212",
}


def pod_of(bench: Bench, traffic: str = "Storage") -> dict[str, str]:
    """The ids of a zone, whose one physical network carries that traffic, and of a pod in it."""
    zone = bench.zone()
    made = bench.cloudstack.ask("createPhysicalNetwork", zoneid=zone, name="physnet1")["physicalnetwork"]
    bench.cloudstack.ask("addTrafficType", physicalnetworkid=made["id"], traffictype=traffic)
    return {"zone": zone, "pod": another_pod(bench, zone, 208)}


def another_pod(bench: Bench, zone: str, third: int) -> str:
    net = f"10.130.{third}"
    given = {"gateway": f"{net}.1", "netmask": "255.255.255.0", "startip": f"{net}.100"}
    return str(bench.cloudstack.ask("createPod", zoneid=zone, name=f"pod{third}", **given)["pod"]["id"])


def by_hand(bench: Bench, pod: str, **more: str) -> str:
    answer = bench.cloudstack.ask("createStorageNetworkIpRange", podid=pod, **{**ON_THE_WIRE, **more})
    return str(answer["storagenetworkiprange"]["id"])


def declared(bench: Bench, **more: Any) -> dict[str, Any]:
    return {**pod_of(bench), **WHOLE, **more}


async def make(bench: Bench, **more: Any) -> tuple[dict[str, Any], str, dict[str, Any]]:
    given = declared(bench, **more)
    id, state = await bench.create(StorageIpRange, given)
    return given, id, state


async def test_made_by_one_job_and_the_same_again_is_no_change(bench: Bench) -> None:
    given, id, state = await make(bench)
    assert bench.sent()[-1] == ("createStorageNetworkIpRange", {"podid": given["pod"], **ON_THE_WIRE})
    since = bench.mark
    assert await bench.drift(StorageIpRange, id, given, state) == ([], state)
    again, _ = await bench.create(StorageIpRange, given)
    assert again == id
    assert bench.sent(since) == []


@pytest.mark.parametrize("vlan", ["untagged", None], ids=["declared", "left out"])
async def test_untagged_is_not_sent_and_no_difference(bench: Bench, vlan: str | None) -> None:
    given, id, state = await make(bench, vlan=vlan)
    assert "vlan" not in bench.sent()[-1][1], "CloudStack takes a number there, and nothing else"
    assert state["vlan"] == "untagged"
    assert (await bench.drift(StorageIpRange, id, given, state))[0] == []


async def test_an_import_knows_what_the_create_knew(bench: Bench) -> None:
    given, id, state = await make(bench)
    for asked in (id, "10.130.212.10-10.130.212.50"):
        found = await bench.lifecycle(StorageIpRange).read(asked, {}, {})
        assert found is not None
        assert found[:2] == (id, state)
        assert found[2] == {name: given[name] for name in found[2]}
        assert found[2].keys() == given.keys()


DRIFTS = [
    ({"startip": "10.130.212.20"}, "startIp", {"startip": "10.130.212.10"}),
    ({"endip": "10.130.212.60"}, "endIp", {"endip": "10.130.212.50"}),
    ({"netmask": "255.255.255.128"}, "netmask", {"netmask": "255.255.255.0"}),
    ({"vlan": "213"}, "vlan", {"vlan": "212"}),
]


@pytest.mark.parametrize(("behind", "path", "sends"), DRIFTS, ids=[row[1] for row in DRIFTS])
async def test_what_somebody_else_changed_is_named_and_repaired_by_that_change_alone(
    bench: Bench, behind: dict[str, str], path: str, sends: dict[str, str]
) -> None:
    given, id, state = await make(bench)
    await drifts_and_is_repaired(
        bench, StorageIpRange, given, id, state, ("updateStorageNetworkIpRange", behind), [path], sends
    )


async def test_a_tag_cannot_be_taken_away_and_preview_says_so(bench: Bench) -> None:
    given, id, state = await make(bench)
    since = bench.mark
    with pytest.raises(OperationFailed, match="can't be made untagged"):
        await bench.preview_update(StorageIpRange, id, {**given, "vlan": "untagged"}, state)
    assert bench.sent(since) == []


async def test_a_zone_without_storage_traffic_is_told_at_preview_and_refused_at_create(bench: Bench) -> None:
    given = {**pod_of(bench, "Management"), **WHOLE}
    since = bench.mark
    await bench.preview(StorageIpRange, given)
    assert "declare `Storage` in the traffic" in bench.warnings[0], "the same run may add it"
    with pytest.raises(OperationFailed, match="declare `Storage` in the traffic"):
        await bench.create(StorageIpRange, given)
    assert bench.sent(since) == []


async def test_a_lost_answer_to_the_create_makes_no_second_range(bench: Bench) -> None:
    bench.fault("lost_answer", "createStorageNetworkIpRange")
    given, id, state = await make(bench)
    assert bench.commands().count("createStorageNetworkIpRange") == 1
    assert (await bench.drift(StorageIpRange, id, given, state))[0] == []


async def test_a_range_that_would_be_overlapped_is_named_and_left_alone_unless_adopted(bench: Bench) -> None:
    at = pod_of(bench)
    other = by_hand(bench, at["pod"], startip="10.130.212.40", endip="10.130.212.60")
    since = bench.mark
    with pytest.raises(OperationFailed) as refused:
        await bench.create(StorageIpRange, {**at, **WHOLE})
    assert "The storage IP range 10.130.212.40-10.130.212.60 of CloudStack" in str(refused.value)
    assert f"pulumi import strata:cloudstack:StorageIpRange it {other}" in str(refused.value)
    assert bench.sent(since) == []
    id, _ = await bench.create(StorageIpRange, {**at, **WHOLE, "adopt": True})
    assert id == other
    assert bench.commands(since) == ["updateStorageNetworkIpRange"]


async def test_a_range_of_another_pod_is_refused_in_the_servers_words(bench: Bench) -> None:
    at = pod_of(bench)
    by_hand(bench, another_pod(bench, at["zone"], 209))
    with pytest.raises(OperationFailed, match="address range overlap with private IP"):
        await bench.create(StorageIpRange, {**at, **WHOLE})


async def test_gone_is_gone_and_deleted_twice_is_well(bench: Bench) -> None:
    _, id, state = await make(bench)
    await is_deleted_twice(bench, StorageIpRange, id, state, ["deleteStorageNetworkIpRange"])


async def test_a_lost_answer_to_the_delete_asks_only_once(bench: Bench) -> None:
    given, id, state = await make(bench)
    since = bench.mark
    bench.fault("lost_answer", "deleteStorageNetworkIpRange")
    await bench.delete(StorageIpRange, id, state)
    assert bench.commands(since) == ["deleteStorageNetworkIpRange"]
    assert await bench.lifecycle(StorageIpRange).read(id, given, state) is None
