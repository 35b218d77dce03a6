"""Each error code the emulator emits, by the request that brings it about (facts: ontap 2)."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import lab.ontap
from lab.ontap import unverified
from lab.ontap.errors import STATUSES
from lab.ontap.testing import RunningOntap
from tests.unit.lab_ontap.wire import POLICIES, RULE, SVM, VOLUMES, change, volume

AGGREGATE = {"aggregates": [{"name": "aggr1"}]}
NEW = {"name": "new", **SVM, **AGGREGATE}
QOS = "/api/storage/qos/policies"


@dataclass(frozen=True)
class Case:
    """A request that must be refused with that code, sent when volume `images` and export policy 2 exist."""

    code: str
    because: str
    method: str
    path: str
    body: Any = None
    first: tuple[tuple[str, str, Any], ...] = field(default=())


def _without(name: str) -> dict[str, Any]:
    return {key: value for key, value in NEW.items() if not key.startswith(name)}


CASES = (
    Case("1", "an export policy's name is its SVM's own", "POST", POLICIES, {"name": "glance", **SVM}),
    Case("2", "a volume needs a name", "POST", VOLUMES, {**SVM, **AGGREGATE}),
    Case("3", "nothing is written to the cluster", "PATCH", "/api/cluster", {"name": "x"}),
    Case("4", "no such volume", "GET", f"{VOLUMES}/9f0c1f4e"),
    Case("8", "a QoS policy in use stays", "DELETE", f"{QOS}?name=gold"),
    Case("262179", "a key nobody knows", "POST", VOLUMES, {**NEW, "junction": "/x"}),
    Case("262196", "the SVM of a volume never changes", "PATCH", f"{VOLUMES}?name=images", SVM),
    Case("262197", "no such security style", "POST", VOLUMES, {**NEW, "nas.security_style": "foo"}),
    Case("917526", "the name is taken", "POST", VOLUMES, {**NEW, "name": "images"}),
    Case("2621462", "no such SVM", "POST", VOLUMES, {**NEW, "svm.name": "nope"}),
    Case("2621707", "no SVM at all", "POST", VOLUMES, _without("svm")),
    Case("2621706", "name and uuid mean two SVMs", "POST", VOLUMES, {**NEW, "svm.uuid": "SECOND SVM"}),
    Case("917508", "no such aggregate", "POST", VOLUMES, {**NEW, "aggregates": [{"name": "aggr9"}]}),
    Case("787140", "no aggregate at all", "POST", VOLUMES, _without("aggregates")),
    Case(
        "787141",
        "name and uuid mean two aggregates",
        "POST",
        VOLUMES,
        {**NEW, "aggregates": [{"name": "aggr1", "uuid": "SECOND AGGREGATE"}]},
    ),
    Case(
        "918242",
        "two aggregates make a FlexGroup",
        "POST",
        VOLUMES,
        {**NEW, "aggregates.name": ["aggr1", "aggr2"]},
    ),
    Case("918252", "a junction path begins with a slash", "POST", VOLUMES, {**NEW, "nas.path": "images"}),
    Case("918271", "no such export policy", "POST", VOLUMES, {**NEW, "nas.export_policy.name": "nope"}),
    Case("917551", "no such snapshot policy", "POST", VOLUMES, {**NEW, "snapshot_policy.name": "nope"}),
    Case("917534", "below 20 MB", "POST", VOLUMES, {**NEW, "size": "1m"}),
    Case("917835", "at most 90 % at create", "POST", VOLUMES, {**NEW, "space.snapshot.reserve_percent": 91}),
    Case("917886", "204 characters", "POST", VOLUMES, {**NEW, "name": "v" * 204}),
    Case("917887", "a digit first", "POST", VOLUMES, {**NEW, "name": "1v"}),
    Case("917888", "a dash inside", "POST", VOLUMES, {**NEW, "name": "a-b"}),
    Case("917829", "grow not above shrink", "POST", VOLUMES, {**NEW, "autosize.grow_threshold": 50}),
    Case(
        "917831",
        "minimum not below maximum",
        "POST",
        VOLUMES,
        {**NEW, "size": "1g", "autosize.maximum": "1g"},
    ),
    Case("918521", "beyond what a volume can be", "POST", VOLUMES, {**NEW, "autosize.maximum": "400t"}),
    Case(
        "918524",
        "minimum above the size",
        "POST",
        VOLUMES,
        {**NEW, "size": "1g", "autosize": {"minimum": "2g", "maximum": "3g"}},
    ),
    Case(
        "917533",
        "ntfs has no uid",
        "POST",
        VOLUMES,
        {**NEW, "nas.security_style": "ntfs", "nas.uid": 0},
    ),
    Case(
        "917775",
        "an offline volume is not mounted",
        "PATCH",
        f"{VOLUMES}?name=images",
        {"nas.path": "/elsewhere"},
        (("PATCH", f"{VOLUMES}?name=images", {"state": "offline"}),),
    ),
    Case("917531", "an SVM keeps its root volume", "DELETE", f"{VOLUMES}?name=demo_nfs_svm_root"),
    Case("918652", "error is no state to choose", "PATCH", f"{VOLUMES}?name=images", {"state": "error"}),
    Case(
        "6881640",
        "only FSx takes the state",
        "PATCH",
        f"{VOLUMES}?name=images",
        {"efficiency.state": "enabled"},
    ),
    Case("8454210", "no such QoS policy", "POST", VOLUMES, {**NEW, "qos.policy.name": "nope"}),
    Case("8454154", "the QoS policy's name is taken", "POST", QOS, {"name": "gold", **SVM}),
    Case(
        "8454194",
        "minimum above maximum",
        "POST",
        QOS,
        {"name": "q", **SVM, "fixed": {"min_throughput_iops": 2, "max_throughput_iops": 1}},
    ),
    Case("8454327", "fixed stays fixed", "PATCH", f"{QOS}?name=gold", {"adaptive.peak_iops": 1}),
    Case("8454328", "adaptive stays adaptive", "PATCH", f"{QOS}?name=flex", {"fixed.max_throughput_iops": 1}),
    Case("1703954", "a rule needs its policy", "POST", f"{POLICIES}/99/rules", RULE),
    Case("1703945", "a volume is served by it", "DELETE", f"{POLICIES}/2"),
    Case("1703947", "the default policy stays", "DELETE", f"{POLICIES}/1"),
    Case("1703952", "no blanks in the name", "POST", POLICIES, {"name": "a b", **SVM}),
    Case("1704070", "the same rule again", "POST", f"{POLICIES}/2/rules", RULE),
    Case("1704071", "twice in one go", "POST", POLICIES, {"name": "p", **SVM, "rules": [RULE, RULE]}),
    Case("3277162", "rules count from 1", "POST", f"{POLICIES}/2/rules", {**RULE, "index": 0}),
    *(
        Case(
            code,
            because,
            "POST",
            f"{POLICIES}/2/rules",
            {**RULE, "clients": [{"match": each} for each in matches]},
        )
        for code, because, matches in (
            ("1704036", "a domain needs a name", ["."]),
            ("1704038", "a netgroup needs a name", ["@"]),
            ("1704039", "no address", ["300.1.1.1"]),
            ("1704040", "host bits", ["10.0.0.5/24"]),
            ("1704042", "33 bits", ["10.0.0.0/33"]),
            ("1704043", "a netmask with holes", ["10.0.0.0/255.0.255.0"]),
            ("1704044", "no host name", ["a_b!"]),
            ("1704050", "the same client twice", ["10.2.0.1", "10.2.0.1"]),
        )
    ),
)


def prepared(ontap: RunningOntap) -> None:
    """Volume `images` under export policy 2 and QoS policy gold."""
    ontap.request("POST", POLICIES, json={"name": "glance", **SVM, "rules": [RULE]})
    fixed = {"name": "gold", **SVM, "fixed.max_throughput_iops": 10}
    ontap.request("POST", QOS, params={"return_timeout": "1"}, json=fixed)
    ontap.request(
        "POST", QOS, params={"return_timeout": "1"}, json={"name": "flex", **SVM, "adaptive.peak_iops": 9}
    )
    volume(ontap, **{"nas.export_policy.name": "glance", "nas.path": "/images", "qos.policy.name": "gold"})


def concrete(ontap: RunningOntap, body: Any) -> Any:
    """The body with the uuids that only a run knows."""
    tables = ontap.state()["tables"]
    if isinstance(body, dict) and body.get("svm.uuid") == "SECOND SVM":
        second = {"uuid": "second", "name": "second", "aggregates": []}
        ontap.emulator.system.store.table("svms")["second"] = second
        return {**body, "svm.uuid": "second"}
    if isinstance(body, dict) and "SECOND AGGREGATE" in str(body.get("aggregates")):
        return {**body, "aggregates": [{"name": "aggr1", "uuid": tables["aggregates"][1]["uuid"]}]}
    return body


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.code}: {case.because}")
def test_the_request_is_refused_with_that_code(ontap: RunningOntap, case: Case) -> None:
    prepared(ontap)
    for method, path, body in case.first:
        ontap.request(method, path, json=body)
    before = ontap.state()["tables"]
    answer = ontap.request(case.method, case.path, json=concrete(ontap, case.body))
    error = answer.json().get("error", {})
    assert error.get("code") == case.code, f"{case.because}: {answer.status_code} {answer.text}"
    assert isinstance(error["code"], str)
    assert error["message"]
    assert answer.status_code >= 400
    after = ontap.state()["tables"]
    for table in ("volumes", "export_policies", "export_rules", "qos_policies"):
        if case.code != "2621706":
            assert after[table] == before[table], f"a refused request changed {table}"


def test_a_name_that_is_being_created_is_taken(ontap: RunningOntap) -> None:
    ontap.configure(job_seconds=60)
    ontap.request("POST", VOLUMES, json=NEW)
    assert ontap.request("POST", VOLUMES, json=NEW).json()["error"]["code"] == "13107405"


def test_a_wrong_password_is_refused(ontap: RunningOntap) -> None:
    answer = ontap.request("GET", "/api/cluster", auth=("admin", "wrong"))
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "6691623")


@pytest.mark.parametrize(
    ("code", "because", "body"),
    [
        (6881332, "compression needs efficiency on", {"efficiency.compression": "inline"}),
        (6881332, "so does a policy", {"efficiency.policy.name": "default"}),
        (int(unverified.NO_SPACE), "more than the aggregate has", {"size": "2t"}),
        (int(unverified.JUNCTION_IN_USE), "the path is another volume's", {"nas.path": "/other"}),
        (int(unverified.JUNCTION_PARENT_MISSING), "no directory to mount in", {"nas.path": "/no/where"}),
    ],
)
def test_the_job_fails_with_that_code(
    ontap: RunningOntap, code: int, because: str, body: dict[str, Any]
) -> None:
    volume(ontap)
    volume(ontap, "other", **{"nas.path": "/other"})
    failed = change(ontap, body)
    assert (failed["state"], failed["code"]) == ("failure", code), because
    assert failed["error"] == {"code": str(code), "message": failed["message"]}


def test_shrinking_below_what_is_used_fails_in_the_job(ontap: RunningOntap) -> None:
    volume(ontap)
    (ontap.directory("images") / "image").write_bytes(b"x" * (30 * 2**20))
    assert change(ontap, {"size": "20m"})["code"] == int(unverified.SHRINK_BELOW_USED)


def test_errors_can_come_in_the_job_instead(ontap: RunningOntap) -> None:
    volume(ontap)
    ontap.configure(errors_in_jobs=("917551",))
    failed = change(ontap, {"snapshot_policy.name": "nope"})
    assert (failed["state"], failed["code"]) == ("failure", 917551)


def test_every_code_in_the_source_has_a_case() -> None:
    folder = Path(lab.ontap.__file__).parent
    raised = {
        node.args[0].value
        for path in folder.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "OntapError"
        if node.args and isinstance(node.args[0], ast.Constant)
    }
    elsewhere = {"13107405", "6881332", "6691623"}
    assert raised - {each.code for each in CASES} - elsewhere == set()
    assert raised <= set(STATUSES)
