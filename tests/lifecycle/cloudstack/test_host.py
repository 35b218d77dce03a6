"""A hypervisor host from create to delete against the emulated server; its password is in nothing that is kept or said."""

from __future__ import annotations

import json
from typing import Any

import pytest

from strata.errors import InvalidInput
from strata.provider.kinds.cloudstack_host import Host
from strata.provider.outcome import OperationFailed

from . import obligations
from .conftest import Bench
from .obligations import by_hand

PASSWORD = "canary-host-password"


def declared(bench: Bench, **changed: Any) -> dict[str, Any]:
    there = by_hand(bench, "pod", "cluster")
    kept = {name: there[name] for name in ("zone", "pod", "cluster")}
    url = {"url": "http://10.130.208.61", "hypervisor": "KVM", "credentials": "kvm", "tags": ["ssd"]}
    return {**kept, **url, **changed}


async def test_made_once(bench: Bench) -> None:
    given = declared(bench)
    _, state = await obligations.made_once(bench, Host, given, ["addHost"])
    _, sent = bench.sent()[-1]
    assert (sent["username"], sent["url"], sent["hosttags"]) == ("root", "http://10.130.208.61", "ssd")
    assert PASSWORD not in json.dumps(state)


async def test_a_lost_answer_makes_no_second_host(bench: Bench) -> None:
    await obligations.survives_a_lost_answer(bench, Host, declared(bench), "addHost", "listHosts")


async def test_an_add_that_never_arrived_is_looked_for_and_then_said(bench: Bench) -> None:
    given = declared(bench)
    bench.fault("reset", "addHost")
    with pytest.raises(OperationFailed, match="120 s later the host is not listed") as told:
        await bench.create(Host, given)
    assert PASSWORD not in str(told.value)


async def test_a_host_that_cannot_be_reached_is_the_servers_sentence(bench: Bench) -> None:
    given = declared(bench, url="http://127.0.0.1:1")
    with pytest.raises(OperationFailed, match=r"adding the host 127.0.0.1 to cluster cluster1: 530") as told:
        await bench.create(Host, given)
    assert PASSWORD not in str(told.value)


async def test_a_password_that_the_server_repeats_is_struck_out(bench: Bench) -> None:
    given = declared(bench)
    bench.fault("status", "addHost", status=530, message=f"login with {PASSWORD} failed")
    with pytest.raises(OperationFailed) as told:
        await bench.create(Host, given)
    assert PASSWORD not in str(told.value)


async def test_credentials_that_the_stack_file_does_not_know(bench: Bench) -> None:
    given = declared(bench, credentials="kmv")
    since = bench.mark
    with pytest.raises(OperationFailed, match=r"hypervisorCredentials .*Did you mean kvm"):
        await bench.preview(Host, given)
    assert bench.commands(since) == []


async def test_an_import_gives_what_a_create_gave(bench: Bench) -> None:
    given = declared(bench)
    id, state = await bench.create(Host, given)
    await obligations.imports_as_declared(bench, Host, given, id, state, "10.130.208.61")


BEHIND = [("fast", "other tags"), ("", "no tags"), ("ssd,fast", "one more")]


@pytest.mark.parametrize(("tags", "because"), BEHIND, ids=[row[1] for row in BEHIND])
async def test_tags_that_somebody_else_changed_are_named_and_repaired(
    bench: Bench, tags: str, because: str
) -> None:
    given = declared(bench)
    id, state = await bench.create(Host, given)
    behind = ("updateHost", {"hosttags": tags})
    await obligations.drifts_and_is_repaired(
        bench, Host, given, id, state, behind, ["tags"], {"hosttags": "ssd"}
    )


async def test_the_order_of_tags_is_nothing_and_none_takes_them_away(bench: Bench) -> None:
    given = declared(bench, tags=["a", "b"])
    id, state = await bench.create(Host, given)
    assert (await bench.drift(Host, id, {**given, "tags": ["b", "a"]}, state))[0] == []
    state = await bench.update(Host, id, {**given, "tags": []}, state)
    assert state["tags"] == []


async def test_tags_that_the_agent_brings_are_not_the_stack_files(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = declared(bench)
    id, state = await bench.create(Host, given)
    listed = bench.api.row

    async def with_implicit(command: str, id: str, **params: Any) -> dict[str, Any] | None:
        row = await listed(command, id, **params)
        return row and {**row, "hosttags": "ssd,gpu", "explicithosttags": "ssd", "implicithosttags": "gpu"}

    monkeypatch.setattr(bench.api, "row", with_implicit)
    assert (await bench.drift(Host, id, given, state))[0] == []


async def test_deleted_twice_through_maintenance(bench: Bench) -> None:
    id, state = await bench.create(Host, declared(bench))
    await obligations.is_deleted_twice(bench, Host, id, state, ["prepareHostForMaintenance", "deleteHost"])


@pytest.mark.parametrize("command", ["prepareHostForMaintenance", "deleteHost"])
async def test_a_lost_answer_to_the_delete_is_looked_after(bench: Bench, command: str) -> None:
    id, state = await bench.create(Host, declared(bench))
    bench.fault("lost_answer", command)
    await bench.delete(Host, id, state)
    assert await bench.api.rows("listHosts") == []
    assert bench.commands().count(command) == 1


async def test_a_maintenance_that_never_began_is_an_error_at_once(bench: Bench) -> None:
    id, state = await bench.create(Host, declared(bench))
    bench.fault("reset", "prepareHostForMaintenance")
    with pytest.raises(OperationFailed, match=r"no answer while putting the host 10.130.208.61 into"):
        await bench.delete(Host, id, state)


async def test_a_maintenance_that_fails_is_the_servers_sentence(bench: Bench) -> None:
    id, state = await bench.create(Host, declared(bench))
    bench.fault("job_failure", "prepareHostForMaintenance", message="no room elsewhere")
    with pytest.raises(OperationFailed, match="no room elsewhere"):
        await bench.delete(Host, id, state)
    assert "deleteHost" not in bench.commands()


async def test_a_maintenance_that_ends_in_an_error_is_not_waited_for(bench: Bench) -> None:
    id, state = await bench.create(Host, declared(bench))
    row = bench.cloudstack.emulator.system.store.table("hosts")[id]
    row["resourcestate"] = "PrepareForMaintenance"
    bench.time.on_sleep = lambda seconds: row.update(resourcestate="ErrorInMaintenance")
    with pytest.raises(OperationFailed, match="ended in ErrorInMaintenance"):
        await bench.delete(Host, id, state)
    assert "deleteHost" not in bench.commands()


async def test_a_host_in_maintenance_already_is_deleted(bench: Bench) -> None:
    id, state = await bench.create(Host, declared(bench))
    bench.cloudstack.ask("prepareHostForMaintenance", id=id)
    bench.cloudstack.advance(10)
    since = bench.mark
    await bench.delete(Host, id, state)
    assert bench.commands(since) == ["deleteHost"]


async def test_another_host_of_that_address_is_left_alone_until_adopted(bench: Bench) -> None:
    there = by_hand(bench, "pod", "cluster", "host")
    given = {name: there[name] for name in ("zone", "pod", "cluster")}
    given |= {"url": "http://10.130.208.61", "hypervisor": "KVM", "credentials": "kvm"}
    await obligations.is_left_alone_until_adopted(
        bench, Host, given, {"tags": ["ssd"]}, there["host"], ["updateHost"]
    )


WRONG = [
    ("10.130.208.61", "no scheme"),
    ("http://root:secret@10.130.208.61", "a password in it"),
    ("nfs://10.130.208.61", "another scheme"),
]


@pytest.mark.parametrize(("url", "because"), WRONG, ids=[row[1] for row in WRONG])
def test_wrong_urls_are_found_before_any_call(bench: Bench, url: str, because: str) -> None:
    at = {"zone": "z", "pod": "p", "cluster": "c", "hypervisor": "KVM", "url": url}
    with pytest.raises(InvalidInput) as told:
        bench.lifecycle(Host).check(at)
    assert [problem.path for problem in told.value.problems] == ["url"], because
    assert "secret" not in str(told.value)
