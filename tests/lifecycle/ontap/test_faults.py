"""What goes wrong between us and the cluster: nothing is doubled, nothing forgotten, and a sentence says what to do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lab.http.faults import Fault
from strata.provider.kinds.ontap_volume import Volume
from strata.provider.lifecycle import Lifecycle
from strata.provider.outcome import InitFailed, OperationFailed

from .conftest import Bench, connect, resource
from .test_volume import SEED

RESOURCE = resource(Volume.token)


async def make(bench: Bench, timeout: float = 0, **changed: Any) -> tuple[str, dict[str, Any]]:
    lifecycle = bench.lifecycle(Volume)
    return await lifecycle.create(RESOURCE, lifecycle.check(SEED | changed), timeout)


def posts(bench: Bench) -> int:
    return sum(method == "POST" for method, _, _ in bench.writes())


@pytest.mark.parametrize(
    ("fault", "sent", "because"),
    [
        (Fault("lost_answer", method="POST"), 1, "it was made, so it is found and gone on from"),
        (Fault("reset", method="POST"), 2, "it was not made, so it is not found and sent again"),
        (Fault("status", method="POST", status=503, code=""), 2, "503 means not taken on"),
        (Fault("status", method="POST", status=409, code="13107405", times=2), 3, "busy with that name"),
        (Fault("truncate", method="POST"), 1, "a broken answer is a lost answer"),
    ],
    ids=lambda value: value.effect + value.code if isinstance(value, Fault) else None,
)
async def test_a_create_is_never_repeated_blindly(
    bench: Bench, fault: Fault, sent: int, because: str
) -> None:
    bench.ontap.faults.add(fault)
    await make(bench)
    assert posts(bench) == sent, because
    assert (
        sum(one["name"] == "images" for one in bench.ontap.emulator.system.store.table("volumes").values())
        == 1
    )


@pytest.mark.parametrize("effect", ["reset", "lost_answer", "truncate", "status"])
async def test_reads_are_repeated_with_growing_pauses(bench: Bench, effect: str) -> None:
    id, _ = await make(bench)
    bench.time.slept.clear()
    bench.ontap.faults.add(Fault(effect, method="GET", times=3, code=""))
    assert await bench.lifecycle(Volume).read(id, {}, {}) is not None
    assert bench.time.slept == [0.5, 1.0, 2.0]


async def test_retry_after_is_heeded(bench: Bench) -> None:
    id, _ = await make(bench)
    bench.time.slept.clear()
    bench.ontap.faults.add(Fault("status", method="GET", status=429, code="", headers={"Retry-After": "7"}))
    await bench.lifecycle(Volume).read(id, {}, {})
    assert bench.time.slept == [7.0]


@pytest.mark.parametrize("effect", ["reset", "lost_answer", "status"])
async def test_changes_and_removals_survive_a_fault(bench: Bench, effect: str) -> None:
    id, state = await make(bench)
    lifecycle = bench.lifecycle(Volume)
    bench.ontap.faults.add(Fault(effect, method="PATCH", code=""))
    state = await lifecycle.update(RESOURCE, id, lifecycle.check(SEED | {"size": "60GiB"}), state, 0)
    assert state["size"] == "60GiB"
    bench.ontap.faults.add(Fault(effect, method="DELETE", code=""))
    await lifecycle.delete(RESOURCE, id, state, 0)
    assert bench.ontap.volume("images") is None


async def test_a_job_that_fails_gives_its_code_and_words_and_leaves_nothing(bench: Bench) -> None:
    bench.ontap.faults.add(Fault("job_failure", method="POST", code="917508", message="No such aggregate."))
    with pytest.raises(OperationFailed, match=r"917508: No such aggregate\. Name an aggregate that exists\."):
        await make(bench)
    assert bench.ontap.volume("images") is None


async def test_a_job_that_fails_after_the_volume_is_there_keeps_its_id(bench: Bench) -> None:
    bench.ontap.faults.add(Fault("job_failure", method="POST", code="460770", message="Late.", applied=True))
    with pytest.raises(InitFailed, match="460770: Late") as raised:
        await make(bench)
    volume = bench.ontap.volume("images")
    assert volume is not None
    assert raised.value.id == f"cluster01/{volume['uuid']}"
    assert raised.value.properties["efficiency"]["dedupe"] == "none"
    lifecycle = bench.lifecycle(Volume)
    state = await lifecycle.update(
        RESOURCE, raised.value.id, lifecycle.check(SEED), raised.value.properties, 0
    )
    assert state["efficiency"]["dedupe"] == "background"
    assert posts(bench) == 1


async def test_a_create_that_was_forgotten_is_gone_on_from(bench: Bench) -> None:
    first, _ = await make(bench)
    second, _ = await make(bench, size="60GiB")
    assert first == second
    assert posts(bench) == 1
    assert bench.writes()[-1][2] == {"size": 60 << 30}


async def test_a_job_without_end_ends_at_the_deadline_with_what_it_was_doing(bench: Bench) -> None:
    bench.ontap.faults.add(Fault("job_hang", method="POST"))
    with pytest.raises(
        OperationFailed, match=r"Job [0-9a-f-]{36} \(creating volume images .*running.*5 s"
    ) as raised:
        await make(bench, timeout=5)
    assert 5 <= bench.time.seconds <= 6, raised.value
    bench.ontap.calm()


async def test_a_busy_volume_is_waited_for_until_the_deadline(bench: Bench) -> None:
    id, state = await make(bench)
    bench.ontap.faults.add(
        Fault("status", method="DELETE", status=409, code="524486", message="Busy.", times=0)
    )
    with pytest.raises(OperationFailed, match="524486: Busy"):
        await bench.lifecycle(Volume).delete(RESOURCE, id, state, 30)
    assert bench.time.seconds >= 30


SENTENCES: list[tuple[dict[str, Any], str]] = [
    (
        {"password": "wrong"},
        r"does not accept user admin with the given password \(401\).*Correct username and password",
    ),
    (
        {"port": 1},
        r"could not tell, because ONTAP cluster cluster01 at 127\.0\.0\.1:1 cannot be reached: Connection refused",
    ),
    ({"hostname": "no-such-host.invalid"}, r"no-such-host\.invalid:\d+ cannot be reached: .*Check hostname"),
    ({"caFile": "/no/such/ca.pem"}, r"the caFile /no/such/ca\.pem of .* is not there"),
    ({"caFile": None}, r"does not hold against the system's certificate store.*Set caFile"),
    ({"caFile": "other"}, r"does not hold against the caFile .*other\.pem.*Set caFile"),
]


@pytest.mark.parametrize(("changed", "sentence"), SENTENCES, ids=[str(row[0]) for row in SENTENCES])
async def test_a_connection_that_does_not_work_is_one_sentence(
    bench: Bench, tmp_path: Path, changed: dict[str, Any], sentence: str
) -> None:
    if changed.get("caFile") == "other":
        from lab.ontap.tls import new_authority

        new_authority().write(tmp_path)
        (tmp_path / "ca.pem").rename(tmp_path / "other.pem")
        changed = {"caFile": str(tmp_path / "other.pem")}
    lifecycle = Lifecycle(Volume(connect(bench.ontap, bench.time, **changed)), bench.time.clock)
    with pytest.raises(OperationFailed, match=sentence) as raised:
        await lifecycle.create(RESOURCE, lifecycle.check(SEED), 0)
    assert bench.ontap.password not in str(raised.value)
    assert bench.writes() == []


async def test_a_ca_bundle_in_the_environment_overrides_nothing(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "none.pem").write_text("")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "none.pem"))
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    await make(bench)


async def test_without_permission_the_role_is_named(bench: Bench) -> None:
    bench.ontap.faults.add(Fault("status", method="POST", status=403, code="6", message="permission denied"))
    with pytest.raises(OperationFailed, match=r"6: permission denied\. Give the user a role"):
        await make(bench)


async def test_the_password_is_in_no_word_of_the_client(bench: Bench) -> None:
    client = bench.connections.ontap("cluster01")
    assert bench.ontap.password not in f"{client!r} {client}"
    words = f"bad {bench.ontap.password}"
    bench.ontap.faults.add(Fault("status", method="POST", status=400, code="2", message=words))
    with pytest.raises(OperationFailed, match=r"bad \[secret\]"):
        await make(bench)
