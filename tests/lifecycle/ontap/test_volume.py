"""A volume from create to delete against the emulated cluster: only changed leaves, in order, and nothing of others."""

from __future__ import annotations

from typing import Any

import pytest

from strata.errors import Failed
from strata.provider.fields import Role
from strata.provider.kinds.ontap_volume import Volume
from strata.provider.outcome import InitFailed

from .conftest import Bench, resource

RESOURCE = resource(Volume.token)
SEED = {
    "cluster": "cluster01",
    "svm": "demo-nfs-svm",
    "name": "images",
    "aggregate": "aggr1",
    "size": "50GiB",
    "junctionPath": "/images",
    "efficiency": {"dedupe": "background"},
}
FULL = SEED | {
    "exportPolicy": "default",
    "efficiency": {
        "dedupe": "background",
        "compression": "inline",
        "compaction": "inline",
        "policy": "default",
    },
    "guarantee": "none",
    "snapshotPolicy": "none",
    "snapshotReserve": 0,
    "autosize": {
        "mode": "off",
        "maximum": "100GiB",
        "minimum": "20GiB",
        "growThreshold": 90,
        "shrinkThreshold": 40,
    },
    "unixPermissions": "755",
    "uid": 64062,
    "gid": 64062,
    "securityStyle": "unix",
    "comment": "Glance images",
}


def declared(bench: Bench, **changed: Any) -> dict[str, Any]:
    return bench.lifecycle(Volume).check(FULL | changed)


async def make(bench: Bench, **changed: Any) -> tuple[str, dict[str, Any]]:
    return await bench.lifecycle(Volume).create(RESOURCE, declared(bench, **changed), 0)


async def seen(bench: Bench, id: str, inputs: dict[str, Any], state: dict[str, Any]) -> dict[str, Any]:
    found = await bench.lifecycle(Volume).read(id, inputs, state)
    assert found is not None
    return found[1]


async def test_the_seeds_volume_is_one_create_and_one_switch(bench: Bench) -> None:
    inputs = bench.lifecycle(Volume).check(SEED)
    await bench.lifecycle(Volume).preview_create(RESOURCE, inputs, 0)
    assert bench.writes() == []
    id, state = await bench.lifecycle(Volume).create(RESOURCE, inputs, 0)
    assert [(method, path.split("/")[0]) for method, path, _ in bench.writes()] == [
        ("POST", "volumes"),
        ("PATCH", "volumes"),
    ]
    assert bench.writes()[1][2] == {"efficiency": {"dedupe": "background"}}
    assert (state["owner"], state["efficiencyState"], state["state"]) == (
        "strata:lab/images",
        "enabled",
        "online",
    )
    assert bench.lifecycle(Volume).diff(inputs, await seen(bench, id, inputs, state), []) == []


async def test_everything_declared_is_there_after_the_create(bench: Bench) -> None:
    id, state = await make(bench)
    assert bench.lifecycle(Volume).diff(declared(bench), state, []) == []
    volume = bench.ontap.volume("images")
    assert volume is not None
    assert volume["comment"] == "Glance images [strata:lab/images]"
    assert id == f"cluster01/{volume['uuid']}"


CHANGES: list[tuple[str, Any, dict[str, Any]]] = [
    ("name", "pictures", {"name": "pictures"}),
    ("size", "60GiB", {"size": 60 << 30}),
    ("size", "40GiB", {"size": 40 << 30}),
    ("junctionPath", "/pictures", {"nas": {"path": "/pictures"}}),
    ("junctionPath", "", {"nas": {"path": ""}}),
    ("guarantee", "volume", {"guarantee": {"type": "volume"}}),
    ("snapshotPolicy", "default", {"snapshot_policy": {"name": "default"}}),
    ("snapshotReserve", 10, {"space": {"snapshot": {"reserve_percent": 10}}}),
    ("autosize", {"maximum": "200GiB"}, {"autosize": {"maximum": 200 << 30}}),
    ("unixPermissions", "0700", {"nas": {"unix_permissions": 700}}),
    ("uid", 7, {"nas": {"uid": 7}}),
    ("gid", 7, {"nas": {"gid": 7}}),
    ("comment", "other", {"comment": "other [strata:lab/images]"}),
    ("efficiency", {"compression": "both"}, {"efficiency": {"compression": "both"}}),
    ("efficiency", {"dedupe": "both"}, {"efficiency": {"dedupe": "both"}}),
    ("online", False, {"state": "offline"}),
]


@pytest.mark.parametrize(("name", "value", "body"), CHANGES, ids=[f"{row[0]}={row[1]}" for row in CHANGES])
async def test_an_update_sends_the_changed_leaf_and_nothing_else(
    bench: Bench, name: str, value: Any, body: dict[str, Any]
) -> None:
    id, state = await make(bench)
    since = bench.mark
    inputs = declared(bench, **{name: value})
    state = await bench.lifecycle(Volume).update(RESOURCE, id, inputs, state, 0)
    assert [one for _, _, one in bench.writes(since)] == [body]
    assert bench.lifecycle(Volume).diff(inputs, state, []) == []
    again = bench.mark
    await bench.lifecycle(Volume).update(RESOURCE, id, inputs, state, 0)
    assert bench.writes(again) == []


BEHIND: list[tuple[dict[str, Any], list[str]]] = [
    ({"name": "elsewhere"}, ["name"]),
    ({"size": 70 << 30}, ["size"]),
    ({"nas": {"path": ""}}, ["junctionPath"]),
    ({"nas": {"path": "/other"}}, ["junctionPath"]),
    ({"nas": {"unix_permissions": 777}}, ["unixPermissions"]),
    ({"nas": {"uid": 1, "gid": 2}}, ["uid", "gid"]),
    ({"nas": {"security_style": "mixed"}}, ["securityStyle"]),
    ({"efficiency": {"compaction": "none"}}, ["efficiency.compaction"]),
    ({"efficiency": {"compression": "none"}}, ["efficiency.compression"]),
    ({"guarantee": {"type": "volume"}}, ["guarantee"]),
    ({"snapshot_policy": {"name": "default"}}, ["snapshotPolicy"]),
    ({"space": {"snapshot": {"reserve_percent": 20}}}, ["snapshotReserve"]),
    ({"autosize": {"grow_threshold": 95}}, ["autosize.growThreshold"]),
    ({"autosize": {"mode": "grow"}}, ["autosize.mode"]),
    ({"comment": "mine now"}, ["comment"]),
    ({"state": "offline"}, ["junctionPath", "online"]),
]


@pytest.mark.parametrize(("body", "paths"), BEHIND, ids=[",".join(row[1]) for row in BEHIND])
async def test_what_somebody_else_changed_is_named_and_repaired(
    bench: Bench, body: dict[str, Any], paths: list[str]
) -> None:
    lifecycle, inputs = bench.lifecycle(Volume), declared(bench)
    id, state = await make(bench)
    bench.behind("PATCH", f"/storage/volumes/{id.split('/')[1]}", body)
    since = bench.mark
    found = await seen(bench, id, inputs, state)
    assert bench.writes(since) == []
    assert [one.path for one in lifecycle.diff(inputs, found, [])] == paths
    repaired = await lifecycle.update(RESOURCE, id, inputs, found, 0)
    assert lifecycle.diff(inputs, repaired, []) == []
    assert repaired["junctionPath"] == "/images"


POLICIES: list[tuple[dict[str, Any], str]] = [
    ({"nas": {"export_policy": {"name": "theirs"}}}, "exportPolicy"),
    ({"qos": {"policy": {"name": "theirs"}}}, "qosPolicy"),
]


@pytest.mark.parametrize(("body", "path"), POLICIES, ids=[row[1] for row in POLICIES])
async def test_a_policy_that_somebody_else_exchanged_is_put_back(
    bench: Bench, body: dict[str, Any], path: str
) -> None:
    svm = {"svm": {"name": "demo-nfs-svm"}}
    bench.behind("POST", "/protocols/nfs/export-policies", {"name": "theirs", **svm})
    for name in ("gold", "theirs"):
        bench.behind(
            "POST", "/storage/qos/policies", {"name": name, "fixed": {"max_throughput_iops": 9}, **svm}
        )
    lifecycle, inputs = bench.lifecycle(Volume), declared(bench, qosPolicy="gold")
    id, state = await make(bench, qosPolicy="gold")
    bench.behind("PATCH", f"/storage/volumes/{id.split('/')[1]}", body)
    found, since = await seen(bench, id, inputs, state), bench.mark
    assert [one.path for one in lifecycle.diff(inputs, found, [])] == [path]
    repaired = await lifecycle.update(RESOURCE, id, inputs, found, 0)
    assert len(bench.writes(since)) == 1
    assert lifecycle.diff(inputs, repaired, []) == []


async def test_one_that_disappeared_is_made_again(bench: Bench) -> None:
    lifecycle, inputs = bench.lifecycle(Volume), declared(bench)
    id, state = await make(bench)
    at = f"/storage/volumes/{id.split('/')[1]}"
    bench.behind("PATCH", at, {"nas": {"path": ""}})
    bench.behind("PATCH", at, {"state": "offline"})
    bench.behind("DELETE", at)
    since = bench.mark
    assert await lifecycle.read(id, inputs, state) is None
    assert bench.writes(since) == []
    again, made = await make(bench)
    assert again != id
    assert lifecycle.diff(inputs, made, []) == []


async def test_dedupe_switched_off_behind_its_back_comes_back_with_what_hangs_on_it(bench: Bench) -> None:
    lifecycle, inputs = bench.lifecycle(Volume), declared(bench)
    id, state = await make(bench)
    off = dict.fromkeys(("dedupe", "compression", "compaction", "cross_volume_dedupe"), "none")
    bench.behind("PATCH", f"/storage/volumes/{id.split('/')[1]}", {"efficiency": off})
    found = await seen(bench, id, inputs, state)
    assert "efficiency.dedupe" in [one.path for one in lifecycle.diff(inputs, found, [])]
    repaired = await lifecycle.update(RESOURCE, id, inputs, found, 0)
    assert lifecycle.diff(inputs, repaired, []) == []


async def test_efficiency_goes_off_in_one_request(bench: Bench) -> None:
    id, state = await make(bench)
    off = dict.fromkeys(("dedupe", "compression", "compaction"), "none")
    since = bench.mark
    state = await bench.lifecycle(Volume).update(RESOURCE, id, declared(bench, efficiency=off), state, 0)
    assert [body for _, _, body in bench.writes(since)] == [{"efficiency": off}]
    assert state["efficiencyState"] == "disabled"


async def test_a_resize_does_not_touch_the_junction_path(bench: Bench) -> None:
    """Other providers sent an empty nas.path with each resize and so unmounted the volume."""
    id, state = await make(bench)
    await bench.lifecycle(Volume).update(RESOURCE, id, declared(bench, size="80GiB"), state, 0)
    volume = bench.ontap.volume("images")
    assert volume is not None
    assert volume["nas.path"] == "/images"


async def test_a_size_that_autosize_chose_is_no_drift(bench: Bench) -> None:
    grows = {"mode": "grow", "maximum": "100GiB"}
    inputs = declared(bench, autosize=grows)
    id, state = await make(bench, autosize=grows)
    for size, paths in (((80 << 30), []), ((40 << 30), ["size"])):
        bench.behind("PATCH", f"/storage/volumes/{id.split('/')[1]}", {"size": size})
        found = await seen(bench, id, inputs, state)
        assert [one.path for one in bench.lifecycle(Volume).diff(inputs, found, [])] == paths, size


async def test_an_import_gives_what_a_create_gave(bench: Bench) -> None:
    id, state = await make(bench)
    for form in (id, "cluster01/demo-nfs-svm/images"):
        found = await bench.lifecycle(Volume).read(form, {}, {})
        assert found is not None
        assert found[0] == id
        assert found[1] == state
        assert bench.lifecycle(Volume).diff(declared(bench), found[1], []) == []
    with pytest.raises(Failed, match="There is no strata:ontap:Volume with the id"):
        await bench.lifecycle(Volume).read("cluster01/demo-nfs-svm/none", {}, {})


async def test_a_volume_that_was_moved_is_drift_and_never_replaced(bench: Bench) -> None:
    id, state = await make(bench)
    since, lifecycle = bench.mark, bench.lifecycle(Volume)
    moved = lifecycle.check(SEED | {"aggregate": "aggr2"})
    (difference,) = lifecycle.diff(moved, state, [])
    assert (difference.path, difference.role) == ("aggregate", Role.MANAGED), (
        "a replacement would cost the data"
    )
    with pytest.raises(InitFailed, match="Strata moves no data between aggregates"):
        await lifecycle.update(RESOURCE, id, moved, state, 0)
    assert bench.writes(since) == []


@pytest.mark.parametrize(("deletion", "query"), [("recoveryQueue", None), ("purge", "true")])
async def test_delete_unmounts_takes_offline_and_deletes(
    bench: Bench, deletion: str, query: str | None
) -> None:
    id, state = await make(bench)
    since = bench.mark
    await bench.lifecycle(Volume).delete(RESOURCE, id, state | {"deletion": deletion}, 0)
    assert [(method, body) for method, _, body in bench.writes(since)] == [
        ("PATCH", {"nas": {"path": ""}}),
        ("PATCH", {"state": "offline"}),
        ("DELETE", {}),
    ]
    assert bench.ontap.writes(since)[-1].query.get("force") == query
    gone = bench.mark
    await bench.lifecycle(Volume).delete(RESOURCE, id, state, 0)
    assert bench.writes(gone) == []
