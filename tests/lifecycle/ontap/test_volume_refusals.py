"""What a volume can't be, and what others have in its place: said before any write."""

from __future__ import annotations

from typing import Any

import pytest

from strata.errors import InvalidInput
from strata.provider.kinds.ontap_volume import Volume
from strata.provider.outcome import OperationFailed

from .conftest import Bench
from .test_volume import RESOURCE, SEED, declared, make


async def foreign(bench: Bench, **changed: Any) -> int:
    body = {"name": "images", "size": 1 << 30, "comment": "payroll", "svm": {"name": "demo-nfs-svm"}}
    bench.behind("POST", "/storage/volumes", {**body, "aggregates": [{"name": "aggr1"}], **changed})
    return bench.mark


async def test_a_foreign_volume_stops_the_create_before_any_write(bench: Bench) -> None:
    since = await foreign(bench)
    line = "pulumi import strata:ontap:Volume images cluster01/demo-nfs-svm/images"
    with pytest.raises(OperationFailed, match=line):
        await bench.lifecycle(Volume).preview_create(RESOURCE, declared(bench), 0)
    with pytest.raises(OperationFailed, match=line):
        await make(bench)
    assert bench.writes(since) == []


async def test_with_adopt_a_foreign_volume_is_taken_over(bench: Bench) -> None:
    since = await foreign(bench)
    inputs = bench.lifecycle(Volume).check(SEED | {"adopt": True})
    _, state = await bench.lifecycle(Volume).create(RESOURCE, inputs, 0)
    assert (state["owner"], state["comment"], state["size"]) == ("strata:lab/images", "payroll", "50GiB")
    assert {method for method, _, _ in bench.writes(since)} == {"PATCH"}
    assert bench.lifecycle(Volume).diff(inputs, state, []) == []


async def test_a_volume_on_another_aggregate_is_not_adopted(bench: Bench) -> None:
    since = await foreign(bench, aggregates=[{"name": "aggr2"}])
    with pytest.raises(OperationFailed, match="its aggregate is aggr2 and not aggr1"):
        await make(bench, adopt=True)
    assert bench.writes(since) == []


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"size": "50GB"}, "size", "did you mean 50GiB"),
    ({"size": "19MiB"}, "size", "below 20MiB"),
    ({"junctionPath": "images"}, "junctionPath", "begins with /"),
    ({"junctionPath": "/images/"}, "junctionPath", "does not end with it"),
    ({"name": "1mages"}, "name", "begins with a letter"),
    ({"unixPermissions": "888"}, "unixPermissions", "octal"),
    ({"efficiency": {"dedupe": "on"}}, "efficiency.dedupe", "none, background, inline, both"),
    ({"autosize": {"mode": "grow", "maximum": "40GiB"}}, "autosize.maximum", "below the size"),
    ({"efficiency": {"dedupe": "none", "compression": "inline"}}, "efficiency.compression", "needs"),
    ({"snapshotReserve": 91}, "snapshotReserve", "0 to 90"),
]


@pytest.mark.parametrize(("changed", "path", "reason"), WRONG, ids=[f"{row[1]}: {row[2]}" for row in WRONG])
async def test_wrong_input_is_found_without_a_call(
    bench: Bench, changed: dict[str, Any], path: str, reason: str
) -> None:
    with pytest.raises(InvalidInput) as raised:
        declared(bench, **changed)
    assert [(one.path, reason in one.reason) for one in raised.value.problems] == [(path, True)]
    assert bench.mark == 0


MISSING: list[tuple[dict[str, Any], str]] = [
    (
        {"svm": "demo-nfs"},
        r"The SVM demo-nfs that volume images needs is not there: .* Did you mean demo-nfs-svm\?",
    ),
    ({"aggregate": "aggr9"}, r"cluster cluster01 has .*aggr1.*aggr2"),
    ({"qosPolicy": "gold"}, r"The QoS policy gold that volume images needs is not there"),
    ({"snapshotPolicy": "hourly"}, r"The snapshot policy hourly .* default"),
    ({"exportPolicy": "office"}, r"The export policy office .* has default"),
    ({"junctionPath": "/a/b"}, r"lies below /a, where SVM demo-nfs-svm has no volume mounted"),
    ({"cluster": "cluster02"}, r"no ONTAP cluster named 'cluster02'.* Did you mean cluster01\?"),
]


@pytest.mark.parametrize(("changed", "sentence"), MISSING, ids=[next(iter(row[0])) for row in MISSING])
async def test_what_is_missing_is_said_with_what_there_is(
    bench: Bench, changed: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(OperationFailed, match=sentence):
        await make(bench, **changed)
    assert bench.writes() == []


async def test_a_junction_path_in_use_is_said_before_any_write(bench: Bench) -> None:
    since = await foreign(bench, name="other", nas={"path": "/images"})
    with pytest.raises(
        OperationFailed, match="is taken: SVM demo-nfs-svm on cluster01 has volume other mounted there"
    ):
        await make(bench)
    assert bench.writes(since) == []
