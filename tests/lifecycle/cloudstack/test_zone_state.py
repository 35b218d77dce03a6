"""A zone put to use and out of use: its system VMs are waited for, and what keeps them away is named."""

from __future__ import annotations

import re
from typing import Any

import pytest

from strata.errors import InvalidInput
from strata.provider.kinds.cloudstack_zone_state import ZoneState
from strata.provider.outcome import InitFailed, OperationFailed

from . import obligations
from .conftest import Bench, resource
from .obligations import by_hand

ALL = ("pod", "cluster", "host", "pool")


def network(bench: Bench, zone: str, *traffic: str) -> None:
    made = bench.cloudstack.ask("createPhysicalNetwork", zoneid=zone, name="physnet1")["physicalnetwork"]
    for each in traffic:
        bench.cloudstack.ask("addTrafficType", physicalnetworkid=made["id"], traffictype=each)


def ready(bench: Bench, *depth: str, staging: bool = True, seeded: bool = True) -> dict[str, str]:
    """A zone with networks and, if not said otherwise, with all that its system VMs need."""
    there = by_hand(bench, *(depth or ALL), store=True)
    network(bench, there["zone"], "Management", "Public", "Guest")
    if staging:
        bench.cloudstack.ask(
            "createSecondaryStagingStore", zoneid=there["zone"], url="nfs://10.130.208.55/sec"
        )
    if seeded:
        bench.cloudstack.seed_template(there["zone"])
    return there


def enabled(there: dict[str, str], **changed: Any) -> dict[str, Any]:
    return {"zone": there["zone"], **changed}


async def test_made_once_and_the_system_vms_run(bench: Bench) -> None:
    there = ready(bench)
    id, state = await obligations.made_once(bench, ZoneState, enabled(there), ["updateZone"])
    assert id == there["zone"]
    assert [line.split()[0] + line.split()[2] for line in state["systemVms"]] == [
        "consoleproxyRunning",
        "secondarystoragevmRunning",
    ]


async def test_the_progress_says_where_they_stand(bench: Bench) -> None:
    there, lines = ready(bench), []

    async def said(urn: str, line: str) -> None:
        lines.append(line)

    lifecycle = bench.lifecycle(ZoneState)
    object.__setattr__(lifecycle, "progress", said)
    await lifecycle.create(resource(ZoneState.token), lifecycle.check(enabled(there)), 0)
    assert lines[0] == "waiting for the system VMs of zone zone1: there are none"
    assert any("Starting" in line for line in lines)
    assert any("the agent of the secondary storage VM is not up yet" in line for line in lines)


async def test_a_lost_answer_is_looked_after(bench: Bench) -> None:
    there = ready(bench)
    bench.fault("lost_answer", "updateZone")
    await bench.create(ZoneState, enabled(there))
    assert bench.commands().count("updateZone") == 1


async def test_without_waiting_it_only_enables(bench: Bench) -> None:
    there = ready(bench, "pod")
    given = enabled(there, waitForSystemVms=False)
    id, state = await obligations.made_once(bench, ZoneState, given, ["updateZone"])
    assert state["systemVms"] == []
    assert await bench.drift(ZoneState, id, given, state) == ([], state), "nobody waits for them"


MISSING: list[tuple[tuple[str, ...], dict[str, bool], str, str]] = [
    (("pod", "cluster"), {}, r"No host of the zone is up \(it has none\)\.", "no host"),
    (("pod", "cluster", "host"), {}, "The zone has no primary storage", "no primary storage"),
    (ALL, {"staging": False}, "The zone has no NFS staging store", "no staging store"),
    (ALL, {"seeded": False}, "Declare `systemVmTemplate` in the zone zone1", "no template"),
]


@pytest.mark.parametrize(("depth", "less", "said", "because"), MISSING, ids=[row[3] for row in MISSING])
async def test_what_keeps_system_vms_away_is_named_and_the_next_run_goes_on(
    bench: Bench, depth: tuple[str, ...], less: dict[str, bool], said: str, because: str
) -> None:
    there = ready(bench, *depth, **less)
    with pytest.raises(InitFailed, match=said) as told:
        await bench.create(ZoneState, enabled(there), 120)
    assert told.value.id == there["zone"], because
    assert told.value.properties["state"] == "Enabled"
    paths, state = await bench.drift(ZoneState, there["zone"], enabled(there), told.value.properties)
    assert paths == ["systemVmsReady"], "what never came is still missing"
    bench.cloudstack.configure(system_vms="always")
    if depth != ALL:
        return
    since = bench.mark
    state = await bench.update(ZoneState, there["zone"], enabled(there), state)
    assert bench.commands(since) == [], "it only waits"
    assert len(state["systemVms"]) == 2


async def test_a_template_that_was_put_there_and_did_not_help_is_another_sentence(bench: Bench) -> None:
    there = ready(bench, seeded=False)
    with pytest.raises(InitFailed, match=r"although this stack put it on the staging store \(by us\)"):
        await bench.create(ZoneState, enabled(there, seeded="by us"), 120)


REFUSED = [
    ((), "Management or Public|Management .* Public", "no traffic"),
    (("Management",), "carries Public traffic", "no public traffic"),
    (("Public",), "carries Management traffic", "no management traffic"),
]


@pytest.mark.parametrize(("traffic", "said", "because"), REFUSED, ids=[row[2] for row in REFUSED])
async def test_what_the_server_would_refuse_is_said_at_preview(
    bench: Bench, traffic: tuple[str, ...], said: str, because: str
) -> None:
    zone = bench.zone()
    network(bench, zone, *traffic)
    since = bench.mark
    with pytest.raises(OperationFailed, match=f"zone zone1 can't be enabled: .*({said})"):
        await bench.create(ZoneState, {"zone": zone})
    assert bench.commands(since) == [], because
    # After a run that was cut off a preview knows the zone, and the same run adds what is missing.
    await bench.preview(ZoneState, {"zone": zone})
    (warning,) = bench.warnings
    assert re.search(said, warning), because
    assert "Unless this run adds it" in warning


async def test_a_basic_zone_needs_no_public_traffic(bench: Bench) -> None:
    zone = bench.zone(networktype="Basic")
    network(bench, zone, "Management")
    await bench.create(ZoneState, {"zone": zone, "waitForSystemVms": False})


async def test_a_zone_that_is_not_there(bench: Bench) -> None:
    with pytest.raises(OperationFailed, match="There is no zone with the id"):
        await bench.create(ZoneState, {"zone": "0d7ea2d1-1b5e-4d3f-9b6c-7f1f2c1b9a55"})


async def test_an_import_gives_what_a_create_gave(bench: Bench) -> None:
    there = ready(bench)
    id, state = await bench.create(ZoneState, enabled(there))
    await obligations.imports_as_declared(bench, ZoneState, enabled(there), id, state, "zone1")


async def test_a_zone_that_somebody_disabled_is_named_and_enabled_again(bench: Bench) -> None:
    there = ready(bench)
    id, state = await bench.create(ZoneState, enabled(there))
    behind = ("updateZone", {"allocationstate": "Disabled"})
    await obligations.drifts_and_is_repaired(
        bench, ZoneState, enabled(there), id, state, behind, ["state"], {"allocationstate": "Enabled"}
    )


async def test_system_vms_that_died_are_an_output_and_no_drift(bench: Bench) -> None:
    there = ready(bench)
    id, state = await bench.create(ZoneState, enabled(there))
    bench.cloudstack.configure(system_vms="never")
    for vm in await bench.api.rows("listSystemVms"):
        bench.cloudstack.ask("destroySystemVm", id=vm["id"])
    paths, seen = await bench.drift(ZoneState, id, enabled(there), state)
    assert paths == []
    assert seen["systemVms"] == []


async def test_declared_disabled_it_is_disabled_and_nothing_is_waited_for(bench: Bench) -> None:
    there = ready(bench)
    id, state = await bench.create(ZoneState, enabled(there))
    given = enabled(there, state="Disabled")
    since = bench.mark
    state = await bench.update(ZoneState, id, given, state)
    assert bench.commands(since) == ["updateZone"]
    assert await bench.drift(ZoneState, id, given, state) == ([], state)


async def test_deleting_disables_and_destroys_the_system_vms(bench: Bench) -> None:
    there = ready(bench)
    id, state = await bench.create(ZoneState, enabled(there))
    since = bench.mark
    await bench.delete(ZoneState, id, state)
    assert bench.commands(since) == ["updateZone", "destroySystemVm", "destroySystemVm"]
    bench.cloudstack.advance(600)
    assert await bench.api.rows("listSystemVms") == [], "they do not come back in a disabled zone"
    since = bench.mark
    await bench.delete(ZoneState, id, state)
    assert bench.commands(since) == []


@pytest.mark.parametrize(
    ("whose", "said"),
    [
        ({"account": "alice"}, "web1 (Running, account alice)"),
        ({"project": "shop"}, "web1 (Running, project shop)"),
    ],
    ids=["of an account", "of a project, which listall leaves out"],
)
async def test_users_machines_are_named_before_anything_is_touched(
    bench: Bench, whose: dict[str, str], said: str
) -> None:
    there = ready(bench)
    id, state = await bench.create(ZoneState, enabled(there))
    system = bench.cloudstack.emulator.system
    machine = system.add("user_vms", name="web1", zoneid=id, **whose)
    since = bench.mark
    with pytest.raises(OperationFailed, match=re.escape(said)):
        await bench.delete(ZoneState, id, state)
    assert bench.commands(since) == []
    assert len(await bench.api.rows("listSystemVms")) == 2
    machine["~removed"] = True
    await bench.delete(ZoneState, id, state)
    assert await bench.api.rows("listSystemVms") == []


async def test_machines_of_another_zone_keep_nothing(bench: Bench) -> None:
    there = ready(bench)
    id, state = await bench.create(ZoneState, enabled(there))
    bench.cloudstack.emulator.system.add("user_vms", name="web1", zoneid=bench.zone("zone2"))
    await bench.delete(ZoneState, id, state)
    assert await bench.api.rows("listSystemVms") == []


@pytest.mark.parametrize("command", ["updateZone", "destroySystemVm"])
async def test_a_lost_answer_to_the_delete_is_looked_after(bench: Bench, command: str) -> None:
    there = ready(bench)
    id, state = await bench.create(ZoneState, enabled(there))
    since = bench.mark
    bench.fault("lost_answer", command)
    await bench.delete(ZoneState, id, state)
    assert sorted(bench.commands(since)) == ["destroySystemVm", "destroySystemVm", "updateZone"]
    assert await bench.api.rows("listSystemVms") == []


async def test_a_system_vm_that_does_not_go_is_named_at_the_deadline(bench: Bench) -> None:
    there = ready(bench)
    id, state = await bench.create(ZoneState, enabled(there))
    bench.fault("job_hang", "destroySystemVm", times=0)
    with pytest.raises(OperationFailed, match="estroying the system VM"):
        await bench.delete(ZoneState, id, state)


async def test_of_a_zone_that_has_gone_there_is_nothing_to_delete(bench: Bench) -> None:
    zone = bench.zone()
    bench.cloudstack.ask("deleteZone", id=zone)
    await bench.delete(ZoneState, zone, {"zone": zone, "state": "Enabled"})


async def test_a_legacy_server_is_waited_for_likewise(legacy: Bench) -> None:
    there = by_hand(legacy, *ALL)
    network(legacy, there["zone"], "Management", "Public")
    with pytest.raises(InitFailed, match="no NFS staging store"):
        await legacy.create(ZoneState, enabled(there), 120)
    legacy.cloudstack.ask("addSecondaryStorage", zoneid=there["zone"], url="nfs://10.130.208.55/sec")
    id, state = await legacy.create(ZoneState, enabled(there))
    assert len(state["systemVms"]) == 2
    await legacy.delete(ZoneState, id, state)


def test_nobody_declares_system_vms_that_never_come(bench: Bench) -> None:
    with pytest.raises(InvalidInput, match="systemVmsReady"):
        bench.lifecycle(ZoneState).check({"zone": "z", "systemVmsReady": False})
