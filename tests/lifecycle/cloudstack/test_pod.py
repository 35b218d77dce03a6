"""A pod from create to delete against the emulated server."""

from __future__ import annotations

from typing import Any

import pytest

from strata.errors import Failed, InvalidInput
from strata.provider.kinds.cloudstack_pod import Pod
from strata.provider.outcome import OperationFailed

from . import obligations
from .conftest import Bench
from .obligations import POD, POD_ON_THE_WIRE, by_hand


async def made(bench: Bench) -> tuple[dict[str, Any], str, dict[str, Any]]:
    given = {"zone": by_hand(bench)["zone"], **POD}
    return given, *await bench.create(Pod, given)


async def test_made_once(bench: Bench) -> None:
    given = {"zone": by_hand(bench)["zone"], **POD}
    _, state = await obligations.made_once(bench, Pod, given, ["createPod"])
    sent = next(params for command, params in bench.sent() if command == "createPod")
    assert sent == {"zoneid": given["zone"], "name": "pod1", **POD_ON_THE_WIRE}
    assert state["zoneName"] == "zone1"


async def test_without_an_end_the_range_goes_to_the_last_address(bench: Bench) -> None:
    given = {"zone": by_hand(bench)["zone"], **POD}
    del given["endIp"]
    id, state = await bench.create(Pod, given)
    assert state["endIp"] == "10.130.208.254"
    assert await bench.drift(Pod, id, given, state) == ([], state)


async def test_a_lost_answer_makes_no_second_pod(bench: Bench) -> None:
    given = {"zone": by_hand(bench)["zone"], **POD}
    await obligations.survives_a_lost_answer(bench, Pod, given, "createPod", "listPods")


async def test_an_import_gives_what_a_create_gave(bench: Bench) -> None:
    given, id, state = await made(bench)
    await obligations.imports_as_declared(bench, Pod, given, id, state, "pod1")


BEHIND = [
    ({"name": "podX"}, ["name"], {"name": "pod1"}),
    ({"startip": "10.130.208.90"}, ["startIp"], {"startip": "10.130.208.100"}),
    ({"endip": "10.130.208.200"}, ["endIp"], {"endip": "10.130.208.150"}),
    ({"gateway": "10.130.208.2"}, ["gateway"], {"gateway": "10.130.208.1"}),
    ({"netmask": "255.255.0.0"}, ["netmask"], {"netmask": "255.255.255.0"}),
]


@pytest.mark.parametrize(("behind", "paths", "sent"), BEHIND, ids=[row[1][0] for row in BEHIND])
async def test_what_somebody_else_changed_is_named_and_repaired(
    bench: Bench, behind: dict[str, str], paths: list[str], sent: dict[str, str]
) -> None:
    given, id, state = await made(bench)
    await obligations.drifts_and_is_repaired(bench, Pod, given, id, state, ("updatePod", behind), paths, sent)


async def test_deleted_twice(bench: Bench) -> None:
    _, id, state = await made(bench)
    await obligations.is_deleted_twice(bench, Pod, id, state, ["deletePod"])


async def test_a_lost_answer_to_the_delete_is_looked_after(bench: Bench) -> None:
    _, id, state = await made(bench)
    bench.fault("lost_answer", "deletePod")
    await bench.delete(Pod, id, state)
    assert await bench.api.rows("listPods") == []


async def test_another_pod_of_that_name_is_left_alone_until_adopted(bench: Bench) -> None:
    there = by_hand(bench, "pod")
    await obligations.is_left_alone_until_adopted(
        bench, Pod, {"zone": there["zone"], **POD}, {"endIp": "10.130.208.160"}, there["pod"], ["updatePod"]
    )


async def test_a_pod_of_that_name_in_another_zone_is_another(bench: Bench) -> None:
    there = by_hand(bench, "pod")
    other = bench.zone("zone2")
    id, _ = await bench.create(Pod, {"zone": other, **POD, "gateway": "10.130.208.3"})
    assert id != there["pod"]


async def test_an_ambiguous_name_is_not_imported(bench: Bench) -> None:
    by_hand(bench, "pod")
    await bench.create(Pod, {"zone": bench.zone("zone2"), **POD})
    with pytest.raises(Failed, match="2 pods of CloudStack are named pod1"):
        await bench.lifecycle(Pod).read("pod1", {}, {})


async def test_the_servers_refusal_names_pod_and_zone(bench: Bench) -> None:
    there = by_hand(bench, "pod")
    with pytest.raises(
        OperationFailed, match="creating the pod pod2 in zone zone1: 431 The subnet of the pod"
    ):
        await bench.create(Pod, {"zone": there["zone"], **POD, "name": "pod2"})


WRONG = [
    ({"startIp": "10.130.207.10"}, "startIp", "out of the network"),
    ({"endIp": "10.130.208.99"}, "endIp", "before the start"),
    ({"gateway": "10.130.208.110"}, "gateway", "in the range"),
    ({"gateway": "router"}, "gateway", "no address"),
    ({"netmask": "255.0.255.0"}, "netmask", "no mask"),
]


@pytest.mark.parametrize(("changed", "path", "because"), WRONG, ids=[row[2] for row in WRONG])
def test_wrong_addresses_are_found_before_any_call(
    bench: Bench, changed: dict[str, str], path: str, because: str
) -> None:
    with pytest.raises(InvalidInput) as told:
        bench.lifecycle(Pod).check({"zone": "z", **POD, **changed})
    assert [problem.path for problem in told.value.problems] == [path], because
