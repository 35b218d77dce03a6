"""A volume's rules: mounting, offline, efficiency, space, its directory, and what becomes of it when deleted."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from lab.ontap.exports import Export, read_exports
from lab.ontap.testing import RunningOntap, running
from tests.unit.lab_ontap.wire import GIB, POLICIES, RULE, SVM, VOLUMES, change, read, volume


def test_defaults(ontap: RunningOntap) -> None:
    record = volume(ontap)
    assert record["snapshot_policy"]["name"] == "default"
    assert record["guarantee"]["type"] == "volume"
    assert record["nas"]["export_policy"]["name"] == "default"
    assert record["efficiency"]["state"] == "disabled"
    assert record["autosize"]["mode"] == "off"
    assert (record["type"], record["style"], record["state"]) == ("rw", "flexvol", "online")


def test_size_is_one_thing_under_two_names(ontap: RunningOntap) -> None:
    volume(ontap, space={"size": GIB})
    change(ontap, {"space": {"size": "2g"}})
    record = read(ontap)
    assert (record["size"], record["space"]["size"]) == (2 * GIB, 2 * GIB)


@pytest.mark.parametrize(
    ("body", "state", "because"),
    [
        ({"efficiency.dedupe": "background"}, "enabled", "volume efficiency on"),
        ({"efficiency": {"dedupe": "background", "compression": "inline"}}, "enabled", "both at once"),
        ({"efficiency": {"compaction": "inline"}}, "enabled", "one feature is enough"),
        ({"efficiency": {"policy": {}}, "svm": {}}, "disabled", "empty objects say nothing"),
    ],
)
def test_efficiency_state(ontap: RunningOntap, body: dict[str, Any], state: str, because: str) -> None:
    volume(ontap)
    assert change(ontap, body)["state"] == "success", because
    assert read(ontap)["efficiency"]["state"] == state, because


def test_efficiency_policy_shows_only_after_dedupe_and_a_patch(ontap: RunningOntap) -> None:
    record = volume(ontap, efficiency={"dedupe": "background", "policy": {"name": "default"}})
    assert record["efficiency"]["policy"]["name"] == "-"
    change(ontap, {"efficiency.policy.name": "default"})
    assert read(ontap)["efficiency"]["policy"]["name"] == "default"


def test_on_fsx_the_state_can_be_set(ontap: RunningOntap) -> None:
    ontap.configure(platform="fsx")
    volume(ontap)
    assert change(ontap, {"efficiency.state": "enabled"})["state"] == "success"
    assert read(ontap)["efficiency"]["dedupe"] == "background"


def test_offline_unmounts_and_hides(ontap: RunningOntap) -> None:
    volume(ontap, **{"nas.path": "/images"})
    assert change(ontap, {"state": "offline"})["state"] == "success"
    assert not {"path", "uid", "gid"} & set(read(ontap)["nas"])
    change(ontap, {"state": "online"})
    record = read(ontap)
    assert "path" not in record["nas"], "coming back online does not mount"
    assert record["nas"]["uid"] == 0


def test_a_path_nests_in_a_directory_that_exists(ontap: RunningOntap) -> None:
    volume(ontap, **{"nas.path": "/images"})
    (ontap.directory("images") / "inner").mkdir()
    record = volume(ontap, "deep", **{"nas.path": "/images/inner/deep"})
    assert record["nas"]["path"] == "/images/inner/deep"


def test_the_directory_follows_owner_and_permissions(ontap: RunningOntap) -> None:
    mine: dict[str, Any] = {"nas.uid": os.getuid(), "nas.gid": os.getgid()}
    volume(ontap, **mine, **{"nas.unix_permissions": "0750"})
    status = ontap.directory("images").stat()
    assert (status.st_mode & 0o7777, status.st_uid) == (0o750, os.getuid())
    change(ontap, {"nas": {"unix_permissions": 711}})
    assert ontap.directory("images").stat().st_mode & 0o7777 == 0o711
    assert read(ontap)["nas"]["unix_permissions"] == 711


def test_space_and_savings_are_those_of_the_files(ontap: RunningOntap) -> None:
    volume(ontap)
    block = os.urandom(4096)
    (ontap.directory("images") / "one").write_bytes(block * 100)
    (ontap.directory("images") / "two").write_bytes(block * 50 + os.urandom(4096 * 50))
    record = read(ontap)
    assert record["space"]["used"] == 200 * 4096
    assert record["efficiency"]["space_savings"]["dedupe"] == 0, "dedupe is off"
    change(ontap, {"efficiency.dedupe": "background"})
    record = read(ontap)
    assert record["efficiency"]["space_savings"]["dedupe"] == 149 * 4096
    assert record["space"]["used"] == 51 * 4096
    assert record["space"]["logical_space"]["used"] == 200 * 4096


def test_a_deleted_volume_waits_in_the_recovery_queue(ontap: RunningOntap) -> None:
    made = volume(ontap)
    directory = ontap.directory("images")
    ontap.request("DELETE", f"{VOLUMES}/{made['uuid']}", params={"return_timeout": "5"})
    assert ontap.volume("images") is None
    assert [each["uuid"] for each in ontap.state()["tables"]["recovery_queue"]] == [made["uuid"]]
    assert directory.is_dir()
    ontap.advance(13 * 3600)
    assert ontap.state()["tables"]["recovery_queue"] == []
    assert not directory.exists()


def test_a_forced_delete_is_final(ontap: RunningOntap) -> None:
    made = volume(ontap)
    directory = ontap.directory("images")
    ontap.request("DELETE", f"{VOLUMES}/{made['uuid']}", params={"return_timeout": "5", "force": "True"})
    assert not directory.exists()
    assert not ontap.state()["tables"].get("recovery_queue")


def test_force_is_unknown_to_an_old_release(ontap: RunningOntap) -> None:
    ontap.configure(version="9.11.1")
    made = volume(ontap)
    answer = ontap.request("DELETE", f"{VOLUMES}/{made['uuid']}", params={"force": "true"})
    assert answer.json()["error"]["target"] == "force"
    assert ontap.request("PATCH", f"{VOLUMES}/{made['uuid']}", json={"_tags": ["a:b"]}).status_code == 400


def test_a_collection_write_reaches_every_match(ontap: RunningOntap) -> None:
    for name in ("a1", "a2", "b1"):
        volume(ontap, name)
    answer = ontap.request("PATCH", VOLUMES, params={"name": "a*"}, json={"comment": "both"}).json()
    assert len(answer["jobs"]) == 2
    ontap.advance(1)
    assert [read(ontap, name)["comment"] for name in ("a1", "a2", "b1")] == ["both", "both", ""]
    assert ontap.request("DELETE", VOLUMES, params={"name": "zz*"}).status_code == 404


def test_exports_follow_every_change_that_matters(tmp_path: Path) -> None:
    heard: list[list[str]] = []

    def listen(exports: Sequence[Export]) -> None:
        heard.append([f"{each.junction_path} {each.policy} {len(each.rules)}" for each in exports])

    file = tmp_path / "exports.json"
    with running(tmp_path / "ontap", on_change=listen, exports_file=file) as ontap:
        volume(ontap, **{"nas.path": "/images"})
        ontap.request("POST", POLICIES, json={"name": "glance", **SVM})
        change(ontap, {"nas.export_policy.name": "glance"})
        ontap.request(
            "POST", f"{POLICIES}/2/rules", json={**RULE, "superuser": ["sys"], "anonymous_user": "65534"}
        )
        change(ontap, {"comment": "no news for the data plane"})
        change(ontap, {"nas.path": "/pictures"})
        svm = read(ontap)["svm"]["uuid"]
        exports = read_exports(file)
        assert exports == ontap.exports()
        ontap.request("PATCH", f"/api/protocols/nfs/services/{svm}", json={"enabled": False})
    root = "/ default 0"
    assert heard == [
        [root],
        [root, "/images default 0"],
        [root, "/images glance 0"],
        [root, "/images glance 1"],
        [root, "/pictures glance 1"],
        [],
    ]
    (rule,) = exports[1].rules
    assert (rule.clients, rule.rw, rule.superuser, rule.anonymous) == (
        ("10.0.0.0/24",),
        ("sys",),
        ("sys",),
        "65534",
    )


def test_a_data_plane_that_fails_is_reported_and_harms_nothing(tmp_path: Path) -> None:
    def refuse(_exports: Any) -> None:
        raise RuntimeError("ganesha is not there")

    with running(tmp_path / "ontap", on_change=refuse) as ontap:
        volume(ontap, **{"nas.path": "/images"})
        assert "ganesha is not there" in ontap.request("GET", "/_lab/exports").json()["error"]
