"""What every kind of a zone owes, asked of one kind and one declaration; the tests beside say what is special."""

from __future__ import annotations

from typing import Any

import pytest

from strata.provider.kind import Kind
from strata.provider.outcome import OperationFailed

from .conftest import Bench

AnyKind = type[Kind[Any, Any]]


def by_hand(bench: Bench, *depth: str, store: bool = False) -> dict[str, str]:
    """Ids of a zone and of what is in it, made behind the program's back as deep as named: zone, pod, cluster, host, pool."""
    ask, made = bench.cloudstack.ask, {}
    if store:
        made["store"] = bench.swift_store()
    made["zone"] = bench.zone()
    at = {"zoneid": made["zone"]}
    if "pod" in depth:
        pod = ask("createPod", **at, name="pod1", **POD_ON_THE_WIRE)["pod"]
        made["pod"] = at["podid"] = pod["id"]
    if "cluster" in depth:
        given = {"clustername": "cluster1", "clustertype": "CloudManaged", "hypervisor": "KVM"}
        made["cluster"] = at["clusterid"] = ask("addCluster", **at, **given)["cluster"][0]["id"]
    if "host" in depth:
        host = ask("addHost", **at, hypervisor="KVM", url="http://10.130.208.61")
        made["host"] = host["host"][0]["id"]
    if "pool" in depth:
        pool = ask("createStoragePool", **at, name="primary1", url="nfs://10.130.208.55/primary")
        made["pool"] = pool["storagepool"]["id"]
    return made


POD = {
    "name": "pod1",
    "gateway": "10.130.208.1",
    "netmask": "255.255.255.0",
    "startIp": "10.130.208.100",
    "endIp": "10.130.208.150",
}
POD_ON_THE_WIRE = {key.lower(): value for key, value in POD.items() if key != "name"}


async def made_once(
    bench: Bench, kind: AnyKind, given: dict[str, Any], commands: list[str]
) -> tuple[str, dict[str, Any]]:
    """Nothing at preview, `commands` at the create, nothing for a read, and nothing when it is all asked again."""
    since = bench.mark
    await bench.preview(kind, given)
    assert bench.commands(since) == []
    id, state = await bench.create(kind, given)
    assert bench.commands(since) == commands
    since = bench.mark
    assert await bench.drift(kind, id, given, state) == ([], state)
    again, _ = await bench.create(kind, given)
    assert again == id, "a create whose state was lost finds its object"
    await bench.update(kind, id, given, state)
    assert bench.commands(since) == []
    return id, state


async def survives_a_lost_answer(
    bench: Bench, kind: AnyKind, given: dict[str, Any], command: str, listing: str
) -> None:
    """The create goes on from what is there, and there is one."""
    bench.fault("lost_answer", command)
    id, _ = await bench.create(kind, given)
    rows = await bench.api.rows(listing)
    assert [row["id"] for row in rows] == [id]
    assert bench.commands().count(command) == 1


async def imports_as_declared(
    bench: Bench, kind: AnyKind, given: dict[str, Any], id: str, state: dict[str, Any], *forms: str
) -> None:
    """By id and by the readable forms: the documented id, the state of the create, and the declaration as inputs."""
    lifecycle = bench.lifecycle(kind)
    settings = {"adopt", "credentials", "imageStore", "removeStore", "waitForSystemVms", "seeded"}
    for form in (id, *forms):
        found = await lifecycle.read(form, {}, {})
        assert found is not None
        assert found[0] == id
        assert {key: value for key, value in found[1].items() if key != "memory"} == {
            key: value for key, value in state.items() if key != "memory"
        }
        declared = {key: value for key, value in lifecycle.check(given).items() if key not in settings}
        assert {key: found[2].get(key) for key in declared} == declared
        assert lifecycle.check({**found[2], **{k: v for k, v in given.items() if k in settings}})


async def drifts_and_is_repaired(
    bench: Bench,
    kind: AnyKind,
    given: dict[str, Any],
    id: str,
    state: dict[str, Any],
    behind: tuple[str, dict[str, str]],
    paths: list[str],
    sent: dict[str, str],
) -> None:
    """Another administrator's change is named, and taken back by one call with that change alone."""
    command, params = behind
    bench.cloudstack.ask(command, id=id, **params)
    since = bench.mark
    found, there = await bench.drift(kind, id, given, state)
    assert found == paths
    assert bench.commands(since) == []
    repaired = await bench.update(kind, id, given, there)
    assert bench.sent(since) == [(command, {"id": id, **sent})]
    assert await bench.drift(kind, id, given, repaired) == ([], repaired)


async def is_deleted_twice(
    bench: Bench, kind: AnyKind, id: str, state: dict[str, Any], commands: list[str]
) -> None:
    """Removed, read as gone, removed again without a call that changes."""
    since = bench.mark
    await bench.delete(kind, id, state)
    assert bench.commands(since) == commands
    since = bench.mark
    assert await bench.lifecycle(kind).read(id, state, state) is None
    await bench.delete(kind, id, state)
    assert bench.commands(since) == []


async def is_left_alone_until_adopted(
    bench: Bench,
    kind: AnyKind,
    given: dict[str, Any],
    changed: dict[str, Any],
    id: str,
    commands: list[str],
) -> None:
    """One of that name that is otherwise: an error with the import line, at preview too; `adopt` changes it."""
    wanted, since = {**given, **changed}, bench.mark
    for attempt in (bench.preview, bench.create):
        with pytest.raises(OperationFailed) as told:
            await attempt(kind, wanted)
        assert f"pulumi import {kind.token} it {id}" in str(told.value)
    assert bench.commands(since) == []
    adopted, state = await bench.create(kind, {**wanted, "adopt": True})
    assert adopted == id
    assert bench.commands(since) == commands
    assert await bench.drift(kind, id, wanted, state) == ([], state)
