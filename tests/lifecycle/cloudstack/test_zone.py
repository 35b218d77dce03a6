"""A zone from create to delete against the emulated server: behind the Swift store, whatever the graph says."""

from __future__ import annotations

from typing import Any

import pytest

from strata.errors import InvalidInput
from strata.provider.kinds.cloudstack_zone import Zone
from strata.provider.outcome import OperationFailed

from . import obligations
from .conftest import AUTH_URL, Bench, resource

ZONE = {
    "name": "zone1",
    "networkType": "Advanced",
    "dns": ["8.8.8.8", "8.8.4.4"],
    "internalDns": ["10.0.0.2"],
    "domain": "cs.example",
    "guestCidr": "10.1.1.0/24",
    "localStorage": False,
}


def declared(bench: Bench, **changed: Any) -> dict[str, Any]:
    return {**ZONE, "imageStore": bench.swift_store(), "removeStore": True, **changed}


async def test_made_once(bench: Bench) -> None:
    given = declared(bench)
    _, state = await obligations.made_once(bench, Zone, given, ["createZone"])
    _, sent = bench.sent()[-1]
    assert sent == {
        "name": "zone1",
        "networktype": "Advanced",
        "dns1": "8.8.8.8",
        "dns2": "8.8.4.4",
        "internaldns1": "10.0.0.2",
        "domain": "cs.example",
        "guestcidraddress": "10.1.1.0/24",
        "localstorageenabled": "false",
    }
    assert state["securityGroups"] is False


async def test_a_basic_zone_has_security_groups_without_being_asked(bench: Bench) -> None:
    given = declared(bench, networkType="Basic", securityGroups=True, guestCidr=None)
    await obligations.made_once(bench, Zone, given, ["createZone"])


NO_STORE = [
    ("", "imageStore is not given", "nothing was declared"),
    ("0d7ea2d1-1b5e-4d3f-9b6c-7f1f2c1b9a55", "it has none", "the store has gone from CloudStack"),
]


@pytest.mark.parametrize(("store", "said", "because"), NO_STORE, ids=[row[2] for row in NO_STORE])
async def test_without_the_swift_store_there_is_no_zone(
    bench: Bench, store: str, said: str, because: str
) -> None:
    for attempt in (bench.preview, bench.create):
        with pytest.raises(OperationFailed, match=said):
            await attempt(Zone, {**ZONE, "imageStore": store})
    assert bench.commands() == [], because


async def test_an_nfs_store_or_another_swift_store_is_not_the_one(bench: Bench) -> None:
    other = bench.swift_store("other")
    with pytest.raises(OperationFailed, match=f"it has other \\({other}\\)"):
        await bench.create(Zone, {**ZONE, "imageStore": "0d7ea2d1-1b5e-4d3f-9b6c-7f1f2c1b9a55"})


async def test_the_legacy_era_has_its_own_list_of_stores(legacy: Bench) -> None:
    with pytest.raises(OperationFailed, match="it has none"):
        await legacy.preview(Zone, {**ZONE, "imageStore": "1"})
    legacy.cloudstack.ask("updateConfiguration", name="swift.enable", value="true")
    store = legacy.cloudstack.ask("addSwift", url=AUTH_URL, account="test", username="tester", key="k")[
        "swift"
    ]
    given = {**ZONE, "imageStore": store["id"]}
    id, state = await obligations.made_once(legacy, Zone, given, ["createZone"])
    await obligations.is_deleted_twice(legacy, Zone, id, state, ["deleteZone"])


async def test_a_lost_answer_makes_no_second_zone(bench: Bench) -> None:
    await obligations.survives_a_lost_answer(bench, Zone, declared(bench), "createZone", "listZones")


async def test_an_import_gives_what_a_create_gave(bench: Bench) -> None:
    given = declared(bench)
    id, state = await bench.create(Zone, given)
    await obligations.imports_as_declared(bench, Zone, given, id, state, "zone1")


DNS = {"dns1": "8.8.8.8", "dns2": "8.8.4.4"}
BEHIND = [
    ({"name": "other"}, ["name"], {"name": "zone1"}),
    ({"dns1": "1.1.1.1"}, ["dns"], DNS),
    ({"dns2": "1.1.1.1"}, ["dns"], DNS),
    ({"dns2": ""}, ["dns"], DNS),
    ({"internaldns1": "10.0.0.3"}, ["internalDns"], {"internaldns1": "10.0.0.2", "internaldns2": ""}),
    ({"internaldns2": "10.0.0.3"}, ["internalDns"], {"internaldns1": "10.0.0.2", "internaldns2": ""}),
    ({"domain": "other.example"}, ["domain"], {"domain": "cs.example"}),
    ({"domain": ""}, ["domain"], {"domain": "cs.example"}),
    ({"guestcidraddress": "10.9.0.0/16"}, ["guestCidr"], {"guestcidraddress": "10.1.1.0/24"}),
    ({"localstorageenabled": "true"}, ["localStorage"], {"localstorageenabled": "false"}),
]


@pytest.mark.parametrize(("behind", "paths", "sent"), BEHIND, ids=[str(row[0]) for row in BEHIND])
async def test_what_somebody_else_changed_is_named_and_repaired(
    bench: Bench, behind: dict[str, str], paths: list[str], sent: dict[str, str]
) -> None:
    given = declared(bench)
    id, state = await bench.create(Zone, given)
    await obligations.drifts_and_is_repaired(
        bench, Zone, given, id, state, ("updateZone", behind), paths, sent
    )


async def test_enabling_is_another_kinds_and_no_difference_here(bench: Bench) -> None:
    given = declared(bench)
    id, state = await bench.create(Zone, given)
    bench.cloudstack.emulator.system.store.table("zones")[id]["allocationstate"] = "Enabled"
    assert await bench.drift(Zone, id, given, state) == ([], state)


async def test_another_zone_of_that_name_is_left_alone_until_adopted(bench: Bench) -> None:
    there = bench.zone(domain="old.example", guestcidraddress="10.1.1.0/24", dns2="8.8.4.4")
    await obligations.is_left_alone_until_adopted(
        bench, Zone, declared(bench), {"domain": "new.example"}, there, ["updateZone"]
    )


async def test_a_zone_of_another_network_type_is_not_adopted(bench: Bench) -> None:
    bench.zone(networktype="Basic")
    given, since = declared(bench, adopt=True), bench.mark
    with pytest.raises(OperationFailed, match="networkType is 'Basic' and not 'Advanced'"):
        await bench.create(Zone, given)
    assert bench.commands(since) == []


async def test_a_name_that_another_zone_has_is_refused_at_preview(bench: Bench) -> None:
    given = declared(bench)
    id, state = await bench.create(Zone, given)
    other = bench.zone("zone2")
    since = bench.mark
    with pytest.raises(OperationFailed, match=f"the zone with the id {other} has that name"):
        await bench.preview_update(Zone, id, {**given, "name": "zone2"}, state)
    assert bench.commands(since) == []


async def test_two_zones_of_one_name_are_not_guessed_between(bench: Bench) -> None:
    bench.zone()
    bench.cloudstack.configure(races=1)
    bench.zone()
    with pytest.raises(OperationFailed, match="2 zones stand where zone1 would"):
        await bench.preview(Zone, declared(bench))


async def test_a_replacement_would_take_the_store_along_and_is_refused_at_preview(bench: Bench) -> None:
    given = declared(bench)
    id, _ = await bench.create(Zone, given)
    lifecycle, since = bench.lifecycle(Zone), bench.mark
    wanted = lifecycle.check({**given, "networkType": "Basic", "guestCidr": None})
    with pytest.raises(OperationFailed, match="The zone zone1 can't be replaced"):
        await lifecycle.preview_create(resource(Zone.token), wanted, 0, replacing=id)
    assert bench.commands(since) == []


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"dns": ["8.8.8.8", "8.8.4.4", "1.1.1.1"]}, "dns", "three servers"),
    ({"dns": []}, "dns", "no server"),
    ({"internalDns": ["router"]}, "internalDns", "no address"),
    ({"guestCidr": "10.1.1.1/24"}, "guestCidr", "host bits"),
    ({"networkType": "Basic"}, "guestCidr", "a Basic zone has no guest CIDR"),
    ({"networkType": "basic", "guestCidr": None}, "networkType", "another spelling"),
    (
        {"networkType": "Basic", "guestCidr": None, "securityGroups": False},
        "securityGroups",
        "always there",
    ),
]


@pytest.mark.parametrize(("changed", "path", "because"), WRONG, ids=[row[2] for row in WRONG])
def test_what_is_wrong_is_found_before_any_call(
    bench: Bench, changed: dict[str, Any], path: str, because: str
) -> None:
    with pytest.raises(InvalidInput) as told:
        bench.lifecycle(Zone).check({**ZONE, **changed})
    assert [problem.path for problem in told.value.problems] == [path], because
