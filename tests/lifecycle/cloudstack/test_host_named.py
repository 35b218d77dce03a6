"""A hypervisor host whose url has another name than its agent: found again, and no difference."""

from __future__ import annotations

from typing import Any

import pytest

from strata.clients.cloudstack_errors import refusal
from strata.provider.kinds import cloudstack_host_found
from strata.provider.kinds.cloudstack_host import Host
from strata.provider.kinds.cloudstack_host_found import Adds, addresses_of
from strata.provider.outcome import InitFailed, OperationFailed

from . import obligations
from .conftest import Bench
from .test_host import declared

NAMED = {"url": "http://kvm1.example"}
AGENT = {"name": "kvm1.other", "ipaddress": "10.130.208.61"}


@pytest.fixture(autouse=True)
def resolved(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Name -> address, all that this machine's name server knows."""
    known: dict[str, str] = {}

    async def stand_in(place: str) -> frozenset[str]:
        return frozenset({known[place]} if place in known else ())

    monkeypatch.setattr(cloudstack_host_found, "addresses_of", stand_in)
    return known


@pytest.fixture
def agent_named_otherwise(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists show a host by what its agent says, which has another name for itself than the stack file."""
    rows = bench.api.rows

    async def as_the_agent_says(command: str, **params: Any) -> list[dict[str, Any]]:
        found = await rows(command, **params)
        return [{**row, **AGENT} if row.get("name") == "kvm1.example" else row for row in found]

    monkeypatch.setattr(bench.api, "rows", as_the_agent_says)


async def test_a_url_with_a_name_is_the_host_of_that_name(bench: Bench) -> None:
    given = declared(bench, url="http://kvm1.example")
    id, state = await obligations.made_once(bench, Host, given, ["addHost"])
    row = bench.cloudstack.emulator.system.store.table("hosts")[id]
    row.update(name="kvm1.other", ipaddress="10.130.208.61")
    assert await bench.drift(Host, id, given, state) == ([], await bench_state(bench, id, given, state)), (
        "the agent's own name differs from what the stack file calls it"
    )


async def bench_state(bench: Bench, id: str, given: dict[str, Any], old: dict[str, Any]) -> dict[str, Any]:
    return (await bench.drift(Host, id, given, old))[1]


@pytest.mark.usefixtures("agent_named_otherwise")
async def test_after_a_lost_answer_the_one_new_row_is_the_host_that_calls_itself_otherwise(
    bench: Bench,
) -> None:
    given = declared(bench, **NAMED)
    before = _another(bench, given)
    bench.fault("lost_answer", "addHost")
    id, state = await bench.create(Host, given)
    assert (state["name"], state["address"]) == ("kvm1.other", "10.130.208.61")
    assert {row["id"] for row in await bench.api.rows("listHosts")} == {before, id}
    assert bench.commands().count("addHost") == 2, "one by hand, one by the create"
    assert (await bench.drift(Host, id, given, state))[0] == []


async def test_a_host_that_was_there_before_is_not_the_lost_one(bench: Bench) -> None:
    given = declared(bench, **NAMED)
    _another(bench, given)
    bench.fault("reset", "addHost")
    with pytest.raises(OperationFailed, match="the host is not listed"):
        await bench.create(Host, given)


async def test_by_address_no_other_row_is_the_lost_one(bench: Bench) -> None:
    given = declared(bench)
    bench.fault("reset", "addHost")
    another: list[str] = []
    bench.time.on_sleep = lambda _seconds: None if another else another.append(_another(bench, given))
    with pytest.raises(OperationFailed, match="the host is not listed"):
        await bench.create(Host, given)
    assert another, "somebody has added another one meanwhile"


@pytest.mark.usefixtures("agent_named_otherwise")
async def test_an_add_that_is_refused_and_made_all_the_same_is_kept_with_a_warning(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    given, write = declared(bench, **NAMED), bench.api.write

    async def made_and_refused(command: str, *args: Any, **params: Any) -> Any:
        answer = await write(command, *args, **params)
        if command == "addHost":
            raise refusal("adding", {"errorcode": 530, "errortext": "already added"}, 530, [])
        return answer

    monkeypatch.setattr(bench.api, "write", made_and_refused)
    id, _ = await bench.create(Host, given)
    assert [row["id"] for row in await bench.api.rows("listHosts")] == [id]
    assert "although CloudStack said" in bench.warnings[0]


@pytest.mark.usefixtures("agent_named_otherwise")
async def test_a_name_that_resolves_to_the_hosts_address_is_that_host(
    bench: Bench, resolved: dict[str, str]
) -> None:
    given = declared(bench, **NAMED)
    id, _ = await bench.create(Host, given)
    resolved["kvm1.example"] = "10.130.208.61"
    since = bench.mark
    again, state = await bench.create(Host, given)
    assert (again, bench.commands(since)) == (id, []), "a create whose state was lost finds its host"
    assert (await bench.drift(Host, id, given, state))[0] == []


@pytest.mark.usefixtures("agent_named_otherwise")
async def test_a_take_over_that_fails_knows_its_url_all_the_same(
    bench: Bench, resolved: dict[str, str]
) -> None:
    given = declared(bench, **NAMED)
    await bench.create(Host, given)
    resolved["kvm1.example"] = "10.130.208.61"
    bench.fault("status", "updateHost", status=530, message="not now")
    with pytest.raises(InitFailed) as told:
        await bench.create(Host, {**given, "tags": ["fast"], "adopt": True})
    assert told.value.properties["memory"] == {"url": "http://kvm1.example"}, (
        "or the next run would replace it"
    )


async def test_an_update_of_a_host_that_calls_itself_otherwise_is_of_its_tags_alone(bench: Bench) -> None:
    given = declared(bench, **NAMED)
    id, state = await bench.create(Host, given)
    bench.cloudstack.emulator.system.store.table("hosts")[id].update(AGENT)
    since = bench.mark
    await bench.update(Host, id, {**given, "tags": ["fast"]}, state)
    assert bench.sent(since) == [("updateHost", {"id": id, "hosttags": "fast"})]


def _another(bench: Bench, given: dict[str, Any]) -> str:
    """Another host in that cluster, added by hand; its id."""
    at = {"zoneid": given["zone"], "podid": given["pod"], "clusterid": given["cluster"]}
    answer = bench.cloudstack.ask("addHost", **at, hypervisor="KVM", url="http://10.130.208.99")
    return str(answer["host"][0]["id"])


NEW: list[tuple[set[str], list[str], int, set[str], str | None, str]] = [
    ({"a"}, ["a", "b"], 1, set(), "b", "the one new row"),
    ({"a"}, ["a"], 1, set(), None, "nothing new"),
    ({"a"}, ["a", "b", "c"], 1, set(), None, "either may be it"),
    ({"a"}, ["a", "b", "c"], 1, {"b"}, "c", "the other is another add's"),
    ({"a"}, ["a", "b"], 2, set(), None, "the other add may have made it"),
]


@pytest.mark.parametrize(
    ("before", "rows", "adds", "made", "id", "because"), NEW, ids=[row[5] for row in NEW]
)
def test_a_new_row_is_an_adds_only_where_no_other_may_have_made_it(
    before: set[str], rows: list[str], adds: int, made: set[str], id: str | None, because: str
) -> None:
    under_way = Adds(under_way={"c": adds - 1}, made=made)
    with under_way.one("c"):
        assert under_way.new("c", before, [{"id": row} for row in rows]) == id, because
    assert under_way.under_way == {"c": adds - 1}


PLACES = [
    ("10.130.208.61", None, "an address is no name"),
    ("localhost", "127.0.0.1", "a name that every machine knows"),
    ("a" * 70, None, "no name that could be looked up"),
]


@pytest.mark.parametrize(("place", "address", "because"), PLACES, ids=[row[2] for row in PLACES])
async def test_a_name_is_resolved_where_it_can_be(place: str, address: str | None, because: str) -> None:
    found = await addresses_of(place)
    assert address in found if address else not found, because
