"""The guest network of a Basic zone from create to delete against the emulated server."""

from __future__ import annotations

from typing import Any

import pytest

from strata.provider.kinds.cloudstack_guest_network import GuestNetwork
from strata.provider.outcome import OperationFailed

from .conftest import Bench
from .obligations import drifts_and_is_repaired, is_deleted_twice

OFFERING = "DefaultSharedNetworkOfferingWithSGService"
WHOLE = {"name": "defaultGuestNetwork", "offering": OFFERING, "displayText": "Guests of zone1"}


def basic_zone(bench: Bench) -> tuple[str, str]:
    """(zone, physical network that carries its guests)."""
    zone = bench.zone(networktype="Basic")
    made = bench.cloudstack.ask("createPhysicalNetwork", zoneid=zone, name="physnet1")["physicalnetwork"]
    bench.cloudstack.ask("addTrafficType", physicalnetworkid=made["id"], traffictype="Guest")
    return zone, str(made["id"])


def by_hand(bench: Bench, zone: str, **more: str) -> str:
    offering = bench.cloudstack.ask("listNetworkOfferings", name=OFFERING)["networkoffering"][0]["id"]
    given = {"zoneid": zone, "networkofferingid": offering, "name": WHOLE["name"], **more}
    return str(bench.cloudstack.ask("createNetwork", **given)["network"]["id"])


def declared(bench: Bench, **more: Any) -> dict[str, Any]:
    return {"zone": basic_zone(bench)[0], **WHOLE, **more}


async def make(bench: Bench, **more: Any) -> tuple[dict[str, Any], str, dict[str, Any]]:
    given = declared(bench, **more)
    id, state = await bench.create(GuestNetwork, given)
    return given, id, state


async def test_made_in_one_call_and_the_same_again_is_no_change(bench: Bench) -> None:
    given, id, state = await make(bench)
    command, params = bench.sent()[-1]
    assert command == "createNetwork"
    assert params["displaytext"] == "Guests of zone1"
    assert "physicalnetworkid" not in params, "what is not declared is not sent"
    since = bench.mark
    assert await bench.drift(GuestNetwork, id, given, state) == ([], state)
    again, _ = await bench.create(GuestNetwork, given)
    assert again == id
    assert bench.sent(since) == []


async def test_a_named_physical_network_is_sent_and_compared(bench: Bench) -> None:
    zone, carrier = basic_zone(bench)
    given = {"zone": zone, **WHOLE, "physicalNetwork": carrier}
    id, state = await bench.create(GuestNetwork, given)
    assert bench.sent()[-1][1]["physicalnetworkid"] == carrier
    assert (await bench.drift(GuestNetwork, id, given, state))[0] == []
    assert (await bench.drift(GuestNetwork, id, {**given, "physicalNetwork": "other"}, state))[0] == [
        "physicalNetwork"
    ]


async def test_an_import_knows_what_the_create_knew(bench: Bench) -> None:
    given, id, state = await make(bench)
    for asked in (id, "defaultGuestNetwork"):
        found = await bench.lifecycle(GuestNetwork).read(asked, {}, {})
        assert found is not None
        assert found[:2] == (id, state)
        assert found[2].keys() == {*given, "physicalNetwork"}


DRIFTS = [
    ({"name": "other"}, "name", {"name": "defaultGuestNetwork"}),
    ({"displaytext": "Other text"}, "displayText", {"displaytext": "Guests of zone1"}),
]


@pytest.mark.parametrize(("behind", "path", "sends"), DRIFTS, ids=[row[1] for row in DRIFTS])
async def test_what_somebody_else_changed_is_named_and_repaired_by_that_change_alone(
    bench: Bench, behind: dict[str, str], path: str, sends: dict[str, str]
) -> None:
    given, id, state = await make(bench)
    await drifts_and_is_repaired(
        bench, GuestNetwork, given, id, state, ("updateNetwork", behind), [path], sends
    )


@pytest.mark.parametrize(
    ("offering", "words"),
    [
        ("DefaultSharedNetworkOfferingWithSGServices", f"Did you mean {OFFERING}"),
        ("Gold", "It has: DefaultIsolatedNetworkOfferingWithSourceNatService, DefaultShared"),
    ],
    ids=["a slip of the pen", "nothing like it"],
)
async def test_an_unknown_offering_is_told_with_those_that_there_are(
    bench: Bench, offering: str, words: str
) -> None:
    given = {"zone": basic_zone(bench)[0], **WHOLE, "offering": offering}
    since = bench.mark
    with pytest.raises(OperationFailed, match=words):
        await bench.preview(GuestNetwork, given)
    assert bench.sent(since) == []


async def test_a_lost_answer_to_the_create_makes_no_second_network(bench: Bench) -> None:
    bench.fault("lost_answer", "createNetwork")
    given, id, state = await make(bench)
    assert bench.commands().count("createNetwork") == 1
    assert (await bench.drift(GuestNetwork, id, given, state))[0] == []


async def test_a_foreign_network_is_left_alone_unless_adopted(bench: Bench) -> None:
    zone, _ = basic_zone(bench)
    other = by_hand(bench, zone, displaytext="Somebody's")
    since = bench.mark
    with pytest.raises(OperationFailed, match=f"pulumi import strata:cloudstack:GuestNetwork it {other}"):
        await bench.create(GuestNetwork, {"zone": zone, **WHOLE})
    assert bench.sent(since) == []
    id, _ = await bench.create(GuestNetwork, {"zone": zone, **WHOLE, "adopt": True})
    assert id == other
    assert bench.commands(since) == ["updateNetwork"]


async def test_one_of_another_offering_cannot_be_adopted(bench: Bench) -> None:
    zone, _ = basic_zone(bench)
    by_hand(bench, zone)
    with pytest.raises(OperationFailed, match="offering is 'DefaultSharedNetworkOfferingWithSGService'"):
        await bench.preview(
            GuestNetwork, {"zone": zone, **WHOLE, "offering": "DefaultSharedNetworkOffering", "adopt": True}
        )


async def test_gone_is_gone_and_deleted_twice_is_well(bench: Bench) -> None:
    _, id, state = await make(bench)
    await is_deleted_twice(bench, GuestNetwork, id, state, ["deleteNetwork"])


async def test_a_lost_answer_to_the_delete_asks_only_once(bench: Bench) -> None:
    given, id, state = await make(bench)
    since = bench.mark
    bench.fault("lost_answer", "deleteNetwork")
    await bench.delete(GuestNetwork, id, state)
    assert bench.commands(since) == ["deleteNetwork"]
    assert await bench.lifecycle(GuestNetwork).read(id, given, state) is None
