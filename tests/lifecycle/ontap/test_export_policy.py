"""An export policy from create to delete against the emulated cluster: few requests, none lost, nobody shut out."""

from __future__ import annotations

from typing import Any

import pytest

from lab.http.faults import Fault
from strata.provider.kinds.ontap_export_policy import ExportPolicy
from strata.provider.outcome import OperationFailed

from .conftest import Bench, resource

RESOURCE = resource(ExportPolicy.token)
OFFICE = {"clients": ["10.130.208.0/24"], "readWrite": ["sys"], "superuser": ["sys"]}
BACKUP = {"clients": ["10.9.0.0/16", "backup.example"], "readWrite": ["never"]}
ANYONE = {"clients": ["0.0.0.0/0"], "readWrite": ["never"], "superuser": ["none"]}


def declared(bench: Bench, *rules: dict[str, Any], **more: Any) -> dict[str, Any]:
    given = {"cluster": "cluster01", "svm": "demo-nfs-svm", "name": "images", "rules": list(rules), **more}
    return bench.lifecycle(ExportPolicy).check(given)


async def make(bench: Bench, *rules: dict[str, Any], **more: Any) -> tuple[str, dict[str, Any]]:
    return await bench.lifecycle(ExportPolicy).create(RESOURCE, declared(bench, *rules, **more), 0)


async def test_made_in_one_request_and_the_same_again_is_no_change(bench: Bench) -> None:
    inputs = declared(bench, OFFICE, BACKUP)
    id, state = await make(bench, OFFICE, BACKUP)
    assert [(method, path) for method, path, _ in bench.writes()] == [("POST", "export-policies")]
    found = await bench.lifecycle(ExportPolicy).read(id, inputs, state)
    assert found is not None
    assert bench.lifecycle(ExportPolicy).diff(inputs, found[1], []) == []
    assert len(bench.writes()) == 1


UPDATES = [
    ([OFFICE, BACKUP], [OFFICE, {**BACKUP, "superuser": ["sys"]}], ["PATCH"], "one leaf of one rule"),
    ([OFFICE], [OFFICE, BACKUP], ["POST"], "a rule at the end"),
    ([OFFICE], [BACKUP, OFFICE], ["POST"], "a rule in front"),
    ([OFFICE, BACKUP], [BACKUP], ["DELETE"], "the first rule goes, and the index keeps a gap"),
    ([OFFICE, BACKUP], [BACKUP, OFFICE], ["PATCH"], "two rules change places by one move"),
    ([OFFICE, ANYONE, BACKUP], [BACKUP, OFFICE, ANYONE], ["PATCH"], "the last comes first by one move"),
    ([OFFICE, BACKUP], [ANYONE], ["PATCH", "DELETE"], "two become one"),
]


async def test_a_rename_is_one_request_and_keeps_the_number(bench: Bench) -> None:
    id, state = await make(bench, OFFICE)
    since, inputs = bench.mark, declared(bench, OFFICE, name="pictures")
    state = await bench.lifecycle(ExportPolicy).update(RESOURCE, id, inputs, state, 0)
    assert bench.writes(since) == [("PATCH", f"export-policies/{id.split('/')[1]}", {"name": "pictures"})]
    assert bench.lifecycle(ExportPolicy).diff(inputs, state, []) == []


@pytest.mark.parametrize(("before", "after", "methods", "because"), UPDATES, ids=[row[3] for row in UPDATES])
async def test_an_update_takes_the_fewest_requests(
    bench: Bench, before: list[Any], after: list[Any], methods: list[str], because: str
) -> None:
    id, state = await make(bench, *before)
    since = bench.mark
    state = await bench.lifecycle(ExportPolicy).update(RESOURCE, id, declared(bench, *after), state, 0)
    assert sorted(method for method, _, _ in bench.writes(since)) == sorted(methods), because
    assert bench.lifecycle(ExportPolicy).diff(declared(bench, *after), state, []) == [], because


async def test_only_the_changed_leaf_travels(bench: Bench) -> None:
    id, state = await make(bench, OFFICE)
    since = bench.mark
    await bench.lifecycle(ExportPolicy).update(
        RESOURCE, id, declared(bench, {**OFFICE, "superuser": ["none"]}), state, 0
    )
    assert [body for _, _, body in bench.writes(since)] == [{"superuser": ["none"]}]


BEHIND = [
    ("PATCH", "/1", {"rw_rule": ["never"]}, "rules[0].readWrite"),
    ("PATCH", "/1", {"clients": [{"match": "10.0.0.0/8"}]}, "rules[0].clients"),
    ("PATCH", "/2", {"superuser": ["any"]}, "rules[1].superuser"),
    ("DELETE", "/2", {}, "rules[1]"),
    ("POST", "", {"clients": [{"match": "1.2.3.4"}], "ro_rule": ["any"], "rw_rule": ["any"]}, "rules[2]"),
]


@pytest.mark.parametrize(
    ("method", "rule", "body", "path"), BEHIND, ids=[f"{row[0]} {row[3]}" for row in BEHIND]
)
async def test_what_somebody_else_changed_is_named_and_repaired(
    bench: Bench, method: str, rule: str, body: dict[str, Any], path: str
) -> None:
    lifecycle, inputs = bench.lifecycle(ExportPolicy), declared(bench, OFFICE, BACKUP)
    id, state = await make(bench, OFFICE, BACKUP)
    bench.behind(method, f"/protocols/nfs/export-policies/{id.split('/')[1]}/rules{rule}", body)
    found = await lifecycle.read(id, inputs, state)
    assert found is not None
    assert [one.path for one in lifecycle.diff(inputs, found[1], [])] == [path]
    since = bench.mark
    repaired = await lifecycle.update(RESOURCE, id, inputs, found[1], 0)
    assert len(bench.writes(since)) == 1
    assert lifecycle.diff(inputs, repaired, []) == []


async def test_a_name_that_somebody_else_changed_is_put_back(bench: Bench) -> None:
    lifecycle, inputs = bench.lifecycle(ExportPolicy), declared(bench, OFFICE)
    id, state = await make(bench, OFFICE)
    number = id.split("/")[1]
    bench.behind("PATCH", f"/protocols/nfs/export-policies/{number}", {"name": "other"})
    since = bench.mark
    found = await lifecycle.read(id, inputs, state)
    assert found is not None
    assert [one.path for one in lifecycle.diff(inputs, found[1], [])] == ["name"]
    repaired = await lifecycle.update(RESOURCE, id, inputs, found[1], 0)
    assert bench.writes(since) == [("PATCH", f"export-policies/{number}", {"name": "images"})]
    assert lifecycle.diff(inputs, repaired, []) == []


async def test_one_that_disappeared_is_made_again(bench: Bench) -> None:
    lifecycle, inputs = bench.lifecycle(ExportPolicy), declared(bench, OFFICE)
    id, state = await make(bench, OFFICE)
    bench.behind("DELETE", f"/protocols/nfs/export-policies/{id.split('/')[1]}")
    since = bench.mark
    assert await lifecycle.read(id, inputs, state) is None
    assert bench.writes(since) == []
    again, made = await make(bench, OFFICE)
    assert again != id
    assert lifecycle.diff(inputs, made, []) == []


async def test_a_lost_answer_to_the_create_makes_no_second_policy(bench: Bench) -> None:
    bench.ontap.faults.add(Fault("lost_answer", method="POST"))
    await make(bench, OFFICE)
    assert [method for method, _, _ in bench.writes()] == ["POST"]


@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE"])
async def test_a_lost_answer_to_a_step_is_looked_after(bench: Bench, method: str) -> None:
    id, state = await make(bench, OFFICE, BACKUP, ANYONE)
    bench.ontap.faults.add(Fault("lost_answer", method=method, path="/rules"))
    wanted = {
        "POST": [OFFICE, BACKUP, {**OFFICE, "clients": ["10.4.4.4"]}, ANYONE],
        "DELETE": [OFFICE, ANYONE],
    }
    inputs = declared(bench, *wanted.get(method, [ANYONE, OFFICE, BACKUP]))
    since = bench.mark
    state = await bench.lifecycle(ExportPolicy).update(RESOURCE, id, inputs, state, 0)
    assert bench.lifecycle(ExportPolicy).diff(inputs, state, []) == []
    assert [one for one, _, _ in bench.writes(since)] == [method]


async def test_a_foreign_policy_is_left_alone_unless_adopted(bench: Bench) -> None:
    bench.behind(
        "POST", "/protocols/nfs/export-policies", {"name": "images", "svm": {"name": "demo-nfs-svm"}}
    )
    since = bench.mark
    with pytest.raises(
        OperationFailed, match="pulumi import strata:ontap:ExportPolicy images cluster01/demo-nfs-svm/images"
    ):
        await make(bench, OFFICE)
    assert bench.writes(since) == []
    _, state = await make(bench, OFFICE, adopt=True)
    assert bench.lifecycle(ExportPolicy).diff(declared(bench, OFFICE), state, []) == []
    assert [method for method, _, _ in bench.writes(since)] == ["POST"]


async def test_an_import_by_name_gives_what_a_create_gave(bench: Bench) -> None:
    id, state = await make(bench, OFFICE, BACKUP)
    found = await bench.lifecycle(ExportPolicy).read("cluster01/demo-nfs-svm/images", {}, {})
    assert found is not None
    assert found[0] == id
    assert found[1] == state
    assert bench.lifecycle(ExportPolicy).diff(declared(bench, OFFICE, BACKUP), found[1], []) == []


async def test_a_policy_in_use_stays_and_its_users_are_named(bench: Bench) -> None:
    id, state = await make(bench, OFFICE)
    volume = {
        "name": "user",
        "size": 1 << 30,
        "svm": {"name": "demo-nfs-svm"},
        "aggregates": [{"name": "aggr1"}],
    }
    bench.behind("POST", "/storage/volumes", {**volume, "nas": {"export_policy": {"name": "images"}}})
    with pytest.raises(OperationFailed, match=r"1703945.*Volumes that use it: user\."):
        await bench.lifecycle(ExportPolicy).delete(RESOURCE, id, state, 0)


async def test_deleted_once_and_gone_twice(bench: Bench) -> None:
    id, state = await make(bench, OFFICE)
    await bench.lifecycle(ExportPolicy).delete(RESOURCE, id, state, 0)
    await bench.lifecycle(ExportPolicy).delete(RESOURCE, id, state, 0)
    assert await bench.lifecycle(ExportPolicy).read(id, {}, state) is None
