"""What somebody else has removed from CloudStack is read as gone, and the next run makes it again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from strata.provider.kind import Kind
from strata.provider.kinds.cloudstack_cluster import Cluster
from strata.provider.kinds.cloudstack_guest_network import GuestNetwork
from strata.provider.kinds.cloudstack_host import Host
from strata.provider.kinds.cloudstack_image_store import ImageStore
from strata.provider.kinds.cloudstack_physical_network import PhysicalNetwork
from strata.provider.kinds.cloudstack_pod import Pod
from strata.provider.kinds.cloudstack_primary_storage import PrimaryStorage
from strata.provider.kinds.cloudstack_public_ip_range import PublicIpRange
from strata.provider.kinds.cloudstack_storage_ip_range import StorageIpRange
from strata.provider.kinds.cloudstack_zone import Zone

from . import (
    test_cluster,
    test_guest_network,
    test_host,
    test_image_store,
    test_physical_network,
    test_primary_storage,
    test_public_ip_range,
    test_storage_ip_range,
    test_zone,
)
from .conftest import Bench
from .obligations import POD, by_hand

AnyKind = type[Kind[Any, Any]]
Given = Callable[[Bench], dict[str, Any]]

Removal = Callable[[Bench, str], None]


def asked(*commands: str) -> Removal:
    """By these commands, each with the id."""

    def remove(bench: Bench, id: str) -> None:
        for command in commands:
            bench.cloudstack.ask(command, id=id)
            bench.cloudstack.advance(10)

    return remove


def taken_from(table: str) -> Removal:
    """By the database: no command removes a zone while there is the store that it needs."""

    def remove(bench: Bench, id: str) -> None:
        bench.cloudstack.emulator.system.store.table(table)[id]["~removed"] = True

    return remove


GONE: list[tuple[AnyKind, Given, Removal]] = [
    (ImageStore, lambda bench: test_image_store.GIVEN, asked("deleteImageStore")),
    (Zone, test_zone.declared, taken_from("zones")),
    (
        PhysicalNetwork,
        lambda bench: test_physical_network.declared(bench.zone()),
        asked("deletePhysicalNetwork"),
    ),
    (Pod, lambda bench: {"zone": by_hand(bench)["zone"], **POD}, asked("deletePod")),
    (Cluster, test_cluster.declared, asked("deleteCluster")),
    (Host, test_host.declared, asked("prepareHostForMaintenance", "deleteHost")),
    (PrimaryStorage, test_primary_storage.declared, asked("enableStorageMaintenance", "deleteStoragePool")),
    (GuestNetwork, test_guest_network.declared, asked("deleteNetwork")),
    (PublicIpRange, test_public_ip_range.declared, asked("deleteVlanIpRange")),
    (StorageIpRange, test_storage_ip_range.declared, asked("deleteStorageNetworkIpRange")),
]


@pytest.mark.parametrize(("kind", "given", "remove"), GONE, ids=[row[0].__name__ for row in GONE])
async def test_what_disappeared_is_gone_and_made_again(
    bench: Bench, kind: AnyKind, given: Given, remove: Removal
) -> None:
    declared = given(bench)
    id, state = await bench.create(kind, declared)
    remove(bench, id)
    lifecycle = bench.lifecycle(kind)
    since = bench.mark
    assert await lifecycle.read(id, lifecycle.check(declared), state) is None
    assert bench.commands(since) == [], "a refresh only reads"
    again, made = await bench.create(kind, declared)
    assert again != id
    assert await bench.drift(kind, again, declared, made) == ([], made)
