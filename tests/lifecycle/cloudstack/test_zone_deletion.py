"""Deleting zones, which is not the reverse of creating them; and whole zones up and down with every kind that is in one."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from strata.provider.kinds.cloudstack_cluster import Cluster
from strata.provider.kinds.cloudstack_guest_network import GuestNetwork
from strata.provider.kinds.cloudstack_host import Host
from strata.provider.kinds.cloudstack_physical_network import PhysicalNetwork
from strata.provider.kinds.cloudstack_pod import Pod
from strata.provider.kinds.cloudstack_primary_storage import PrimaryStorage
from strata.provider.kinds.cloudstack_public_ip_range import PublicIpRange
from strata.provider.kinds.cloudstack_staging_store import StagingStore
from strata.provider.kinds.cloudstack_storage_ip_range import StorageIpRange
from strata.provider.kinds.cloudstack_zone import Zone
from strata.provider.kinds.cloudstack_zone_state import ZoneState
from strata.provider.outcome import OperationFailed

from . import obligations
from .conftest import AUTH_URL, Bench
from .obligations import AnyKind

ZONE = {"networkType": "Advanced", "dns": ["8.8.8.8"], "internalDns": ["10.0.0.2"]}
POD = {
    "name": "pod1",
    "gateway": "10.130.208.1",
    "netmask": "255.255.255.0",
    "startIp": "10.130.208.100",
    "endIp": "10.130.208.150",
}


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
    wire = {key.lower(): value for key, value in POD.items()}
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
    bench.cloudstack.ask("createPod", zoneid=other, **{key.lower(): value for key, value in POD.items()})
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
    legacy.cloudstack.ask("createPod", zoneid=made, **{key.lower(): value for key, value in POD.items()})
    with pytest.raises(OperationFailed, match=r"deleting the zone zone1: 530 .* there are pods in this zone"):
        await legacy.delete(Zone, made, {**ZONE, "name": "zone1"})


class Site:
    """Everything of one zone, made by its kinds in the order of the graph, and taken down in the reverse."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.made: list[tuple[AnyKind, str, dict[str, Any], dict[str, Any]]] = []

    async def add(self, kind: AnyKind, **given: Any) -> str:
        lifecycle = self.bench.lifecycle(kind)
        id, state = await self.bench.create(kind, given)
        self.made.append((kind, id, given, {**lifecycle.check(given), **state}))
        return id

    async def below(self, at: dict[str, str]) -> None:
        """What is in a pod."""
        cluster = await self.add(Cluster, **at, name="cluster1", hypervisor="KVM")
        at = {**at, "cluster": cluster}
        host = {"url": "http://10.130.208.61", "hypervisor": "KVM", "credentials": "kvm"}
        await self.add(Host, **at, **host)
        await self.add(PrimaryStorage, **at, name="primary1", url="nfs://10.130.208.55/primary")
        await self.add(StagingStore, zone=at["zone"], url="nfs://10.130.208.55/secondary")
        self.bench.cloudstack.seed_template(at["zone"])
        await self.add(ZoneState, zone=at["zone"])

    async def unchanged(self) -> None:
        since = self.bench.mark
        for kind, id, given, state in self.made:
            assert (await self.bench.drift(kind, id, given, state))[0] == [], kind.token
        assert self.bench.commands(since) == []

    async def down(self) -> None:
        for kind, id, _, state in reversed(self.made):
            await self.bench.delete(kind, id, state)
        for kind, id, _, state in self.made:
            assert await self.bench.lifecycle(kind).read(id, state, state) is None, kind.token


async def test_a_whole_advanced_zone_up_and_down(bench: Bench) -> None:
    site, store = Site(bench), bench.swift_store()
    made = await site.add(Zone, **ZONE, name="zone1", imageStore=store, removeStore=True)
    traffic = [
        {"type": "Management", "kvm": "cloudbr0"},
        {"type": "Public"},
        {"type": "Guest"},
        {"type": "Storage"},
    ]
    await site.add(
        PhysicalNetwork,
        zone=made,
        name="physnet1",
        isolation=["VLAN"],
        vlans="100-199",
        traffic=traffic,
        providers=["VirtualRouter", "VpcVirtualRouter"],
    )
    pod = await site.add(Pod, zone=made, **POD)
    addresses = {"netmask": "255.255.255.0"}
    public = {"gateway": "10.130.210.1", "startIp": "10.130.210.10", "endIp": "10.130.210.99", "vlan": "210"}
    await site.add(PublicIpRange, zone=made, **public, **addresses)
    storage = {"gateway": "10.130.212.1", "startIp": "10.130.212.10", "endIp": "10.130.212.50"}
    await site.add(StorageIpRange, zone=made, pod=pod, **storage, **addresses)
    await site.below({"zone": made, "pod": pod})
    await site.unchanged()
    await site.down()
    assert await zones(bench) == []
    assert await stores(bench) == []


async def test_a_whole_basic_zone_up_and_down(bench: Bench) -> None:
    site, store = Site(bench), bench.swift_store()
    basic = {**ZONE, "networkType": "Basic"}
    made = await site.add(Zone, **basic, name="zone1", imageStore=store, removeStore=True)
    traffic = [{"type": "Management"}, {"type": "Guest"}]
    providers = ["VirtualRouter", "SecurityGroupProvider"]
    await site.add(PhysicalNetwork, zone=made, name="physnet1", traffic=traffic, providers=providers)
    offering = "DefaultSharedNetworkOfferingWithSGService"
    network = await site.add(GuestNetwork, zone=made, name="defaultGuestNetwork", offering=offering)
    pod = await site.add(Pod, zone=made, **POD)
    guests = {"gateway": "10.130.208.1", "netmask": "255.255.255.0"}
    guests |= {"startIp": "10.130.208.160", "endIp": "10.130.208.220"}
    await site.add(PublicIpRange, zone=made, pod=pod, network=network, **guests)
    await site.below({"zone": made, "pod": pod})
    await site.unchanged()
    await site.down()
    assert await zones(bench) == []


async def test_a_whole_legacy_zone_up_and_down_leaves_swift_where_it_is(legacy: Bench) -> None:
    ask = legacy.cloudstack.ask
    ask("updateConfiguration", name="swift.enable", value="true")
    store = ask("addSwift", url=AUTH_URL, account="test", username="tester", key="k")["swift"]["id"]
    site = Site(legacy)
    made = await site.add(Zone, **ZONE, name="zone1", imageStore=store, removeStore=True)
    traffic = [{"type": "Management"}, {"type": "Public"}, {"type": "Guest"}]
    await site.add(PhysicalNetwork, zone=made, name="physnet1", traffic=traffic, providers=["VirtualRouter"])
    pod = await site.add(Pod, zone=made, **POD)
    await site.below({"zone": made, "pod": pod})
    await site.unchanged()
    await site.down()
    assert await zones(legacy) == []
    assert [row["id"] for row in await legacy.api.rows("listSwifts")] == [store]
