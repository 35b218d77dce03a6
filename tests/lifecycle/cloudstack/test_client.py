"""The API's client: what it sends, what it asks again and what never, and the sentence for each way it can go wrong."""

from __future__ import annotations

from typing import Any

import pytest

from strata.clients.cloudstack import CloudStackClient
from strata.clients.cloudstack_errors import LostAnswer, Refused
from strata.deadline import Deadline
from strata.errors import Failed, StrataError, TimedOut, Unreachable

from .conftest import Bench, bench_over, connect

ZONE: dict[str, Any] = {
    "name": "zone1",
    "dns1": "8.8.8.8",
    "internaldns1": "10.0.0.2",
    "networktype": "Advanced",
}
CANARY = "canary-secret-key"


def deadline(bench: Bench, seconds: float = 60) -> Deadline:
    return Deadline(seconds, bench.time.clock)


def client(bench: Bench, **changed: str) -> CloudStackClient:
    given = {
        "endpoint": bench.cloudstack.endpoint,
        "api_key": bench.cloudstack.api_key,
        "secret_key": bench.cloudstack.secret_key,
        **changed,
    }
    return CloudStackClient(**given, clock=bench.time.clock)  # type: ignore[arg-type]


async def network(bench: Bench, **more: float) -> dict[str, object]:
    zone = bench.zone()
    return await bench.api.write(
        "createPhysicalNetwork", "creating physnet1", deadline(bench, **more), zoneid=zone, name="physnet1"
    )


async def test_every_request_is_posted_and_signed_so_that_it_expires(bench: Bench) -> None:
    await bench.api.rows("listZones")
    await bench.api.write("createZone", "creating zone1", deadline(bench), **ZONE)
    entries = bench.cloudstack.journal.entries()
    assert [one.method for one in entries] == ["POST", "POST"]
    assert all(one.query["signatureVersion"] == "3" and one.query["expires"] for one in entries)


async def test_it_works_where_the_server_insists_on_post_and_expiry(bench: Bench) -> None:
    bench.cloudstack.ask("updateConfiguration", name="enforce.post.requests.and.timestamps", value="true")
    bench.cloudstack.restart(0)
    assert bench.cloudstack.call("listZones").status_code == 401
    await bench.api.write("createZone", "creating zone1", deadline(bench), **ZONE)
    assert [row["name"] for row in await bench.api.rows("listZones")] == ["zone1"]


@pytest.mark.parametrize("value", ["a b+c/d=e", "ä%20&x=1", "*-_.", "line\nbreak"])
async def test_any_value_is_signed_as_the_server_does(bench: Bench, value: str) -> None:
    made = await bench.api.write("createZone", "creating a zone", deadline(bench), **{**ZONE, "name": value})
    assert made["zone"]["name"] == value


async def test_a_tilde_is_refused_before_anything_is_sent_and_a_secret_one_is_not_shown(bench: Bench) -> None:
    with pytest.raises(Failed, match=r"name holds a tilde \('zone~1'\)"):
        await bench.api.write("createZone", "creating", deadline(bench), **{**ZONE, "name": "zone~1"})
    secret = "canary~word"
    with pytest.raises(Failed, match="holds a tilde") as raised:
        await bench.api.write("addHost", "adding", deadline(bench), password=secret, hide=[secret])
    assert "canary" not in str(raised.value)
    assert bench.cloudstack.journal.last == 0


async def test_lists_come_whole_over_all_pages(bench: Bench) -> None:
    with bench.cloudstack.emulator.system.lock:
        for number in range(1203):
            row = {"name": f"word.{number:04}", "value": "1", "isdynamic": True, "type": "String"}
            bench.cloudstack.emulator.system.add("configuration", **row, category="Advanced")
    rows = await bench.api.rows("listConfigurations", keyword="word.")
    assert len({row["name"] for row in rows}) == len(rows) == 1203
    assert bench.mark == 3


async def test_an_empty_list_is_empty_and_an_id_that_names_nothing_is_none(bench: Bench) -> None:
    assert await bench.api.rows("listImageStores") == []
    assert await bench.api.row("listZones", "11111111-2222-3333-4444-555555555555") is None


READS = [
    ("status", {"status": 503}, "the server is on its way up"),
    ("reset", {}, "nothing was answered"),
    ("lost_answer", {}, "an answer that is lost can be had again"),
    ("truncate", {}, "half an answer is none"),
]


@pytest.mark.parametrize(("effect", "more", "because"), READS, ids=[row[2] for row in READS])
async def test_a_read_is_repeated_with_growing_pauses(
    bench: Bench, effect: str, more: dict[str, int], because: str
) -> None:
    bench.zone()
    bench.fault(effect, "listZones", times=3, **more)
    assert len(await bench.api.rows("listZones")) == 1, because
    assert bench.time.slept == [0.25, 0.5, 1.0], because


async def test_a_read_gives_up_after_a_while_as_unreachable(bench: Bench) -> None:
    bench.fault("reset", "listZones", times=0)
    with pytest.raises(Unreachable, match="gave no answer while asking listZones"):
        await bench.api.rows("listZones")
    assert 10 < sum(bench.time.slept) <= 15


async def test_nobody_listening_is_unreachable_for_reads_and_writes(bench: Bench) -> None:
    api = client(bench, endpoint="http://127.0.0.1:1/client/api")
    with pytest.raises(Unreachable, match="no connection"):
        await api.rows("listZones")
    with pytest.raises(Unreachable, match="no connection"):
        await api.write("createZone", "creating zone1", deadline(bench), **ZONE)


@pytest.mark.parametrize("effect", ["reset", "lost_answer", "truncate"])
async def test_a_write_is_never_repeated(bench: Bench, effect: str) -> None:
    bench.fault(effect, "createZone")
    with pytest.raises(LostAnswer, match="while creating zone1; it may have been done all the same"):
        await bench.api.write("createZone", "creating zone1", deadline(bench), **ZONE)
    assert bench.commands() == ["createZone"]
    assert bench.time.slept == []


async def test_a_write_to_a_server_that_is_not_ready_is_refused_and_not_repeated(bench: Bench) -> None:
    bench.fault("status", "createZone", status=503)
    with pytest.raises(Refused) as raised:
        await bench.api.write("createZone", "creating zone1", deadline(bench), **ZONE)
    assert raised.value.code == 503
    assert bench.commands() == ["createZone"]


async def test_a_job_is_followed_to_its_end(bench: Bench) -> None:
    bench.cloudstack.configure(job_seconds=20.0)
    made = await network(bench)
    assert made["physicalnetwork"]["name"] == "physnet1"  # type: ignore[index]
    assert made["id"] == made["physicalnetwork"]["id"]  # type: ignore[index]
    assert 20 <= bench.time.seconds < 30


async def test_a_job_that_fails_gives_its_words_and_its_number(bench: Bench) -> None:
    bench.fault("job_failure", "createPhysicalNetwork", message="No vnets left")
    with pytest.raises(
        Refused, match=r"Job \S{36} of CloudStack refused creating physnet1: 530 No vnets left\."
    ) as raised:
        await network(bench)
    assert raised.value.from_job


async def test_a_job_without_end_is_named_at_the_deadline(bench: Bench) -> None:
    bench.fault("job_hang", "createPhysicalNetwork")
    with pytest.raises(TimedOut, match=r"Creating physnet1 \(job \S{36} of CloudStack, last seen pending\)"):
        await network(bench, seconds=40)
    assert bench.time.seconds == 40


async def test_a_job_outlives_a_server_that_is_away(bench: Bench) -> None:
    bench.fault("reset", "queryAsyncJobResult", times=12)
    made = await network(bench, seconds=120)
    assert made["physicalnetwork"]
    assert bench.time.seconds > 15


async def test_a_job_that_nobody_knows_is_not_an_object_that_is_gone(bench: Bench) -> None:
    bench.fault("status", "queryAsyncJobResult", status=431, message="entity does not exist", code="9999")
    with pytest.raises(LostAnswer, match="can't be looked after"):
        await network(bench)


WRONG = [
    ({"secret_key": "wrong"}, "a wrong secret"),
    ({"api_key": "wrong"}, "a key that nobody has"),
]


@pytest.mark.parametrize(("changed", "because"), WRONG, ids=[row[1] for row in WRONG])
async def test_wrong_keys_are_said_to_be_wrong(bench: Bench, changed: dict[str, str], because: str) -> None:
    for asking in ("rows", "era"):
        api = client(bench, **changed)
        with pytest.raises(Refused, match="The API key or the secret key is wrong") as raised:
            await (api.rows("listZones") if asking == "rows" else api.era())
        assert raised.value.code == 401, because


OTHERS = [
    ("/client/apis", r"is not CloudStack's API \(HTTP 404\)", "another path of the same server"),
    ("", "is no URL", "an empty endpoint"),
]


@pytest.mark.parametrize(("path", "words", "because"), OTHERS, ids=[row[2] for row in OTHERS])
async def test_what_is_no_cloudstack_is_said_to_be_none(
    bench: Bench, path: str, words: str, because: str
) -> None:
    base = f"http://{bench.cloudstack.host}:{bench.cloudstack.port}" if path else "cloudstack"
    with pytest.raises(Failed, match=words) as raised:
        await client(bench, endpoint=base + path).rows("listZones")
    assert not isinstance(raised.value, Unreachable | Refused), because


@pytest.mark.parametrize("host", ["a..b", "x" * 64 + ".example.com", "[bad"])
async def test_an_endpoint_whose_host_is_none_is_no_defect(bench: Bench, host: str) -> None:
    with pytest.raises(Failed, match="in strata:cloudstack is no URL; write it as"):
        await client(bench, endpoint=f"http://{host}/client/api").rows("listZones")


async def test_a_ca_file_that_is_gone_by_now_is_no_defect(bench: Bench) -> None:
    api = client(bench, endpoint="https://127.0.0.1:9/client/api", ca_file="/no/such/ca.pem")
    with pytest.raises(Failed, match=r"could not be asked while .*/no/such/ca\.pem\. Check caFile"):
        await api.rows("listZones")


async def test_the_era_is_asked_of_the_server_once(bench: Bench) -> None:
    assert await bench.api.era() == "modern"
    asked = bench.mark
    assert await bench.api.era() == "modern"
    assert bench.mark == asked


async def test_a_server_of_before_image_stores(legacy: Bench) -> None:
    assert await legacy.api.era() == "legacy"


async def test_a_server_that_has_no_listapis_is_known_by_what_it_lists(legacy: Bench) -> None:
    legacy.fault("unauthorized", "listApis", times=0)
    assert await legacy.api.era() == "legacy"


async def test_a_server_in_trouble_is_no_server_of_another_era(bench: Bench) -> None:
    bench.fault("status", "listApis", status=503, times=0)
    with pytest.raises(Refused) as raised:
        await bench.api.era()
    assert raised.value.code == 503


async def test_a_restart_is_waited_for(bench: Bench) -> None:
    said: list[str] = []

    async def say(line: str) -> None:
        said.append(line)

    bench.cloudstack.restart(30)
    await bench.api.wait_until_answers(deadline(bench), say)
    assert 30 <= bench.time.seconds < 33
    assert len(said) == 1
    assert "waiting for CloudStack to answer again" in said[0]


async def test_a_restart_without_end_is_over_at_the_deadline(bench: Bench) -> None:
    bench.cloudstack.restart(3000)
    with pytest.raises(TimedOut, match="Waiting for the API of CloudStack"):
        await bench.api.wait_until_answers(deadline(bench))


async def test_no_secret_is_in_any_message(bench: Bench) -> None:
    """Each way to fail, with secrets that would be seen; the server repeats them, as some do."""
    secret = bench.cloudstack.secret_key
    bench.fault("status", "addHost", status=530, message=f"bad password {CANARY} for {secret}", code="9999")
    said = [repr(bench.api), str(vars(bench.api).keys())]
    for effect in (None, "reset", "truncate", "unauthorized"):
        if effect:
            bench.fault(effect, "addHost")
        with pytest.raises(StrataError) as raised:
            await bench.api.write(
                "addHost", "adding the host kvm1", deadline(bench), password=CANARY, hide=[CANARY]
            )
        said += [str(raised.value), repr(raised.value)]
    assert "bad password *** for ***" in " ".join(said)
    assert not any(CANARY in line or secret in line for line in said)


async def test_connections_make_one_client(bench: Bench) -> None:
    other = bench_over(bench.cloudstack)
    assert bench.connections.cloudstack() is bench.connections.cloudstack()
    with pytest.raises(Failed, match="endpoint of strata:cloudstack is missing"):
        connect(other.cloudstack, other.time, endpoint=None).cloudstack()
