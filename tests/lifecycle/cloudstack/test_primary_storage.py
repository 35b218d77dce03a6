"""Primary storage from create to delete against the emulated server."""

from __future__ import annotations

from typing import Any

import pytest

from strata.errors import InvalidInput
from strata.provider.kinds.cloudstack_primary_storage import PrimaryStorage
from strata.provider.outcome import OperationFailed

from . import obligations
from .conftest import Bench, resource
from .obligations import by_hand

POOL = {"name": "primary1", "url": "nfs://10.130.208.55/primary", "tags": ["fast"]}


def declared(bench: Bench, **changed: Any) -> dict[str, Any]:
    there = by_hand(bench, "pod", "cluster", "host")
    return {**{name: there[name] for name in ("zone", "pod", "cluster")}, **POOL, **changed}


async def test_made_once(bench: Bench) -> None:
    given = declared(bench, url="nfs://10.130.208.55//primary/")
    _, state = await obligations.made_once(bench, PrimaryStorage, given, ["createStoragePool"])
    assert (state["url"], state["scope"]) == ("nfs://10.130.208.55/primary", "cluster")


async def test_a_lost_answer_makes_no_second_storage(bench: Bench) -> None:
    await obligations.survives_a_lost_answer(
        bench, PrimaryStorage, declared(bench), "createStoragePool", "listStoragePools"
    )


async def test_the_whole_zones_has_the_hypervisor_of_its_clusters(bench: Bench) -> None:
    given = declared(bench, scope="zone")
    del given["pod"], given["cluster"]
    id, state = await obligations.made_once(bench, PrimaryStorage, given, ["createStoragePool"])
    assert (state["scope"], state["hypervisor"]) == ("zone", "KVM")
    await obligations.imports_as_declared(bench, PrimaryStorage, given, id, state, "primary1")


async def test_the_whole_zones_in_a_zone_without_clusters_needs_a_hypervisor(bench: Bench) -> None:
    given = {"zone": bench.zone(), **POOL, "scope": "zone"}
    await bench.preview(PrimaryStorage, given)
    assert "clusters have none yet. Unless this run adds it" in bench.warnings[0], "the same run may add one"
    with pytest.raises(OperationFailed, match=r"clusters have none yet. Add a cluster, or give `hypervisor`"):
        await bench.create(PrimaryStorage, given)
    assert "createStoragePool" not in bench.commands()
    await bench.create(PrimaryStorage, {**given, "hypervisor": "kvm"})


async def test_clusters_of_two_hypervisors_are_an_error_at_preview(bench: Bench) -> None:
    there = by_hand(bench, "pod", "cluster")
    other = {"clustername": "cluster2", "clustertype": "CloudManaged", "hypervisor": "XenServer"}
    bench.cloudstack.ask("addCluster", zoneid=there["zone"], podid=there["pod"], **other)
    with pytest.raises(OperationFailed, match=r"clusters have KVM, XenServer. Give `hypervisor`"):
        await bench.preview(PrimaryStorage, {"zone": there["zone"], **POOL, "scope": "zone"})


async def test_without_a_host_that_is_up_nothing_is_asked(bench: Bench) -> None:
    there = by_hand(bench, "pod", "cluster")
    given = {**{name: there[name] for name in ("zone", "pod", "cluster")}, **POOL}
    since = bench.mark
    await bench.preview(PrimaryStorage, given)
    assert "no host of cluster cluster1 is up (it has none)" in bench.warnings[0]
    assert "Unless this run adds it" in bench.warnings[0]
    with pytest.raises(OperationFailed, match=r"no host of cluster cluster1 is up \(it has none\)"):
        await bench.create(PrimaryStorage, given)
    assert bench.commands(since) == []


async def test_the_storage_that_is_replaced_ends_no_check(bench: Bench) -> None:
    given = declared(bench)
    id, _ = await bench.create(PrimaryStorage, given)
    elsewhere = {"clustername": "cluster2", "clustertype": "CloudManaged", "hypervisor": "KVM"}
    at = {"zoneid": given["zone"], "podid": given["pod"]}
    cluster = bench.cloudstack.ask("addCluster", **at, **elsewhere)["cluster"][0]["id"]
    lifecycle = bench.lifecycle(PrimaryStorage)
    moved = lifecycle.check({**given, "cluster": cluster})
    await lifecycle.preview_create(resource(PrimaryStorage.token), moved, 0, replacing=id)
    assert "no host of cluster cluster2 is up" in bench.warnings[0]
    with pytest.raises(OperationFailed, match="exists already"):
        await lifecycle.preview_create(resource(PrimaryStorage.token), moved, 0, replacing="another")


FOREIGN = [
    ({"type": "NetworkFilesystem", "ipaddress": "nas", "path": "/"}, "nfs://nas/", "the whole server"),
    (
        {"type": "NetworkFilesystem", "ipaddress": "nas", "path": "/a#b"},
        "nfs://nas/a#b",
        "a fragment to a url",
    ),
    ({"type": "NetworkFilesystem", "ipaddress": "nas", "path": "/a?b"}, "nfs://nas/a?b", "a query to a url"),
    ({"type": "NetworkFilesystem", "ipaddress": "[", "path": "/a"}, "nfs://[/a", "no address at all"),
    ({"type": "NetworkFilesystem", "path": "/a"}, "nfs:///a", "no server"),
    ({"type": "RBD", "ipaddress": "ceph", "path": "rbd"}, "rbd://cephrbd", "no NFS"),
    (
        {"type": "NetworkFilesystem", "ipaddress": "nas", "path": "//a/"},
        "nfs://nas/a",
        "canonical where it can be",
    ),
]


@pytest.mark.parametrize(("row", "url", "because"), FOREIGN, ids=[row[2] for row in FOREIGN])
async def test_storage_that_nobody_could_declare_is_read_as_it_is(
    bench: Bench, row: dict[str, str], url: str, because: str
) -> None:
    known = {"id": "1", "zoneid": "z", "name": "foreign", "scope": "CLUSTER"}
    observed = await PrimaryStorage(bench.connections).observed({**known, **row})
    assert observed.actual.url == url, because


async def test_an_import_gives_what_a_create_gave(bench: Bench) -> None:
    given = declared(bench)
    id, state = await bench.create(PrimaryStorage, given)
    await obligations.imports_as_declared(bench, PrimaryStorage, given, id, state, "primary1")


BEHIND = [
    ({"name": "other"}, ["name"], {"name": "primary1"}),
    ({"tags": "slow"}, ["tags"], {"tags": "fast"}),
    ({"tags": ""}, ["tags"], {"tags": "fast"}),
]


@pytest.mark.parametrize(("behind", "paths", "sent"), BEHIND, ids=[str(row[0]) for row in BEHIND])
async def test_what_somebody_else_changed_is_named_and_repaired(
    bench: Bench, behind: dict[str, str], paths: list[str], sent: dict[str, str]
) -> None:
    given = declared(bench)
    id, state = await bench.create(PrimaryStorage, given)
    await obligations.drifts_and_is_repaired(
        bench, PrimaryStorage, given, id, state, ("updateStoragePool", behind), paths, sent
    )


async def test_deleted_twice_through_maintenance(bench: Bench) -> None:
    id, state = await bench.create(PrimaryStorage, declared(bench))
    commands = ["enableStorageMaintenance", "deleteStoragePool"]
    await obligations.is_deleted_twice(bench, PrimaryStorage, id, state, commands)


@pytest.mark.parametrize("command", ["enableStorageMaintenance", "deleteStoragePool"])
async def test_a_lost_answer_to_the_delete_is_looked_after(bench: Bench, command: str) -> None:
    id, state = await bench.create(PrimaryStorage, declared(bench))
    bench.fault("lost_answer", command)
    await bench.delete(PrimaryStorage, id, state)
    assert await bench.api.rows("listStoragePools") == []
    assert bench.commands().count(command) == 1


async def test_a_maintenance_that_fails_is_the_servers_sentence(bench: Bench) -> None:
    id, state = await bench.create(PrimaryStorage, declared(bench))
    bench.fault("job_failure", "enableStorageMaintenance", message="disks in use")
    with pytest.raises(
        OperationFailed, match="putting the primary storage primary1 into maintenance: 530 disks in use"
    ):
        await bench.delete(PrimaryStorage, id, state)


async def test_another_of_that_url_is_left_alone_until_adopted(bench: Bench) -> None:
    there = by_hand(bench, "pod", "cluster", "host", "pool")
    given = {**{name: there[name] for name in ("zone", "pod", "cluster")}, **POOL}
    del given["tags"]
    await obligations.is_left_alone_until_adopted(
        bench, PrimaryStorage, given, {"name": "other"}, there["pool"], ["updateStoragePool"]
    )


async def test_one_of_that_name_on_another_path_is_not_adopted(bench: Bench) -> None:
    there = by_hand(bench, "pod", "cluster", "host", "pool")
    given = {**{name: there[name] for name in ("zone", "pod", "cluster")}, **POOL}
    since = bench.mark
    with pytest.raises(OperationFailed, match=r"url is 'nfs://10.130.208.55/primary' and not"):
        await bench.create(PrimaryStorage, {**given, "url": "nfs://10.130.208.55/second", "adopt": True})
    assert bench.commands(since) == []


WRONG: list[tuple[dict[str, Any], list[str], str]] = [
    ({"url": "10.130.208.55:/primary"}, ["url"], "the form of fstab"),
    ({"url": "nfs://10.130.208.55"}, ["url"], "no path"),
    ({"url": "iscsi://10.130.208.55/lun"}, ["url"], "not NFS"),
    ({"scope": "zone"}, ["pod", "cluster"], "a zone's has neither"),
    ({"cluster": None}, ["cluster"], "a cluster's needs it"),
    ({"hypervisor": "KVM"}, ["hypervisor"], "a cluster's is the cluster's"),
]


@pytest.mark.parametrize(("changed", "paths", "because"), WRONG, ids=[row[2] for row in WRONG])
def test_what_is_wrong_is_found_before_any_call(
    bench: Bench, changed: dict[str, Any], paths: list[str], because: str
) -> None:
    with pytest.raises(InvalidInput) as told:
        bench.lifecycle(PrimaryStorage).check({"zone": "z", "pod": "p", "cluster": "c", **POOL, **changed})
    assert [problem.path for problem in told.value.problems] == paths, because
