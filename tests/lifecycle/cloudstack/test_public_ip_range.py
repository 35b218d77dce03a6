"""A range of public addresses, or of a Basic zone's guests, from create to delete against the emulated server."""

from __future__ import annotations

from typing import Any

import pytest

from strata.errors import InvalidInput
from strata.provider.kinds.cloudstack_public_ip_range import PublicIpRange
from strata.provider.outcome import OperationFailed

from .conftest import Bench
from .obligations import drifts_and_is_repaired, is_deleted_twice

WHOLE = {
    "gateway": "10.130.210.1",
    "netmask": "255.255.255.0",
    "startIp": "10.130.210.10",
    "endIp": "10.130.210.99",
    "vlan": "210",
}
ON_THE_WIRE = {
    "gateway": "10.130.210.1",
    "netmask": "255.255.255.0",
    "startip": "10.130.210.10",
    "endip": "10.130.210.99",
}


def zone_with(bench: Bench, traffic: str = "Public", **more: str) -> str:
    """A zone whose one physical network carries that traffic."""
    zone = bench.zone(**more)
    made = bench.cloudstack.ask("createPhysicalNetwork", zoneid=zone, name="physnet1")["physicalnetwork"]
    bench.cloudstack.ask("addTrafficType", physicalnetworkid=made["id"], traffictype=traffic)
    return zone


def by_hand(bench: Bench, zone: str, **more: str) -> str:
    given = {"zoneid": zone, "forvirtualnetwork": "true", "vlan": "210", **ON_THE_WIRE, **more}
    return str(bench.cloudstack.ask("createVlanIpRange", **given)["vlan"]["id"])


def declared(bench: Bench, **more: Any) -> dict[str, Any]:
    return {"zone": zone_with(bench), **WHOLE, **more}


async def make(bench: Bench, **more: Any) -> tuple[dict[str, Any], str, dict[str, Any]]:
    given = declared(bench, **more)
    id, state = await bench.create(PublicIpRange, given)
    return given, id, state


async def test_made_in_one_call_and_the_same_again_is_no_change(bench: Bench) -> None:
    given, id, state = await make(bench)
    command, params = bench.sent()[-1]
    assert command == "createVlanIpRange"
    assert params == {
        "zoneid": given["zone"],
        "vlan": "210",
        "forvirtualnetwork": "true",
        **ON_THE_WIRE,
    }
    assert state["vlan"] == "210", "CloudStack itself says vlan://210"
    since = bench.mark
    assert await bench.drift(PublicIpRange, id, given, state) == ([], state)
    again, _ = await bench.create(PublicIpRange, given)
    assert again == id
    assert bench.sent(since) == []


@pytest.mark.parametrize("vlan", ["untagged", None], ids=["declared", "left out"])
async def test_untagged_is_no_difference(bench: Bench, vlan: str | None) -> None:
    given, id, state = await make(bench, vlan=vlan)
    assert state["vlan"] == "untagged"
    assert (await bench.drift(PublicIpRange, id, given, state))[0] == []


async def test_the_guests_range_of_a_pod_in_a_basic_zone(bench: Bench) -> None:
    zone = zone_with(bench, "Guest", networktype="Basic")
    offering = bench.cloudstack.ask("listNetworkOfferings")["networkoffering"][0]["id"]
    network = bench.cloudstack.ask("createNetwork", zoneid=zone, networkofferingid=offering, name="guests")
    pod = bench.cloudstack.ask(
        "createPod",
        zoneid=zone,
        name="pod1",
        gateway="10.130.208.1",
        netmask="255.255.255.0",
        startip="10.130.208.100",
    )["pod"]["id"]
    given = {"zone": zone, "pod": pod, "network": network["network"]["id"], **WHOLE, "vlan": None}
    id, state = await bench.create(PublicIpRange, given)
    assert bench.sent()[-1][1]["forvirtualnetwork"] == "false"
    assert state["forGuests"] is True
    assert await bench.drift(PublicIpRange, id, given, state) == ([], state)


async def test_an_import_knows_what_the_create_knew(bench: Bench) -> None:
    given, id, state = await make(bench)
    for asked in (id, "10.130.210.10-10.130.210.99"):
        found = await bench.lifecycle(PublicIpRange).read(asked, {}, {})
        assert found is not None
        assert found[:2] == (id, state)
        assert found[2].keys() == {*given, "physicalNetwork"}


DRIFTS = [
    ({"startip": "10.130.210.20"}, "startIp", {"startip": "10.130.210.10"}),
    ({"endip": "10.130.210.200"}, "endIp", {"endip": "10.130.210.99"}),
    ({"gateway": "10.130.210.254"}, "gateway", {"gateway": "10.130.210.1"}),
    ({"netmask": "255.255.255.128"}, "netmask", {"netmask": "255.255.255.0"}),
]


@pytest.mark.parametrize(("behind", "path", "sends"), DRIFTS, ids=[row[1] for row in DRIFTS])
async def test_what_somebody_else_changed_is_named_and_repaired_by_that_change_alone(
    bench: Bench, behind: dict[str, str], path: str, sends: dict[str, str]
) -> None:
    given, id, state = await make(bench)
    await drifts_and_is_repaired(
        bench, PublicIpRange, given, id, state, ("updateVlanIpRange", behind), [path], sends
    )


async def test_an_older_cloudstack_that_cannot_change_a_range_is_told_at_preview(legacy: Bench) -> None:
    given, id, state = await make(legacy)
    since = legacy.mark
    with pytest.raises(OperationFailed, match=r"that came with 4\.16"):
        await legacy.preview_update(PublicIpRange, id, {**given, "endIp": "10.130.210.120"}, state)
    assert legacy.sent(since) == []


async def test_growing_into_another_range_is_told_at_preview(bench: Bench) -> None:
    given, id, state = await make(bench)
    other = by_hand(bench, given["zone"], startip="10.130.210.110", endip="10.130.210.120")
    since = bench.mark
    with pytest.raises(
        OperationFailed, match=rf"overlaps the range 10.130.210.110-10.130.210.120 \(id {other}\)"
    ):
        await bench.preview_update(PublicIpRange, id, {**given, "endIp": "10.130.210.115"}, state)
    assert bench.sent(since) == []


async def test_a_lost_answer_to_the_create_makes_no_second_range(bench: Bench) -> None:
    bench.fault("lost_answer", "createVlanIpRange")
    given, id, state = await make(bench)
    assert bench.commands().count("createVlanIpRange") == 1
    assert (await bench.drift(PublicIpRange, id, given, state))[0] == []


async def test_a_range_that_would_be_overlapped_is_named_and_left_alone_unless_adopted(bench: Bench) -> None:
    zone = zone_with(bench)
    other = by_hand(bench, zone, startip="10.130.210.50", endip="10.130.210.120")
    since = bench.mark
    with pytest.raises(OperationFailed) as refused:
        await bench.create(PublicIpRange, {"zone": zone, **WHOLE})
    assert "The public IP range 10.130.210.50-10.130.210.120 of CloudStack" in str(refused.value)
    assert "which 10.130.210.10-10.130.210.99 would overlap" in str(refused.value)
    assert f"pulumi import strata:cloudstack:PublicIpRange it {other}" in str(refused.value)
    assert bench.sent(since) == []
    id, state = await bench.create(PublicIpRange, {"zone": zone, **WHOLE, "adopt": True})
    assert id == other
    assert bench.sent(since) == [
        ("updateVlanIpRange", {"id": id, "startip": "10.130.210.10", "endip": "10.130.210.99"})
    ]
    assert (await bench.drift(PublicIpRange, id, {"zone": zone, **WHOLE}, state))[0] == []


async def test_several_that_would_be_overlapped_are_all_named(bench: Bench) -> None:
    zone = zone_with(bench)
    by_hand(bench, zone, startip="10.130.210.10", endip="10.130.210.12")
    by_hand(bench, zone, startip="10.130.210.20", endip="10.130.210.22")
    with pytest.raises(OperationFailed, match=r"overlaps 2 ranges .*10\.12 \(id .*20-10\.130\.210\.22"):
        await bench.preview(PublicIpRange, {"zone": zone, **WHOLE, "adopt": True})


async def test_one_on_another_vlan_cannot_be_adopted(bench: Bench) -> None:
    zone = zone_with(bench)
    by_hand(bench, zone, vlan="211")
    since = bench.mark
    with pytest.raises(OperationFailed, match="vlan is '211' and not '210'"):
        await bench.preview(PublicIpRange, {"zone": zone, **WHOLE, "adopt": True})
    assert bench.sent(since) == []


async def test_a_zone_without_public_traffic_is_told_at_preview_and_refused_at_create(bench: Bench) -> None:
    given = {"zone": bench.zone(), **WHOLE}
    since = bench.mark
    await bench.preview(PublicIpRange, given)
    assert "needs a physical network with Public traffic" in bench.warnings[0], "the same run may add it"
    with pytest.raises(OperationFailed, match="needs a physical network with Public traffic"):
        await bench.create(PublicIpRange, given)
    assert bench.sent(since) == []


async def test_gone_is_gone_and_deleted_twice_is_well(bench: Bench) -> None:
    _, id, state = await make(bench)
    await is_deleted_twice(bench, PublicIpRange, id, state, ["deleteVlanIpRange"])


async def test_a_lost_answer_to_the_delete_asks_only_once(bench: Bench) -> None:
    given, id, state = await make(bench)
    since = bench.mark
    bench.fault("lost_answer", "deleteVlanIpRange")
    await bench.delete(PublicIpRange, id, state)
    assert bench.commands(since) == ["deleteVlanIpRange"]
    assert await bench.lifecycle(PublicIpRange).read(id, given, state) is None


WRONG = [
    ({"startIp": "10.130.210.300"}, "startIp: .*IPv4 address", "no address at all"),
    ({"gateway": "fd00::1"}, "gateway: .*IPv4 address", "IPv6 is not meant here"),
    ({"netmask": "255.0.255.0"}, "netmask: .*must be a netmask", "ones and zeros are mixed"),
    ({"startIp": "10.131.210.10"}, "startIp: .*10.130.210.0/24", "outside of the subnet"),
    ({"endIp": "10.130.210.9"}, "endIp: ", "before the first"),
    ({"startIp": "10.130.210.1"}, "gateway: ", "the gateway lies in the range"),
    ({"vlan": "4095"}, "vlan: .*from 1 to 4094", "no such VLAN"),
    ({"pod": "some-pod"}, "network: is missing", "a pod's range is of its guest network"),
]


@pytest.mark.parametrize(("more", "words", "because"), WRONG, ids=[row[2] for row in WRONG])
def test_what_cannot_be_is_said_before_any_call(
    bench: Bench, more: dict[str, Any], words: str, because: str
) -> None:
    with pytest.raises(InvalidInput, match=words):
        bench.lifecycle(PublicIpRange).check({"zone": "zone", **WHOLE, **more})
    assert bench.mark == 0, because


@pytest.mark.parametrize(
    ("more", "name", "canonical"),
    [
        ({"netmask": "/24"}, "netmask", "255.255.255.0"),
        ({"vlan": "vlan://0210"}, "vlan", "210"),
        ({"vlan": "Untagged"}, "vlan", "untagged"),
    ],
    ids=["a prefix length", "CloudStack's own spelling", "in capitals"],
)
def test_spellings_that_mean_the_same_become_one(
    bench: Bench, more: dict[str, str], name: str, canonical: str
) -> None:
    assert bench.lifecycle(PublicIpRange).check({"zone": "z", **WHOLE, **more})[name] == canonical
