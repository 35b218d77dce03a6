"""The change to the new directory while Glance serves: it reads its configuration again and is never stopped.

Images do not change once they are there, and a location counts as soon as it is written; so what is copied and proven is located
while Glance runs. What an old worker still finishes below the old directory is moved when the last of them is gone.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from strata.migration import copying, effect, listed, locating, owning, points, service, undoing, workers
from strata.migration.copying import Carried
from strata.migration.failure import Stopped, words
from strata.migration.job import Job
from strata.migration.spec import Spec
from strata.migration.survey import Image, survey
from strata.migration.workers import Parent

if TYPE_CHECKING:
    from strata.migration.cutover import Ready

TRIES: Final = 5
"""As often the locations are written anew because somebody deleted an image at the same instant."""
PAUSE: Final = 1.0
"""Seconds between two looks, in which whoever had read an image before has saved it."""
DRAIN: Final = 600.0
"""Seconds that an old worker's last requests may take; a stop would have cut them at once."""


def choose(job: Job, spec: Spec, wanted: str | None) -> tuple[Parent | None, str]:
    """The service that can be told, or why it has to be stopped. Refuses where only the former was asked for.

    wanted: what the setting is to say.
    """
    one = spec.setting
    if spec.switch == "restart":
        return None, ""
    try:
        parent = workers.find(spec.service, one.file, job.move.new)
        if workers.reads(parent, one.section, one.option) is None:
            raise workers.Unfit("its configuration could not be read with its own rights and library")
        if "$" in (wanted or ""):
            raise workers.Unfit(
                f"{wanted} refers to another option, so what Glance reads can't be compared with it"
            )
    except workers.Unfit as unfit:
        why = f"The service {spec.service} has to be stopped and started for its new directory: {unfit}"
        if spec.switch == "reload":
            raise Stopped(
                f"{why}; and `switch: reload` forbids that. Nothing was changed. Use `auto`."
            ) from unfit
        return None, f"{why}."
    return parent, ""


def window(
    job: Job, spec: Spec, ready: Ready, parent: Parent, clock: Callable[[], float]
) -> tuple[dict[str, Any], Parent]:
    """Locations, setting, and the service takes it. Until it is told nothing has to be stopped to put it all back.

    (the answer, whose workers are to end now).
    """
    journal, one = job.journal, spec.setting
    carried, located = _carry(job, ready.owner)
    points.reach("switch.located")
    journal.begin("setting")
    ready.staged.put()
    points.reach("setting.written", one.file)
    parent, unfit = _as_it_is_now(spec, job, parent)
    if not unfit:
        _see_it_read(spec, ready.plan.wanted_value, parent)
    if spec.guard and spec.guard.text is None:
        undoing.put_guard(spec.guard.path, None, tell=ready.plan.resumed)
    old = [one.identity for one in parent.children]
    told = {**ready.plan.document, "live": None, "draining": old}
    journal.write(undoing.FILE, told)
    began = clock()
    journal.begin("start", stopped_at=began)
    problems = _take(spec, parent, unfit)
    downtime = round(clock() - began, 3)
    main = workers.main_of(spec.service) if problems else parent.main
    if main is not None:
        effect.note(spec.service, main, job.move.new if spec.guard and spec.guard.text is not None else None)
    with suppress(OSError):
        listed.save(journal, listed.updated(ready.records, carried.seen, job.move))
    undoing.close(journal, told, back=False)
    points.reach("cutover.answered")
    journal.note(downtime_seconds=downtime, ended=clock(), located=located["already"] + located["rewritten"])
    answer = {
        "settled": False,
        "switch": "restart" if problems else "reload",
        "downtime_seconds": downtime,
        "stopped_at": began,
        "memory": told["memory"],
        "images": len(ready.records),
        "not_reloaded": problems,
        **{name: carried.answer[name] for name in ("copied", "removed", "bytes")},
        **located,
    }
    return answer, parent


def see_off(job: Job, spec: Spec) -> None:
    """The old workers of a switch whose program died before they had ended: what they took is looked for afterwards."""
    left = undoing.draining(job.journal)
    if left:
        job.journal.begin("start", serving=True)
        workers.drain(left, spec.api.address, spec.api.port, DRAIN)


def afterwards(job: Job, spec: Spec, ready: Ready, parent: Parent, answer: dict[str, Any]) -> dict[str, Any]:
    """When the old workers are gone: the images that they still took below the old directory."""
    journal, state = job.journal, job.journal.state()
    ended = workers.drain(parent.children, spec.api.address, spec.api.port, DRAIN)
    points.reach("switch.drained")
    try:
        done = _carry_the_rest(job, ready.owner)
    except (Stopped, OSError) as error:
        # Whoever reads the phase is not to think that nothing has begun.
        with suppress(OSError):
            journal.note(phase="start")
        raise Stopped(
            *(error.problems if isinstance(error, Stopped) else (f"{words(error)} ({error.filename}).",)),
            f"Glance takes new images in {job.move.new} and reads those that it took meanwhile below "
            f"{', '.join(job.move.old)}, where they lie. Repeat the run: it moves them.",
        ) from error
    with suppress(OSError):
        seen = done[-1][0].seen
        listed.save(journal, listed.updated(listed.load(journal) or [], seen, job.move))
    journal.note(phase="start", ended=state.get("ended"), problems=[])
    more = {
        name: answer[name] + sum(carried.answer[name] for carried, _ in done)
        for name in ("copied", "removed", "bytes")
    }
    rewritten = answer["rewritten"] + sum(located["rewritten"] for _, located in done)
    return {**answer, **more, "rewritten": rewritten, "ended_workers": ended}


def _carry_the_rest(job: Job, owner: owning.Owner) -> list[tuple[Carried, dict[str, Any]]]:
    """Until no image is recorded below the old directories, which may go next.

    Looked at once more after each writing: whoever had read such an image before may save it with its old location.
    """
    done = [_carry(job, owner, abandoned=True)]
    while (left := survey(job.database, job.move).images) or done[-1][1]["rewritten"]:
        if len(done) == TRIES:
            if left:
                raise Stopped(_still_there(left))
            break
        time.sleep(PAUSE)
        done.append(_carry(job, owner, abandoned=True))
    return done


def _still_there(left: Sequence[Image]) -> str:
    first = ", ".join(one.id for one in left[:5])
    return f"{len(left)} images are still recorded below the old directory, or are again ({first}{', …' * (len(left) > 5)})."


def _as_it_is_now(spec: Spec, job: Job, parent: Parent) -> tuple[Parent, str]:
    """The copy may have taken long: a worker that came since knows the old setting too. Else why it can't be told any more."""
    try:
        return workers.find(spec.service, spec.setting.file, job.move.new), ""
    except workers.Unfit as unfit:
        why = f"The service {spec.service} could not be told any more: {unfit}"
        if spec.switch == "reload":
            raise Stopped(f"{why}; and `switch: reload` forbids to stop it.") from unfit
        return parent, f"{why}."


def _take(spec: Spec, parent: Parent, unfit: str) -> str:
    """Empty when the service serves with the new setting; else why it was restarted for it."""
    address, port, seconds = spec.api.address, spec.api.port, spec.api.seconds
    try:
        if unfit:
            raise workers.NotTaken(unfit)
        workers.reload(parent)
        points.reach("switch.told")
        workers.wait(spec.service, parent, address, port, seconds)
    except workers.NotTaken as failed:
        service.stop(spec.service)
        points.reach("cutover.stopped")
        service.start(spec.service)
        points.reach("cutover.started")
        service.wait(spec.service, address, port, seconds)
        return " ".join(failed.problems)
    return ""


def _carry(job: Job, owner: owning.Owner, *, abandoned: bool = False) -> tuple[Carried, dict[str, Any]]:
    """Copies what came, and locates what is proven. Somebody may delete an image meanwhile: then once more.

    abandoned: the old workers are gone, and what they never completed is carried as it is.
    """
    for left in reversed(range(TRIES)):
        job.refuse()
        carried = copying.copy(
            job.database, job.journal, job.move, final=False, workers=job.workers, abandoned=abandoned
        )
        proven = tuple(
            one
            for one in carried.seen.images
            if (abandoned or one.settled) and copying.is_proven(one, carried.seen, carried.proofs)
        )
        job.journal.begin("own", serving=True)
        names = [one.file for one in proven]
        names += [os.path.basename(row.path) for row in carried.seen.moved if row.path is not None]
        owning.own_files(job.move, names, carried.seen.targets, owner)
        job.journal.begin("locate")
        seen = replace(carried.seen, images=proven)
        try:
            return carried, locating.locate(job.database, job.journal, job.move, replace(carried, seen=seen))
        except locating.Changed:
            if not left:
                raise
    raise AssertionError("unreachable")


def _see_it_read(spec: Spec, wanted: str | None, parent: Parent) -> None:
    one = spec.setting
    said = workers.reads(parent, one.section, one.option)
    if said is None or (wanted is not None and said != wanted):
        raise Stopped(
            f"Glance would not find {one.option} of [{one.section}] as {wanted} in its configuration, but "
            f"{said or 'could not read it'}. It was not told to read it again and runs on. Correct the files and repeat."
        )
