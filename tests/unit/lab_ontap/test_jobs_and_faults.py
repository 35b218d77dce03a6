"""Jobs on the clock, injected faults as a client meets them, the journal, and a restart."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest

from lab.http.faults import Fault
from lab.ontap.testing import RunningOntap, running
from tests.unit.lab_ontap.wire import SVM, VOLUMES, job, read, volume

NEW = {"name": "images", **SVM, "aggregates": [{"name": "aggr1"}], "size": "1g"}


def start(ontap: RunningOntap) -> str:
    """Create a volume without waiting; the job's uuid."""
    return str(ontap.request("POST", VOLUMES, json=NEW).json()["job"]["uuid"])


def test_a_job_is_queued_then_running_then_over(ontap: RunningOntap) -> None:
    ontap.configure(job_seconds=8)
    uuid = start(ontap)
    assert job(ontap, uuid)["state"] == "queued"
    ontap.advance(3)
    assert job(ontap, uuid)["state"] == "running"
    assert ontap.volume("images") is None
    ontap.advance(5)
    assert (job(ontap, uuid)["state"], job(ontap, uuid)["code"]) == ("success", 0)
    assert ontap.volume("images") is not None


@pytest.mark.parametrize(
    ("timeout", "status", "because"),
    [("0", 202, "the default does not wait"), ("5", 202, "not over in 5 s"), ("30", 201, "over in 10 s")],
)
def test_return_timeout(ontap: RunningOntap, timeout: str, status: int, because: str) -> None:
    ontap.configure(job_seconds=10)
    answer = ontap.request(
        "POST", VOLUMES, params={"return_timeout": timeout, "return_records": "True"}, json=NEW
    )
    assert answer.status_code == status, because
    assert answer.json()["job"]["_links"]["self"]["href"].startswith("/api/cluster/jobs/")
    uuid = answer.json()["records"][0]["uuid"]
    assert answer.headers["location"] == f"/api/storage/volumes/{uuid}"


def test_return_timeout_has_its_limit(ontap: RunningOntap) -> None:
    answer = ontap.request("POST", VOLUMES, params={"return_timeout": "121"}, json=NEW)
    assert answer.json()["error"]["code"] == "262197"
    assert ontap.volume("images") is None


def test_a_job_that_fails_in_time_answers_with_its_error(ontap: RunningOntap) -> None:
    volume(ontap)
    body = {"efficiency.compression": "inline"}
    answer = ontap.request("PATCH", VOLUMES, params={"name": "images", "return_timeout": "5"}, json=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "6881332")
    assert "job" in answer.json()


@pytest.mark.parametrize(
    ("effect", "exists", "because"),
    [("reset", False, "closed before it was done"), ("lost_answer", True, "done, and then closed")],
)
def test_a_client_left_without_an_answer(
    ontap: RunningOntap, effect: str, exists: bool, because: str
) -> None:
    ontap.faults.add(Fault(effect, "POST", "/storage/volumes$"))
    with pytest.raises(httpx.TransportError):
        ontap.request("POST", VOLUMES, json=NEW)
    assert (ontap.volume("images") is not None) is exists, because
    assert ontap.journal.entries()[-1].status is None


def test_half_an_answer(ontap: RunningOntap) -> None:
    ontap.faults.add(Fault("truncate", "GET", "/cluster$"))
    with pytest.raises(httpx.RemoteProtocolError, match="without sending complete message body"):
        ontap.request("GET", "/api/cluster")
    assert ontap.request("GET", "/api/cluster").status_code == 200, "a fault strikes once by default"


def test_a_status_with_headers_after_two_and_twice(ontap: RunningOntap) -> None:
    fault = Fault("status", "GET", "/cluster$", times=2, after=1, status=429, headers={"Retry-After": "7"})
    ontap.faults.add(fault)
    answers = [ontap.request("GET", "/api/cluster") for _ in range(4)]
    assert [each.status_code for each in answers] == [200, 429, 429, 200]
    assert answers[1].headers["retry-after"] == "7"


def test_unauthorized_and_delay(ontap: RunningOntap) -> None:
    ontap.faults.add(Fault("unauthorized"))
    assert ontap.request("GET", "/api/cluster").status_code == 401
    ontap.faults.add(Fault("delay", seconds=30))
    before = ontap.clock.now()
    assert ontap.request("GET", "/api/cluster").status_code == 200
    assert ontap.clock.now() - before == 30


@pytest.mark.parametrize("applied", [False, True])
def test_a_job_made_to_fail_with_or_without_its_work(ontap: RunningOntap, applied: bool) -> None:
    ontap.faults.add(
        Fault("job_failure", "POST", "volumes", code="917536", message="no luck", applied=applied)
    )
    record = job(ontap, start(ontap))
    assert (record["state"], record["code"], record["message"]) == ("failure", 917536, "no luck")
    assert (ontap.volume("images") is not None) is applied


@pytest.mark.parametrize("applied", [False, True])
def test_a_job_made_to_hang_goes_on_when_faults_are_cleared(ontap: RunningOntap, applied: bool) -> None:
    ontap.faults.add(Fault("job_hang", "POST", "volumes", applied=applied))
    uuid = start(ontap)
    ontap.advance(3600)
    assert job(ontap, uuid)["state"] == "running"
    assert (ontap.volume("images") is not None) is applied
    ontap.request("DELETE", "/_lab/faults")
    assert job(ontap, uuid)["state"] == "success"
    assert ontap.volume("images") is not None


def test_a_misspelt_fault_is_refused(ontap: RunningOntap) -> None:
    answer = ontap.request("POST", "/_lab/faults", json={"effect": "explode"})
    assert (answer.status_code, "lost_answer" in answer.json()["error"]) == (400, True)
    assert ontap.request("POST", "/_lab/faults", json={"effect": "reset", "tims": 2}).status_code == 400


def test_the_journal_tells_writes_and_no_secrets(ontap: RunningOntap, tmp_path: Path) -> None:
    seq = ontap.journal.last
    ontap.request("GET", "/api/cluster", headers={"X-Dot-Client-App": "strata"})
    ontap.request("POST", "/api/cluster", json={"password": "hunter2", "nested": [{"secret_key": "canary"}]})
    ontap.request("GET", "/_lab/state")
    entries = ontap.journal.entries(seq)
    assert [(each.method, each.write, each.status) for each in entries] == [
        ("GET", False, 200),
        ("POST", True, 405),
    ]
    assert entries[0].client == "strata"
    listed = ontap.request("GET", "/_lab/journal", params={"since": seq, "writes": "1"}).json()
    assert [each["seq"] for each in listed["entries"]] == [entries[1].seq]
    text = (tmp_path / "ontap" / "ontap-journal.jsonl").read_text()
    assert json.loads(text.splitlines()[-1])["method"] == "POST"
    for secret in ("hunter2", "canary", ontap.password):
        assert secret not in text
    ontap.request("DELETE", "/_lab/journal")
    assert ontap.journal.entries() == []


def test_the_control_interface_wants_the_password(ontap: RunningOntap) -> None:
    assert ontap.request("GET", "/_lab/state", auth=("admin", "wrong")).status_code == 401
    assert ontap.request("POST", "/_lab/settings", json={"job_seconds": 3}).json()["job_seconds"] == 3
    ontap.request("POST", "/_lab/settings", json={"version": "9.16.1"})
    assert ontap.request("GET", "/api/cluster").json()["version"]["major"] == 16
    assert ontap.request("POST", "/_lab/settings", json={"speed": 1}).status_code == 400


def test_records_and_a_running_job_survive_a_restart(tmp_path: Path) -> None:
    with running(tmp_path, job_seconds=10) as ontap:
        uuid = start(ontap)
        clock = ontap.clock
    with running(tmp_path, clock=clock, job_seconds=10) as ontap:
        assert job(ontap, uuid)["state"] == "queued"
        ontap.advance(10)
        assert job(ontap, uuid)["state"] == "success"
        made = read(ontap)
        assert ontap.directory("images").is_dir()
        last = ontap.journal.last
    with running(tmp_path, clock=clock) as ontap:
        assert read(ontap)["uuid"] == made["uuid"]
        assert ontap.journal.last == last + 1
