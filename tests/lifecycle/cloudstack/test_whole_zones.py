"""Whole zones up and down, with every kind that is in one, in both eras."""

from __future__ import annotations

from typing import Any

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

from .conftest import AUTH_URL, Bench
from .obligations import POD, AnyKind
from .test_zone_deletion import ZONE, stores, zones


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
