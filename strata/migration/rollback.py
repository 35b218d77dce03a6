"""Putting back what a cutover has done: locations, setting, drop-in; and Glance runs from the old directory again."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from strata.migration import listed, locating, points, replacing, service, undoing, watching
from strata.migration.failure import Stopped, words
from strata.migration.job import Job
from strata.migration.spec import Spec
from strata.migration.survey import Move, below

BEFORE: Final = ("check", "copy", "ready", "stop", "delta", "verify", "own")
"""Phases of a cutover in which no location is written yet."""


@dataclass(frozen=True)
class Back:
    """What was put back; and under `problems` what could not be."""

    restored: int
    setting: bool
    guard: bool
    running: bool
    problems: tuple[str, ...]
    guard_kept: str | None = None

    def sentence(self, move: Move) -> str:
        old = ", ".join(move.old)
        if not self.problems:
            return f"Everything was put back, and Glance runs as before, from {old}. Correct that and repeat."
        runs = "Glance runs again" if self.running else "GLANCE DOES NOT RUN"
        if self.guard_kept:
            runs += (
                f"; its locations may still name {move.new}, so the drop-in {self.guard_kept} stays: it starts only while the "
                f"volume is mounted there"
            )
        return (
            f"Not everything could be put back: {' '.join(self.problems)} {runs}. No image is lost: the old files lie in {old} "
            "as before. Correct that and repeat: the next run goes on from here."
        )


def put_back(job: Job, spec: Spec, document: dict[str, Any]) -> Back:
    """Each step is tried, whatever became of the one before, and the service is started in any case."""
    journal = job.journal
    located_perhaps = document["resumed"] or "live" in document or journal.state().get("phase") not in BEFORE
    with suppress(OSError):
        journal.begin("rollback")
    problems: list[str] = []

    def attempt(act: Callable[[], Any]) -> Any:
        try:
            return act()
        except Stopped as stopped:
            problems.extend(stopped.problems)
        except OSError as error:
            problems.append(f"{words(error)} ({error.filename or 'no file named'}).")
        return None

    if _touched(job, document):
        attempt(lambda: service.stop(spec.service))
    rows = locating.rows_at_work(journal)
    # A file on a server that is gone can't be asked for; nobody removes one before the images are proven.
    look = not watching.stuck()
    located = attempt(lambda: _restore(job, rows, look))
    strangers = _strangers(job) if located_perhaps else []
    if strangers:
        problems.append(_taken(strangers, job.move))
    setting = attempt(lambda: undoing.put_setting_back(document))
    guard = document["guard"]
    # Without the drop-in Glance would start without the volume on which images lie that the database names there.
    there = bool(strangers) or (located is None and located_perhaps)
    kept = there and spec.guard is not None and spec.guard.text is not None

    def unguard() -> Any:
        return attempt(lambda: undoing.put_guard(guard["path"], guard["before"], tell=True))

    guarded = unguard() if guard and not kept else False
    replacing.staged_at(spec.setting.file).drop()
    running = attempt(lambda: _run(spec)) is not None
    if kept and guard and not running:
        guarded, kept = unguard(), False
        running = attempt(lambda: _run(spec)) is not None
    points.reach("rollback.running")
    if not problems:
        attempt(lambda: undoing.close(journal, document, back=True))
        with suppress(OSError):
            journal.note(phase="rolled back")
    restored = located["restored"] if located else 0
    stays = guard["path"] if guard and kept else None
    return Back(restored, bool(setting), bool(guarded), running, tuple(problems), stays)


def rollback(job: Job, spec: Spec) -> dict[str, Any]:
    """For a cutover that died. Safe to repeat."""
    document = undoing.at_work(job.journal)
    if document is None:
        return _nothing(job, spec)
    strangers = finish(job, document)
    if strangers:
        raise Stopped(
            f"Nothing was put back: Glance has run from {job.move.new} already and has taken {len(strangers)} images there "
            f"({', '.join(strangers[:5])}). Repeat the run: it goes on from here."
        )
    back = put_back(job, spec, document)
    if back.problems:
        raise Stopped(back.sentence(job.move))
    return {
        "rolled_back": True,
        "restored": back.restored,
        "setting": back.setting,
        "guard": back.guard,
        "running": back.running,
    }


def finish(job: Job, document: dict[str, Any]) -> list[str]:
    """Images that the new service has taken; then the cutover came to its end, though its process did not."""
    strangers = _written_since(job)
    if strangers:
        undoing.close(job.journal, document, back=False)
    return strangers


def _nothing(job: Job, spec: Spec) -> dict[str, Any]:
    known: dict[str, Any] = job.journal.read(undoing.FILE) or {}
    back = known.get("back", False)
    if known and not back:
        raise Stopped(
            f"Nothing was put back: the cutover came to its end, and Glance runs from {job.move.new}. To go back, move the other "
            "way round."
        )
    return {"rolled_back": back, "restored": 0, "setting": False, "guard": False, "running": _run(spec)}


def _run(spec: Spec) -> bool:
    service.start(spec.service)
    service.wait(spec.service, spec.api.address, spec.api.port, spec.api.seconds)
    return True


def _touched(job: Job, document: dict[str, Any]) -> bool:
    """Whether the service must stand still for it: not where only the drop-in was written, nor where Glance knows of nothing.

    Who can't tell stops it.
    """
    if undoing.untold(document):
        return False
    try:
        text = replacing.read(document["spec"]["setting"]["file"])
        if text is None or undoing.before(document, text) != text:
            return True
        ours, _, _ = locating.outstanding(job.database, job.journal, locating.rows_at_work(job.journal))
        return bool(ours)
    except (Stopped, OSError):
        return True


def _restore(job: Job, rows: set[int], look: bool) -> dict[str, Any]:
    """Glance may run meanwhile, and somebody delete an image: then once more."""
    for _ in range(4):
        with suppress(locating.Changed):
            return locating.restore(job.database, job.journal, rows, look=look)
    return locating.restore(job.database, job.journal, rows, look=look)


def _strangers(job: Job) -> list[str]:
    """Images that Glance took at the new place although it never seemed to answer: they lie there and nowhere else."""
    try:
        return _written_since(job) if listed.load(job.journal) is not None else []
    except (Stopped, OSError):
        return []


def _taken(strangers: list[str], move: Move) -> str:
    first = ", ".join(strangers[:5])
    return f"Glance has taken {len(strangers)} images in {move.new} meanwhile ({first}), which stay there."


def _written_since(job: Job) -> list[str]:
    """Images at the new place of which the cutover that died knew nothing."""
    known = {one.image for one in listed.load(job.journal) or []}
    known |= {one.image for one in locating.saved(job.journal)}
    there = ((row.image, row.path) for row in job.database.read())
    return sorted({image for image, path in there if path and below(path, job.move.new)} - known)
