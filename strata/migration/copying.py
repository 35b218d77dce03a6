"""Copy and delta: everything that is not proven at the new place is copied, and the copies of deleted images go again."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from strata.migration import points, recording, watching
from strata.migration.database import Database
from strata.migration.failure import Stopped
from strata.migration.journal import Journal, Proof, sync_folder
from strata.migration.recording import Recorder
from strata.migration.stages import Outcome, carry
from strata.migration.survey import Found, Image, Move, Survey, survey
from strata.migration.transfer import Gone, drop, part_of

Clock = Callable[[], float]


@dataclass
class Progress:
    """Counts bytes and writes them into the journal, at most once a second."""

    journal: Journal
    total: int
    clock: Clock = time.time
    done: int = 0
    files: int = 0
    _began: float = 0.0
    _written: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._began = self._written = self.clock()

    def count(self, bytes: int) -> None:
        watching.beat()
        with self.lock:
            self.done += bytes
            if self.clock() - self._written >= 1:
                self._written = self.clock()
                # A full /var must not look like a full volume: the copy does not need its progress.
                with suppress(OSError):
                    self.journal.note(**self.numbers())

    def numbers(self) -> dict[str, Any]:
        """remaining_seconds: by the pace until now, None before there is one."""
        took = self.clock() - self._began
        left = max(0, self.total - self.done)
        pace = self.done / took if took > 0 else 0
        return {
            "bytes_done": self.done,
            "bytes_total": self.total,
            "files_done": self.files,
            "remaining_seconds": round(left / pace) if pace else None,
        }


def is_proven(image: Image, seen: Survey, proofs: dict[str, Proof]) -> bool:
    """Whether source and copy are still what they were when the copy was read back."""
    proof, source, target = (
        proofs.get(image.file),
        seen.sources.get(image.source),
        seen.targets.get(image.file),
    )
    if proof is None or source is None or target is None:
        return False
    algorithm, expected = image.expected
    return (
        (proof.source, proof.size, proof.mtime_ns) == (image.source, source.size, source.mtime_ns)
        and (target.size, target.mtime_ns) == (proof.size, proof.target_mtime_ns)
        and (not expected or (proof.algorithm, proof.digest) == (algorithm, expected))
    )


@dataclass(frozen=True)
class Carried:
    """What was done, and how it looks afterwards, without another look at what did not change."""

    answer: dict[str, Any]
    seen: Survey
    proofs: dict[str, Proof]


def unproven(carried: Carried) -> list[Image]:
    return [one for one in carried.seen.images if not is_proven(one, carried.seen, carried.proofs)]


def copy(
    database: Database,
    journal: Journal,
    move: Move,
    *,
    final: bool,
    workers: int,
    clock: Clock = time.time,
    abandoned: bool = False,
) -> Carried:
    """Copies what is not proven.

    final: Glance stands still, so that every image must be there, whatever its state; else those in the making are left.
    abandoned: nobody writes below the old directories any more, so those are not left either.
    """
    phase, started = "delta" if final else "copy", clock()
    journal.begin(phase, started=started)
    seen = survey(database, move)
    proofs = journal.proofs()
    ripe = [one for one in seen.images if final or abandoned or one.settled]
    wanted = [one for one in ripe if not is_proven(one, seen, proofs)]
    if final and seen.missing():
        raise Stopped(*(missing(image) for image in seen.missing()))
    total = sum(seen.sources[one.source].size for one in wanted if one.source in seen.sources)
    progress = Progress(journal, total, clock)
    if wanted:
        journal.note(files_total=len(wanted), **progress.numbers())
    fresh, gone, problems = _all(wanted, journal, move, progress, workers)
    if final:
        problems += [f"Image {id}: its file went while Glance should have stood still." for id in gone]
        _drop_parts(seen, move, problems)
    removed = _remove_deleted(database, journal, move, seen, proofs)
    counts = {
        "images": len(seen.images),
        "copied": progress.files,
        "removed": len(removed),
        "gone": len(gone),
        "left_for_delta": len(seen.images) - len(ripe),
    }
    journal.note(ended=clock(), problems=problems, files_total=len(wanted), **counts, **progress.numbers())
    if problems:
        raise Stopped(*problems)
    answer = {**counts, "bytes": progress.done, "seconds": round(clock() - started, 3)}
    return Carried(answer, *_afterwards(seen, proofs, fresh, removed, move))


def _afterwards(
    seen: Survey, proofs: dict[str, Proof], fresh: list[Proof], removed: list[str], move: Move
) -> tuple[Survey, dict[str, Proof]]:
    targets = {name: found for name, found in seen.targets.items() if name not in removed}
    for proof in fresh:
        targets[proof.file] = Found.of(os.stat(os.path.join(move.new, proof.file)))
    known = {name: proof for name, proof in proofs.items() if name not in removed}
    return replace(seen, targets=targets), {**known, **{one.file: one for one in fresh}}


def _drop_parts(seen: Survey, move: Move, problems: list[str]) -> None:
    """Copies that were begun and whose images are no more; while something is wrong they may still be of use."""
    for name in () if problems else seen.parts:
        drop(os.path.join(move.new, name))


def _all(
    wanted: list[Image], journal: Journal, move: Move, progress: Progress, workers: int
) -> tuple[list[Proof], list[str], list[str]]:
    """(proofs, ids of images that went meanwhile, sentences): one failure does not keep the others from being copied."""
    gone: list[str] = []
    problems: list[str] = []
    recorder = Recorder(journal)

    def take(image: Image, outcome: Outcome) -> None:
        if isinstance(outcome, Proof):
            progress.files += 1
            recorder.add(outcome)
        elif isinstance(outcome, Gone):
            gone.append(image.id)
            drop(part_of(move.new, image.file))
        elif isinstance(outcome, Stopped):
            problems.extend(outcome.problems)
        else:
            raise outcome

    if wanted:
        try:
            carry(wanted, move.new, progress.count, workers, take, (recording.EVERY, recorder.sync))
        finally:
            recorder.sync()
    return recorder.proofs, gone, sorted(problems)


def _remove_deleted(
    database: Database, journal: Journal, move: Move, seen: Survey, proofs: dict[str, Proof]
) -> list[str]:
    """Copies of images that Glance says it deleted. Only what this move copied, and only by Glance's own word."""
    named = {row.path for row in seen.moved} | {os.path.join(move.new, image.file) for image in seen.images}
    left = [
        one
        for one in proofs.values()
        if os.path.join(move.new, one.file) not in named and one.file in seen.targets
    ]
    if not left:
        return []
    deleted = database.deleted_images(one.image for one in left)
    removed = []
    for one in left:
        if one.image in deleted:
            drop(os.path.join(move.new, one.file))
            drop(part_of(move.new, one.file))
            points.reach("delta.removed", one.file)
            journal.forget(one.file)
            removed.append(one.file)
    sync_folder(move.new)
    return removed


def missing(image: Image) -> str:
    return (
        f"Image {image.id}: Glance names {image.source}, and there is no such file. Put it back from a backup, "
        "or delete the image, and repeat."
    )
