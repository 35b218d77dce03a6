"""Asynchronous jobs on the injected clock: pending, then a result, or a failure with code and text.

What a job will do is kept as plain data, so that it goes on after a restart.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from lab.cloudstack.commands import COMMANDS, Call, Command, Started, command
from lab.cloudstack.errors import ApiError, invalid
from lab.cloudstack.listing import listed
from lab.http.faults import JobFault
from lab.ontap.model import Document

if TYPE_CHECKING:
    from lab.cloudstack.system import System

PENDING, DONE, FAILED = 0, 1, 2


def start(call: Call, command: Command, started: Started, fault: JobFault | None) -> Document:
    """Queue the command; the row of what it creates is there already."""
    system = call.system
    seconds = system.settings.job_seconds if started.seconds is None else started.seconds
    return system.add(
        "jobs",
        command=command.name,
        params=dict(call.params),
        user=call.user["uuid"],
        started=asdict(started),
        due=system.clock.now() + seconds,
        status=PENDING,
        fault=asdict(fault) if fault else None,
    )


def settle(system: System) -> bool:
    """End the jobs whose time has come; whether there was one."""
    now = system.clock.now()
    due = [job for job in system.rows("jobs") if job["status"] == PENDING and job["due"] <= now]
    ended = [job for job in due if not (job["fault"] or {}).get("hang")]
    for job in ended:
        _end(system, job)
    return bool(ended)


def _end(system: System, job: Document) -> None:
    command = COMMANDS[system.config.era, job["command"]]
    call = Call(system, job["command"], job["params"], system.store.table("users")[job["user"]])
    fault = job["fault"]
    job["completed"] = system.now()
    try:
        assert command.finish is not None
        result = command.finish(call, Started(**job["started"])) if not fault or fault["effect"] else {}
        if fault:
            raise ApiError(530, fault["message"])
        job.update(status=DONE, code=0, result=result)
    except ApiError as error:
        body = {"errorcode": error.status, "errortext": error.text}
        job.update(status=FAILED, code=error.status, result=body)


def release(system: System) -> None:
    """Let the jobs go on that hang."""
    for job in system.rows("jobs"):
        if (job["fault"] or {}).get("hang"):
            job["fault"] = None
    settle(system)


@command("queryAsyncJobResult")
def query_async_job_result(call: Call) -> Document:
    """One job. Fields that are not known yet are left out."""
    if call.get("jobid") is None:
        raise invalid("Expected parameter job id or parameters resource type and resource id")
    return view(call.system, call.row("jobid"))


@command("listAsyncJobs")
def list_async_jobs(call: Call) -> Document:
    """Those under way."""
    pending = [job for job in call.system.rows("jobs") if job["status"] == PENDING]
    return listed(call, "asyncjobs", [view(call.system, job) for job in pending])


def view(system: System, job: Document) -> Document:
    """A job as it is asked for."""
    user = system.store.table("users")[job["user"]]
    made: dict[str, Any] = {
        "accountid": user["accountid"],
        "account": user["account"],
        "domainid": user["domainid"],
        "domainpath": "ROOT",
        "userid": user["uuid"],
        "cmd": f"org.apache.cloudstack.api.command.{COMMANDS[system.config.era, job['command']].job}",
        "jobprocstatus": 0,
        "jobresultcode": job.get("code", 0),
    }
    if job["status"] != PENDING:
        made.update(jobresulttype="object", jobresult=job["result"])
    started = job["started"]
    if started["kind"]:
        made["jobinstancetype"] = started["kind"]
    if started["instance"]:
        made["jobinstanceid"] = started["instance"]
    if job["status"] == PENDING:
        made.update(managementserverid=system.id, managementservername="localhost")
    made["created"] = job["created"]
    if job["status"] != PENDING:
        made["completed"] = job["completed"]
    return {**made, "jobid": job["uuid"], "jobstatus": job["status"]}
