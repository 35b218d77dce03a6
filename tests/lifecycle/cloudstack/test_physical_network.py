"""A physical network from create to delete against the emulated server: its traffic, its VLANs and its providers."""

from __future__ import annotations

from typing import Any

import pytest

from strata.provider.kinds.cloudstack_physical_network import PhysicalNetwork
from strata.provider.outcome import InitFailed

from .conftest import Bench
from .obligations import is_deleted_twice

MANAGEMENT = {"type": "Management", "kvm": "cloudbr0"}
WHOLE: dict[str, Any] = {
    "name": "physnet1",
    "isolation": ["VLAN"],
    "vlans": "100-199",
    "tags": ["fast"],
    "traffic": [MANAGEMENT, {"type": "Public"}, {"type": "Guest", "kvm": "cloudbr1"}],
    "providers": ["VirtualRouter", "VpcVirtualRouter", "SecurityGroupProvider"],
}
CREATE_COMMANDS = [
    "createPhysicalNetwork",
    *["addTrafficType"] * 3,
    "updatePhysicalNetwork",
    "updateNetworkServiceProvider",
    *["configureVirtualRouterElement", "updateNetworkServiceProvider"] * 2,
]


def declared(zone: str, **more: Any) -> dict[str, Any]:
    return {"zone": zone, **WHOLE, **more}


async def make(bench: Bench, **more: Any) -> tuple[dict[str, Any], str, dict[str, Any]]:
    given = declared(bench.zone(), **more)
    id, state = await bench.create(PhysicalNetwork, given)
    return given, id, state


def traffic_id(bench: Bench, network: str, kind: str) -> str:
    rows = bench.cloudstack.ask("listTrafficTypes", physicalnetworkid=network)["traffictype"]
    return str(next(row["id"] for row in rows if row["traffictype"] == kind))


def provider_id(bench: Bench, network: str, name: str) -> str:
    rows = bench.cloudstack.ask("listNetworkServiceProviders", physicalnetworkid=network)
    return str(next(row["id"] for row in rows["networkserviceprovider"] if row["name"] == name))


async def test_made_in_the_order_of_the_wizard_and_the_same_again_is_no_change(bench: Bench) -> None:
    given, id, state = await make(bench)
    assert bench.commands() == ["createZone", *CREATE_COMMANDS]
    assert dict(bench.sent())["updatePhysicalNetwork"] == {"id": id, "state": "Enabled"}
    since = bench.mark
    assert await bench.drift(PhysicalNetwork, id, given, state) == ([], state)
    await bench.update(PhysicalNetwork, id, given, state)
    again, _ = await bench.create(PhysicalNetwork, given)
    assert again == id, "what is all that is declared is gone on from"
    assert bench.sent(since) == []


async def test_an_import_knows_what_the_create_knew(bench: Bench) -> None:
    given, id, state = await make(bench)
    for asked in (id, "physnet1"):
        found = await bench.lifecycle(PhysicalNetwork).read(asked, {}, {})
        assert found is not None
        assert found[0] == id
        assert found[1] == state
        assert found[2].keys() == {*given, "state"}
        assert bench.lifecycle(PhysicalNetwork).diff(found[2], found[1], []) == []


async def test_a_server_of_the_first_era_is_asked_the_same(legacy: Bench) -> None:
    given, id, state = await make(legacy)
    assert legacy.commands() == ["createZone", *CREATE_COMMANDS]
    assert (await legacy.drift(PhysicalNetwork, id, given, state))[0] == []


DRIFTS = [
    ("updatePhysicalNetwork", {"vlan": "100-150"}, ["vlans"], "updatePhysicalNetwork", {"vlan": "100-199"}),
    ("updatePhysicalNetwork", {"tags": "slow"}, ["tags"], "updatePhysicalNetwork", {"tags": "fast"}),
    (
        "updatePhysicalNetwork",
        {"state": "Disabled"},
        ["state"],
        "updatePhysicalNetwork",
        {"state": "Enabled"},
    ),
    (
        "updateTrafficType Management",
        {"kvmnetworklabel": "cloudbr9"},
        ["traffic[0].kvm"],
        "updateTrafficType",
        {"kvmnetworklabel": "cloudbr0"},
    ),
    (
        "deleteTrafficType Guest",
        {},
        ["traffic[2]"],
        "addTrafficType",
        {"traffictype": "Guest", "kvmnetworklabel": "cloudbr1"},
    ),
    (
        "updateNetworkServiceProvider VirtualRouter",
        {"state": "Disabled"},
        ["providers"],
        "updateNetworkServiceProvider",
        {"state": "Enabled"},
    ),
]


@pytest.mark.parametrize(
    ("change", "behind", "paths", "repair", "sends"), DRIFTS, ids=[f"{row[0]} {row[2][0]}" for row in DRIFTS]
)
async def test_what_somebody_else_changed_is_named_and_repaired_by_that_change_alone(
    bench: Bench, change: str, behind: dict[str, str], paths: list[str], repair: str, sends: dict[str, str]
) -> None:
    given, id, state = await make(bench)
    command, _, part = change.partition(" ")
    look = provider_id if "Provider" in command else traffic_id
    bench.cloudstack.ask(command, id=look(bench, id, part) if part else id, **behind)
    found, refreshed = await bench.drift(PhysicalNetwork, id, given, state)
    assert found == paths
    since = bench.mark
    await bench.preview_update(PhysicalNetwork, id, given, refreshed)
    assert bench.sent(since) == []
    await bench.update(PhysicalNetwork, id, given, refreshed)
    ((sent, params),) = bench.sent(since)
    assert sent == repair
    assert {name: params[name] for name in params if name not in ("id", "physicalnetworkid")} == sends
    assert await bench.drift(PhysicalNetwork, id, given, state) == ([], state)


async def test_traffic_that_somebody_added_is_taken_off_again(bench: Bench) -> None:
    given, id, state = await make(bench, traffic=[MANAGEMENT, {"type": "Public"}])
    bench.cloudstack.ask("addTrafficType", physicalnetworkid=id, traffictype="Guest")
    found, refreshed = await bench.drift(PhysicalNetwork, id, given, state)
    assert found == ["traffic[2]"]
    since = bench.mark
    await bench.update(PhysicalNetwork, id, given, refreshed)
    assert bench.commands(since) == ["deleteTrafficType"]


async def test_storage_traffic_that_the_server_adds_is_no_drift_and_stays(bench: Bench) -> None:
    given, id, state = await make(bench)
    bench.cloudstack.ask("updateZone", id=given["zone"], allocationstate="Enabled")
    found, refreshed = await bench.drift(PhysicalNetwork, id, given, state)
    assert found == []
    assert [one["type"] for one in refreshed["traffic"]] == ["Management", "Public", "Guest", "Storage"]
    since = bench.mark
    changed = {
        **given,
        "vlans": "100-150",
        "traffic": [{**MANAGEMENT, "kvm": "cloudbr7"}, *WHOLE["traffic"][1:]],
    }
    await bench.update(PhysicalNetwork, id, changed, refreshed)
    assert bench.commands(since) == ["updateTrafficType", "updatePhysicalNetwork"]
    again, _ = await bench.create(PhysicalNetwork, changed)
    assert again == id, "a network that the server has added to is still ours"


async def test_providers_beyond_the_declared_ones_are_let_be(bench: Bench) -> None:
    given, id, state = await make(bench, providers=["VirtualRouter"])
    element = bench.cloudstack.ask(
        "listInternalLoadBalancerElements", nspid=provider_id(bench, id, "InternalLbVm")
    )["internalloadbalancerelement"][0]["id"]
    bench.cloudstack.ask("configureInternalLoadBalancerElement", id=element, enabled="true")
    bench.cloudstack.ask(
        "updateNetworkServiceProvider", id=provider_id(bench, id, "InternalLbVm"), state="Enabled"
    )
    assert (await bench.drift(PhysicalNetwork, id, given, state))[0] == []


async def test_a_lost_answer_to_the_create_makes_no_second_network(bench: Bench) -> None:
    bench.fault("lost_answer", "createPhysicalNetwork")
    await make(bench)
    assert bench.commands() == ["createZone", *CREATE_COMMANDS]


async def test_a_lost_answer_to_traffic_is_looked_after(bench: Bench) -> None:
    bench.fault("lost_answer", "addTrafficType")
    await make(bench)
    assert bench.commands() == ["createZone", *CREATE_COMMANDS]


@pytest.mark.parametrize(
    "command", ["addTrafficType", "updatePhysicalNetwork", "configureVirtualRouterElement"]
)
async def test_a_create_that_stops_half_way_keeps_its_id_and_is_gone_on_from(
    bench: Bench, command: str
) -> None:
    given = declared(bench.zone())
    bench.fault("status", command, status=530, message="No.")
    with pytest.raises(InitFailed) as stopped:
        await bench.create(PhysicalNetwork, given)
    assert command in bench.commands()
    state = await bench.update(PhysicalNetwork, stopped.value.id, given, stopped.value.properties)
    assert (await bench.drift(PhysicalNetwork, stopped.value.id, given, state))[0] == []
    assert bench.commands().count("createPhysicalNetwork") == 1


async def test_what_a_killed_run_left_bare_is_gone_on_from_with_a_warning(bench: Bench) -> None:
    given = declared(bench.zone())
    left = bench.cloudstack.ask(
        "createPhysicalNetwork", zoneid=given["zone"], name="physnet1", isolationmethods="VLAN"
    )["physicalnetwork"]["id"]
    await bench.preview(PhysicalNetwork, given)
    assert "without any traffic, as a run that was cut off leaves it" in bench.warnings[0]
    id, _ = await bench.create(PhysicalNetwork, given)
    assert id == left
    assert bench.commands().count("createPhysicalNetwork") == 1


async def test_gone_is_gone_and_deleted_twice_is_well(bench: Bench) -> None:
    _, id, state = await make(bench)
    await is_deleted_twice(bench, PhysicalNetwork, id, state, ["deletePhysicalNetwork"])


async def test_a_lost_answer_to_the_delete_asks_only_once(bench: Bench) -> None:
    given, id, state = await make(bench)
    bench.fault("lost_answer", "deletePhysicalNetwork")
    since = bench.mark
    await bench.delete(PhysicalNetwork, id, state)
    assert bench.commands(since) == ["deletePhysicalNetwork"]
    assert await bench.lifecycle(PhysicalNetwork).read(id, given, state) is None
