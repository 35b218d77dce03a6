"""A volume between declaration and wire: the mark, the order of changes, and that every leaf is one ONTAP takes."""

from __future__ import annotations

import importlib
from typing import Any

import pytest

from strata.provider.codec import encode
from strata.provider.diff import Difference
from strata.provider.fields import Role
from strata.provider.kinds import ontap_volume_wire as wire
from strata.provider.kinds.ontap_volume_args import Autosize, Efficiency, VolumeArgs

OWNER = "strata:lab/images"


def change(path: str, declared: Any) -> Difference:
    return Difference(path, declared, None, Role.MANAGED)


@pytest.mark.parametrize("comment", ["", "Glance images", "ends in [brackets]", "[strata:not] in the middle"])
def test_the_mark_is_put_on_and_taken_off_again(comment: str) -> None:
    marked = wire.marked(comment, OWNER)
    assert wire.owner_in(marked) == OWNER
    record = {"uuid": "u", "name": "v", "size": 1, "svm": {"name": "s"}, "comment": marked}
    assert wire.observed("c", record).actual.comment == comment


def test_changes_go_in_the_order_that_never_mounts_with_the_former_access() -> None:
    paths = {
        "junctionPath": "/b",
        "efficiency.policy": "auto",
        "exportPolicy": "strict",
        "efficiency.dedupe": "background",
        "size": "1GiB",
        "efficiency.compaction": "none",
        "online": True,
        "name": "b",
    }
    sent = [body for _, body in wire.patches([change(*one) for one in paths.items()], OWNER)]
    assert sent == [
        {"state": "online"},
        {"name": "b"},
        {"size": 1 << 30},
        {"nas": {"export_policy": {"name": "strict"}}},
        {"nas": {"path": "/b"}},
        {"efficiency": {"compaction": "none"}},
        {"efficiency": {"dedupe": "background"}},
        {"efficiency": {"policy": {"name": "auto"}}},
    ]


def test_every_leaf_belongs_to_exactly_one_step() -> None:
    for path in wire.LEAVES:
        for value in (True, False) if path == "online" else ("none", "other"):
            assert sum(picks(change(path, value)) for _, picks in wire.STEPS) == 1, (path, value)


def test_every_managed_property_can_be_sent() -> None:
    full = VolumeArgs(
        "c", "s", "n", "a", "1GiB", "/n", "e", Efficiency("both", "both", "inline", "both", "auto"), "none", "none", 5,
        Autosize("grow", "2GiB", "1GiB", 90, 50), "0755", 1, 2, "unix", "text", "gold",
    )  # fmt: skip
    leaves = {
        f"{name}.{inner}" if isinstance(value, dict) else name
        for name, value in encode(full).items()
        for inner in (value if isinstance(value, dict) else [""])
    }
    assert leaves - {"cluster", "svm", "aggregate", "adopt", "deletion"} == set(wire.LEAVES)
    assert set(wire.post_body(full, OWNER, encode(full))) == {
        "svm", "aggregates", "name", "size", "nas", "guarantee", "snapshot_policy", "space", "autosize", "comment", "qos",
    }  # fmt: skip


def test_the_sdk_sends_every_leaf_as_it_is() -> None:
    """netapp-ontap drops a field that it holds for read-only without a word."""
    volume = importlib.import_module("netapp_ontap.resources").Volume

    samples = {"unixPermissions": "0755", "snapshotReserve": 5, "uid": 1, "gid": 1, "online": True}
    for path, (_, travels) in wire.LEAVES.items():
        sizes = path == "size" or path in ("autosize.maximum", "autosize.minimum")
        value = samples.get(path, "1GiB" if sizes else 90 if path.endswith("Threshold") else "none")
        ((_, body),) = wire.patches([change(path, value)], OWNER)
        resource = volume.from_dict({"uuid": "u"})
        for key, part in body.items():
            setattr(resource, key, part)
        assert resource._get_changed_data() == body, (path, travels)


def test_what_an_offline_volume_does_not_show_is_not_there() -> None:
    record = {"uuid": "u", "name": "v", "size": 50 << 30, "svm": {"name": "s"}, "state": "offline"}
    actual = wire.observed("c", record).actual
    assert (actual.online, actual.junction_path, actual.uid, actual.unix_permissions) == (
        False,
        "",
        None,
        None,
    )


def test_an_unset_efficiency_policy_is_none() -> None:
    record = {
        "uuid": "u",
        "name": "v",
        "size": 1,
        "svm": {"name": "s"},
        "efficiency": {"policy": {"name": "-"}},
    }
    efficiency = wire.observed("c", record).actual.efficiency
    assert efficiency is not None
    assert efficiency.policy is None
