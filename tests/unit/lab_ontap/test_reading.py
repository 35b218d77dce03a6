"""The `fields`, filter and paging arguments, and the two media types (facts: ontap 0.3, 5)."""

from __future__ import annotations

import pytest

from lab.ontap.sizes import parse_size
from lab.ontap.testing import RunningOntap
from tests.unit.lab_ontap.wire import GIB, POLICIES, RULE, SVM, VOLUMES, read, volume


@pytest.mark.parametrize(
    ("fields", "has", "has_not", "because"),
    [
        (
            "*",
            {"size", "state", "space"},
            {"nas", "efficiency", "autosize", "guarantee", "is_svm_root"},
            "expensive",
        ),
        ("**", {"size", "nas", "efficiency", "autosize", "guarantee"}, set(), "two stars are everything"),
        ("nas", {"nas"}, {"size"}, "a parent is all below it"),
        ("nas.path", {"nas"}, {"size"}, "one leaf"),
        ("space.*", {"space"}, {"size"}, "a parent with a star"),
        ("size,nas.path,", {"size", "nas"}, {"state"}, "Ansible leaves a comma at the end"),
        ("tiering.policy,size", {"size"}, {"tiering"}, "documented, not kept: absent"),
    ],
)
def test_fields(ontap: RunningOntap, fields: str, has: set[str], has_not: set[str], because: str) -> None:
    volume(ontap, **{"nas.path": "/images"})
    record = read(ontap, fields=fields)
    assert has | {"uuid", "name"} <= set(record), because
    assert not has_not & set(record), because


def test_without_fields_a_collection_gives_keys_and_an_instance_what_is_cheap(ontap: RunningOntap) -> None:
    made = volume(ontap)
    listed = ontap.request("GET", VOLUMES, params={"name": "images"}).json()["records"][0]
    assert set(listed) == {"uuid", "name", "_links"}
    one = ontap.request("GET", f"{VOLUMES}/{made['uuid']}").json()
    assert "size" in one
    assert "nas" not in one


def test_an_unknown_field_or_filter_is_refused(ontap: RunningOntap) -> None:
    assert ontap.request("GET", VOLUMES, params={"fields": "sise"}).json()["error"]["code"] == "262197"
    error = ontap.request("GET", VOLUMES, params={"sise": "1"}).json()["error"]
    assert (error["code"], error["target"]) == ("262179", "sise")


@pytest.mark.parametrize(
    ("query", "names", "because"),
    [
        ({"name": "a*"}, ["a1", "a2"], "a wildcard"),
        ({"name": "a1|b1"}, ["a1", "b1"], "one of"),
        ({"name": "!a*", "is_svm_root": "false"}, ["b1"], "not"),
        ({"size": ">=2GB", "is_svm_root": "False"}, ["a2", "b1"], "a size with a unit; Python's False"),
        ({"size": "<2g", "is_svm_root": "false"}, ["a1"], "less than"),
        ({"size": "2147483648..3221225472"}, ["a2", "b1"], "a range"),
        ({"nas.path": "null"}, ["a2", "b1"], "without a junction path"),
        ({"nas.path": "!null", "name": "!*root"}, ["a1"], "with one"),
        ({"aggregates.name": "aggr2"}, ["b1"], "a part of a list's objects"),
        ({"svm.name": "nope"}, [], "nothing there"),
        ({"order_by": "size desc", "name": "a1|a2|b1"}, ["b1", "a2", "a1"], "the largest first"),
    ],
)
def test_filters(ontap: RunningOntap, query: dict[str, str], names: list[str], because: str) -> None:
    volume(ontap, "a1", **{"nas.path": "/a1"})
    volume(ontap, "a2", size="2g")
    volume(ontap, "b1", size="3g", aggregates=[{"name": "aggr2"}])
    found = ontap.request("GET", VOLUMES, params=query).json()["records"]
    assert [each["name"] for each in found] == names, because


def test_the_next_link_comes_whatever_accept_says(ontap: RunningOntap) -> None:
    for name in ("a", "b", "c"):
        volume(ontap, name)
    plain = {"Accept": "application/json"}
    first = ontap.request("GET", VOLUMES, params={"max_records": "3"}, headers=plain).json()
    assert (first["num_records"], set(first["_links"])) == (3, {"next"})
    assert "_links" not in first["records"][0]
    second = ontap.request("GET", first["_links"]["next"]["href"], headers=plain).json()
    assert [each["name"] for each in second["records"]] == ["c"]
    assert "_links" not in second


def test_counting_returns_no_records(ontap: RunningOntap) -> None:
    answer = ontap.request("GET", VOLUMES, params={"return_records": "False"}).json()
    assert (answer["num_records"], "records" in answer) == (1, False)


def test_an_svm_in_the_header_limits_and_completes(ontap: RunningOntap) -> None:
    header = {"X-Dot-SVM-Name": "demo-nfs-svm"}
    made = ontap.request("POST", POLICIES, json={"name": "p"}, headers=header)
    assert made.status_code == 201
    assert ontap.request("POST", POLICIES, json={"name": "q"}).json()["error"]["code"] == "2621707"
    wrong = ontap.request("GET", VOLUMES, headers={"X-Dot-SVM-Name": "nope"})
    assert wrong.status_code == 404


def test_rules_move_and_keep_their_gaps(ontap: RunningOntap) -> None:
    ontap.request("POST", POLICIES, json={"name": "p", **SVM})
    rules = f"{POLICIES}/2/rules"
    for number in (1, 2, 3):
        made = ontap.request("POST", rules, json={**RULE, "clients": [{"match": f"10.{number}.0.0/16"}]})
        assert made.headers["location"] == f"/api/protocols/nfs/export-policies/2/rules/{number}"
    ontap.request("DELETE", f"{rules}/2")
    listed = ontap.request("GET", rules, params={"fields": "clients"}).json()["records"]
    assert [each["index"] for each in listed] == [1, 3]
    ontap.request("PATCH", f"{rules}/3", params={"new_index": "1"}, json={})
    listed = ontap.request("GET", rules, params={"fields": "clients", "order_by": "index"}).json()["records"]
    assert [each["clients"][0]["match"] for each in listed] == ["10.3.0.0/16", "10.1.0.0/16"]
    assert listed[0]["policy"]["id"] == 2


@pytest.mark.parametrize(
    ("text", "size"),
    [
        (53687091200, 50 * GIB),
        ("50g", 50 * GIB),
        ("50GB", 50 * GIB),
        ("50GiB", 50 * GIB),
        ("1.5k", 1536),
        ("20", 20),
    ],
)
def test_sizes(text: object, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "g", "50 apples", "-1", True, None, [1]])
def test_no_sizes(text: object) -> None:
    assert parse_size(text) is None
