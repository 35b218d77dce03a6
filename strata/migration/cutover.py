"""Cutover: the short time in which Glance stands still, or only reads its configuration again, as one process that has everything
ready before.

Whatever fails before the new service has answered puts everything back. Facts decide what there is to do (database, files,
setting, service), so that it may be repeated after a death at any point.
"""

from __future__ import annotations

import os
import signal
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final

from strata.migration import (
    copying,
    listed,
    loading,
    locating,
    owning,
    points,
    replacing,
    service,
    switching,
    undoing,
    watching,
)
from strata.migration.copying import Carried
from strata.migration.database import Record
from strata.migration.failure import Stopped, words
from strata.migration.job import Job
from strata.migration.journal import sync_folder
from strata.migration.rollback import finish, put_back
from strata.migration.spec import Spec
from strata.migration.survey import Survey, changes, survey

Clock = Callable[[], float]
GO: Final = "go"
PATIENCE: Final = 300.0
"""Seconds that it waits for `go`."""


@dataclass(frozen=True)
class Ready:
    """Everything that could be done before the stop."""

    owner: owning.Owner
    plan: undoing.Plan
    staged: replacing.Staged
    records: list[Record]


def cutover(job: Job, spec: Spec, clock: Clock = time.time) -> dict[str, Any]:
    """Phases ready to start; `settled` in the answer says that nothing was left to do and nothing was stopped."""
    with suppress(FileNotFoundError):
        os.unlink(job.journal.path(GO))
    earlier = job.journal.state()
    job.journal.begin("check", started=clock(), serving=False)
    owner = owning.resolve(spec.owner, spec.group, spec.mode)
    died = undoing.at_work(job.journal)
    if died is not None:
        finish(job, died)
    switching.see_off(job, spec)
    undoing.plan(job.journal, spec, job.files)
    ahead = copying.copy(job.database, job.journal, job.move, final=False, workers=job.workers)
    _refuse_missing(job, ahead.seen)
    # Only now: while much is copied somebody may edit the configuration.
    plan = undoing.plan(job.journal, spec, job.files)
    stood = _stood_since(earlier, spec)
    # One that died while Glance ran may have written everything and told nobody.
    untold = died is not None and "live" in died
    if not (ahead.seen.images or plan.changes or spec.restart or untold):
        return _settled(job, spec, owner, plan, ahead, stood, clock)
    parent, why = switching.choose(job, spec, plan.wanted_value)
    if parent is not None:
        plan = undoing.serving(job.journal, plan, parent)
    with _or_all_back(job, spec, plan):
        ready = _prepare(job, spec, owner, plan, ahead, stops=parent is None)
        if spec.wait:
            _wait_for_go(job)
        if parent is None:
            return {**_window(job, spec, ready, stood, clock), "switch": "restart", "not_reloaded": why}
        answer, parent = switching.window(job, spec, ready, parent, clock)
    return switching.afterwards(job, spec, ready, parent, answer)


def _prepare(
    job: Job, spec: Spec, owner: owning.Owner, plan: undoing.Plan, ahead: Carried, *, stops: bool
) -> Ready:
    job.journal.begin("check")
    job.journal.write(undoing.FILE, plan.document)
    if plan.resumed:
        # What the dead process wrote last may not be on the disk yet.
        sync_folder(job.journal.folder)
    locating.save(job.journal, changes(ahead.seen.images, job.move.new), anew=not plan.resumed)
    records = job.database.records()
    listed.save(job.journal, records)
    owning.own_directory(job.move, owner)
    _own(job, ahead.seen, owner)
    owning.see_writable(job.move, owner)
    staged = replacing.stage(spec.setting.file, plan.text, plan.wanted, backup=True)
    # Before the stop: systemd takes its time to read its files, and with the drop-in Glance still runs from the old directory.
    if spec.guard and spec.guard.text is not None:
        undoing.put_guard(spec.guard.path, spec.guard.text, tell=plan.resumed)
    if stops:
        loading.warm()
    job.database.rehearse()
    points.reach("cutover.prepared")
    return Ready(owner, plan, staged, records)


def _window(job: Job, spec: Spec, ready: Ready, stood: float | None, clock: Clock) -> dict[str, Any]:
    journal = job.journal
    stopped = clock() if stood is None else stood
    journal.begin("stop", stopped_at=stopped, serving=False)
    service.stop(spec.service)
    points.reach("cutover.stopped")
    carried = watching.watched(lambda: _carry(job, ready), lambda seconds: _unmoved(job, seconds))
    journal.begin("locate")
    located = locating.locate(job.database, journal, job.move, carried)
    journal.begin("setting")
    ready.staged.put()
    points.reach("setting.written", spec.setting.file)
    if spec.guard and spec.guard.text is None:
        undoing.put_guard(spec.guard.path, None, tell=ready.plan.resumed)
    journal.begin("start")
    service.start(spec.service)
    points.reach("cutover.started")
    # While Glance loads.
    records = listed.updated(ready.records, carried.seen, job.move)
    with suppress(OSError):
        listed.save(journal, records)
    service.wait(spec.service, spec.api.address, spec.api.port, spec.api.seconds)
    downtime = round(clock() - stopped, 3)
    undoing.close(journal, ready.plan.document, back=False)
    points.reach("cutover.answered")
    journal.note(downtime_seconds=downtime, located=located["already"] + located["rewritten"], ended=clock())
    return {
        "settled": False,
        "downtime_seconds": downtime,
        "stopped_at": stopped,
        "memory": ready.plan.document["memory"],
        "images": len(records),
        **{name: carried.answer[name] for name in ("copied", "removed", "bytes")},
        **located,
    }


def _carry(job: Job, ready: Ready) -> Carried:
    """All that touches the new directory while Glance stands still: its server may go away, and then nothing comes back."""
    job.refuse()
    carried = copying.copy(job.database, job.journal, job.move, final=True, workers=job.workers)
    job.journal.begin("verify")
    locating.refuse_unproven(copying.unproven(carried), len(carried.seen.images), job.move)
    job.journal.begin("own")
    _own(job, carried.seen, ready.owner)
    return carried


def _unmoved(job: Job, seconds: float) -> str:
    return (
        f"Between {', '.join(job.move.old)} and {job.move.new} nothing moved on for {seconds:g} s while Glance stood still: "
        f"{job.source or 'the server or the disk of one of them'} does not answer. See that server and the network between, and "
        "repeat."
    )


def _settled(
    job: Job,
    spec: Spec,
    owner: owning.Owner,
    plan: undoing.Plan,
    ahead: Carried,
    stood: float | None,
    clock: Clock,
) -> dict[str, Any]:
    """Nothing is left to do; but whoever was here before may have died, and Glance may stand still for it."""
    owning.own_directory(job.move, owner)
    _own(job, ahead.seen, owner)
    if spec.guard:
        undoing.put_guard(spec.guard.path, spec.guard.text, tell=plan.resumed)
    downtime = 0.0
    if service.active(spec.service) != "active":
        job.journal.begin("start")
        stopped = clock() if stood is None else stood
        service.start(spec.service)
        service.wait(spec.service, spec.api.address, spec.api.port, spec.api.seconds)
        downtime = round(clock() - stopped, 3)
        job.journal.note(downtime_seconds=downtime)
    records = job.database.records()
    if plan.resumed or job.journal.read(undoing.FILE) is None:
        listed.save(job.journal, records)
        undoing.close(job.journal, plan.document, back=False)
    job.journal.note(ended=clock())
    return {
        "settled": True,
        "downtime_seconds": downtime,
        "stopped_at": None,
        "memory": plan.document["memory"],
        "images": len(records),
        **{name: ahead.answer[name] for name in ("copied", "removed", "bytes")},
        "rewritten": 0,
        "already": len(ahead.seen.moved),
    }


@contextmanager
def _or_all_back(job: Job, spec: Spec, plan: undoing.Plan) -> Iterator[None]:
    """Puts everything back when something fails, and says both; to be told to end is such a failure too."""

    def told(*_: Any) -> None:
        # Only once: what is put back then is put back to its end.
        _at_end(signal.SIG_IGN)
        raise Stopped(
            "The cutover was told to end (SIGTERM): the host is being shut down, or somebody has stopped it."
        )

    before = _at_end(told)
    try:
        yield
    except Exception as error:
        _at_end(signal.SIG_IGN)
        if isinstance(error, Stopped):
            problems = list(error.problems)
        elif isinstance(error, OSError):
            problems = [f"The cutover was stopped: {words(error)} ({error.filename or 'no file named'})."]
        else:
            traceback.print_exc()
            problems = [f"The cutover was stopped by a defect of the program ({type(error).__name__})."]
        back = put_back(job, spec, undoing.as_told(job.journal, plan))
        raise Stopped(*problems, back.sentence(job.move)) from error
    finally:
        _at_end(before)


def _at_end(act: Any) -> Any:
    """Sets what SIGTERM does and gives what it did; only a program's first thread is told."""
    if threading.current_thread() is threading.main_thread():
        return signal.signal(signal.SIGTERM, act)
    return None


def _own(job: Job, seen: Survey, owner: owning.Owner) -> None:
    """Every file of this move, those that were moved before too."""
    names = [one.file for one in seen.images]
    names += [os.path.basename(row.path) for row in seen.moved if row.path is not None]
    owning.own_files(job.move, names, seen.targets, owner)


def _refuse_missing(job: Job, seen: Survey) -> None:
    """Found before the stop, it costs no downtime. Looked at twice: an image may have come or gone between two looks."""
    if not [one for one in seen.missing() if one.settled]:
        return
    missing = [one for one in survey(job.database, job.move).missing() if one.settled]
    if missing:
        raise Stopped(*(copying.missing(one) for one in missing), "Glance was not stopped.")


def _wait_for_go(job: Job) -> None:
    job.journal.begin("ready")
    points.reach("cutover.ready", job.journal.path(GO))
    end = time.monotonic() + PATIENCE
    while not os.path.exists(job.journal.path(GO)):
        if time.monotonic() > end:
            raise Stopped(
                f"Nobody gave the word to go within {PATIENCE:g} s ({job.journal.path(GO)}), so Glance was not stopped here. "
                "Repeat the run."
            )
        time.sleep(0.05)


def _stood_since(state: dict[str, Any], spec: Spec) -> float | None:
    """When a cutover that died had stopped Glance, if nothing has started it since."""
    since = state.get("stopped_at")
    at_work = state.get("phase") in (
        "stop",
        "delta",
        "verify",
        "own",
        "locate",
        "setting",
        "start",
        "rollback",
    )
    came_to_its_end = state.get("phase") == "start" and state.get("ended") is not None
    if since is None or not at_work or came_to_its_end or service.active(spec.service) == "active":
        return None
    return float(since)
