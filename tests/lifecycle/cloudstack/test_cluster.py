"""A cluster from create to delete against the emulated server."""

from __future__ import annotations

from typing import Any

import pytest

from strata.errors import InvalidInput
from strata.provider.kinds.cloudstack_cluster import Cluster
from strata.provider.outcome import OperationFailed

from . import obligations
from .conftest import Bench
from .obligations import by_hand


def declared(bench: Bench, **changed: Any) -> dict[str, Any]:
    there = by_hand(bench, "pod")
    return {"zone": there["zone"], "pod": there["pod"], "name": "cluster1", "hypervisor": "KVM", **changed}


async def test_made_once(bench: Bench) -> None:
    given = declared(bench, hypervisor="kvm")
    _, state = await obligations.made_once(bench, Cluster, given, ["addCluster"])
    assert (state["hypervisor"], state["clusterType"], state["podName"]) == ("KVM", "CloudManaged", "pod1")


async def test_a_lost_answer_makes_no_second_cluster(bench: Bench) -> None:
    await obligations.survives_a_lost_answer(bench, Cluster, declared(bench), "addCluster", "listClusters")


async def test_an_import_gives_what_a_create_gave(bench: Bench) -> None:
    given = declared(bench)
    id, state = await bench.create(Cluster, given)
    await obligations.imports_as_declared(bench, Cluster, given, id, state, "cluster1")


async def test_a_name_that_somebody_else_changed_is_named_and_repaired(bench: Bench) -> None:
    given = declared(bench)
    id, state = await bench.create(Cluster, given)
    behind = ("updateCluster", {"clustername": "other"})
    await obligations.drifts_and_is_repaired(
        bench, Cluster, given, id, state, behind, ["name"], {"clustername": "cluster1"}
    )


async def test_deleted_twice(bench: Bench) -> None:
    id, state = await bench.create(Cluster, declared(bench))
    await obligations.is_deleted_twice(bench, Cluster, id, state, ["deleteCluster"])


async def test_a_cluster_with_hosts_is_not_deleted(bench: Bench) -> None:
    there = by_hand(bench, "pod", "cluster", "host")
    found = await bench.lifecycle(Cluster).read(there["cluster"], {}, {})
    assert found is not None
    with pytest.raises(
        OperationFailed, match="deleting the cluster cluster1: 530 Cluster: 1 cannot be removed"
    ):
        await bench.delete(Cluster, there["cluster"], found[1])


async def test_one_of_another_hypervisor_can_be_imported_but_not_changed(bench: Bench) -> None:
    there = by_hand(bench, "pod", "cluster")
    given = {"zone": there["zone"], "pod": there["pod"], "name": "cluster1", "hypervisor": "VMware"}
    since = bench.mark
    with pytest.raises(
        OperationFailed, match=f"pulumi import strata:cloudstack:Cluster it {there['cluster']}"
    ):
        await bench.create(Cluster, given)
    with pytest.raises(OperationFailed, match="hypervisor is 'KVM' and not 'VMware'"):
        await bench.preview(Cluster, {**given, "adopt": True})
    assert bench.commands(since) == []


def test_a_hypervisor_that_the_server_would_take_as_none(bench: Bench) -> None:
    with pytest.raises(InvalidInput, match="found 'Zork'; allowed are KVM"):
        bench.lifecycle(Cluster).check({"zone": "z", "pod": "p", "name": "c", "hypervisor": "Zork"})
