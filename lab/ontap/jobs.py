"""Jobs: queued, running, then success or failure, on the system's clock.

A job's effect comes when it succeeds. What it will do is kept as plain data in its record, so that a job that was
running when the emulator stopped goes on after a restart. Source: facts: ontap 0.4, 1, 5.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection as Names
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from lab.http.faults import JobFault
from lab.ontap.errors import OntapError
from lab.ontap.model import Change, Collection, Document, Field, Shape
from lab.ontap.timestamps import timestamp

if TYPE_CHECKING:
    from lab.ontap.system import System

JOBS = Collection(
    table="jobs",
    path="/api/cluster/jobs",
    keys=("uuid",),
    identity=("uuid",),
    fields=(
        Field("uuid"),
        Field("description"),
        Field("state"),
        Field("message"),
        Field("code", shape=Shape.INTEGER),
        Field("error.code"),
        Field("error.message"),
        Field("start_time"),
        Field("end_time"),
        Field("svm.name"),
        Field("svm.uuid"),
    ),
    unmodelled=("node",),
    references={"svm": "/api/svm/svms"},
)

OVER = ("success", "failure")
QUEUED_SHARE = 0.25
"""The part of a job's time that it spends queued."""


def start_job(system: System, change: Change, description: str, fault: JobFault | None = None) -> Document:
    """Queue the change; it takes `job_seconds` of the clock's time."""
    now = system.clock.now()
    seconds = system.settings.job_seconds
    job: Document = {
        "uuid": str(uuid.uuid4()),
        "description": description,
        "state": "queued",
        "message": "",
        "start_time": timestamp(now),
        "~number": system.store.next_number("jobs"),
        "~begins": now + seconds * QUEUED_SHARE,
        "~due": now + seconds,
        "~change": asdict(change),
        "~fault": asdict(fault) if fault else None,
    }
    owner = system.store.table(change.table).get(change.key, change.body)
    job.update({name: owner[name] for name in ("svm.name", "svm.uuid") if name in owner})
    system.store.table("jobs")[job["uuid"]] = job
    return job


def unfinished(system: System) -> list[Document]:
    """The jobs that are not over, in the order in which they are due."""
    jobs = [each for each in system.store.table("jobs").values() if each["state"] not in OVER]
    return sorted(jobs, key=lambda each: (each["~due"], each["~number"]))


def settle(system: System) -> bool:
    """Bring every job to where the clock says it is; true when something changed."""
    now = system.clock.now()
    changed = False
    for job in unfinished(system):
        if job["~due"] <= now and not job.get("~hangs"):
            _finish(system, job)
            changed = True
        elif job["state"] == "queued" and job["~begins"] <= now:
            job["state"] = "running"
            changed = True
    return changed


def _finish(system: System, job: Document) -> None:
    fault = JobFault(**job["~fault"]) if job["~fault"] else None
    try:
        if fault is None or fault.effect:
            system.apply(Change(**job["~change"]))
    except OntapError as error:
        _fail(system, job, error.code, error.message)
        return
    if fault is None:
        job.update({"state": "success", "message": "success", "code": 0})
        job["end_time"] = timestamp(system.clock.now())
    elif fault.hang:
        job.update({"state": "running", "~hangs": True})
    else:
        _fail(system, job, fault.code, fault.message)


def _fail(system: System, job: Document, code: str, message: str) -> None:
    job.update({"state": "failure", "message": message, "code": int(code)})
    job.update({"error.code": code, "error.message": message})
    job["end_time"] = timestamp(system.clock.now())


class JobRecords:
    """Jobs can be read, not written."""

    def view(self, system: System, document: Document, asked: Names[str]) -> Document:
        """The record without what is only the emulator's."""
        return {name: value for name, value in document.items() if not name.startswith("~")}

    def check(self, system: System, change: Change) -> Change:
        """Never reached: the collection takes no write."""
        raise OntapError("3", "Jobs cannot be written.")

    def apply(self, system: System, change: Change) -> Any:
        """Never reached: the collection takes no write."""
        raise OntapError("3", "Jobs cannot be written.")
