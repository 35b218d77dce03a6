"""Prove: every image that was there before is there, and comes back from the new place with its hash; and a probe image works."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

from strata.migration import listed
from strata.migration.api import Api, Refused, Unauthorized
from strata.migration.copying import Progress
from strata.migration.database import Record, file_of
from strata.migration.failure import Stopped, words
from strata.migration.job import Job
from strata.migration.journal import Proof
from strata.migration.probing import probe
from strata.migration.reading import UNRECORDED, digest_of
from strata.migration.survey import SETTLED, below

AUTO: Final = 20 << 30
"""Bytes up to which `auto` downloads every image."""


@dataclass(frozen=True)
class One:
    """An image at the new place; algorithm and digest are Glance's own, or those of its copy where Glance has none."""

    image: str
    status: str
    size: int
    path: str
    algorithm: str
    digest: str


@dataclass(frozen=True)
class Outcome:
    """by: `download`, `file`; wrong: a sentence, empty where it is proven."""

    image: str
    by: str
    wrong: str = ""


@dataclass(frozen=True)
class Before:
    """What there was before, as it is now. missing: neither there nor deleted. there: at the new place."""

    ids: tuple[str, ...]
    missing: tuple[str, ...]
    there: tuple[One, ...]
    elsewhere: int


def prove(job: Job, api: Api, amount: str, clock: Callable[[], float] = time.time) -> dict[str, Any]:
    """amount: `all`, `auto` or how many images; the others count as proven when their copy is as it was when it was read back."""
    journal, proofs = job.journal, job.journal.proofs()
    journal.begin("prove", started=clock())
    before = _before(job, proofs)
    chosen = choose(before.there, amount)
    progress = Progress(journal, sum(one.size for one in chosen), clock)
    journal.note(files_total=len(chosen), **progress.numbers())
    shown = _listed(api)
    outcomes = _all(job, api, chosen, shown is not None, progress)
    problems = [
        f"Image {id}: it was there before the move, and Glance has it no more." for id in before.missing
    ]
    problems += [one.wrong for one in outcomes if one.wrong]
    probed: dict[str, Any] | None = None
    try:
        probed = None if shown is None else probe(job, api)
    except Unauthorized:
        # It was good enough for the list; it may have expired since.
        shown = None
    except Stopped as stopped:
        problems += stopped.problems
    rest = _as_copied(before.there, chosen, proofs)
    reached = "prove" if problems else "done"
    journal.note(ended=clock(), problems=problems, phase=reached, **progress.numbers())
    return {
        **({"problems": problems} if problems else {}),
        "listed": len(set(before.ids) & shown if shown is not None else before.ids),
        "missing": list(before.missing),
        **_counts(outcomes),
        "as_copied": len(rest),
        "bytes": progress.done,
        "sampled": len(chosen),
        "of": len(before.there),
        "elsewhere": before.elsewhere,
        "proven": sorted([*rest, *(one.image for one in outcomes if not one.wrong)]),
        "unauthorized": shown is None,
        "told": _why(api) if shown is None else "",
        "probe": probed,
    }


def _before(job: Job, proofs: dict[str, Proof]) -> Before:
    ids = [record.image for record in listed.load(job.journal) or job.database.records()]
    now = {record.image: record for record in job.database.records()}
    absent = [id for id in ids if id not in now]
    missing = sorted(set(absent) - job.database.deleted_images(absent))
    places = [_at_new_place(now[id], job, proofs) for id in ids if id in now]
    there = tuple(one for one in places if one is not None)
    return Before(tuple(id for id in ids if id in now), tuple(missing), there, len(places) - len(there))


def _listed(api: Api) -> set[str] | None:
    """What the API lists; None where it does not know us, or can't be asked in plain words."""
    try:
        return api.ids()
    except Unauthorized:
        return None
    except Stopped:
        if api.speaks_tls():
            return None
        raise
    except Refused as error:
        if api.speaks_tls():
            return None
        raise Stopped(f"Glance's API did not list its images: it answered {error}. See its log.") from error


def _why(api: Api) -> str:
    if api.speaks_tls():
        asked = "speaks TLS itself, so it was not asked for images"
    else:
        asked = "wants a token, so no image was downloaded from it"
    return f"Glance's API on {api.address}:{api.port} {asked}; the images were proven by the hashes of their files."


def _counts(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    good = [one.by for one in outcomes if not one.wrong]
    return {
        "downloaded": good.count("download"),
        "by_file": good.count("file"),
        "failed": {one.image: one.wrong for one in outcomes if one.wrong},
    }


def choose(there: Sequence[One], amount: str) -> list[One]:
    """Of a large store the sample: evenly over the order of the ids, which are random, as far as the bytes reach."""
    order = sorted(there, key=lambda one: hashlib.sha256(one.image.encode()).digest())
    if amount == "all" or (amount == "auto" and sum(one.size for one in there) <= AUTO):
        return list(there)
    if amount != "auto":
        return order[: int(amount)]
    chosen: list[One] = []
    size = 0
    for one in order:
        if not chosen or size + one.size <= AUTO:
            chosen.append(one)
            size += one.size
    return chosen


def _at_new_place(record: Record, job: Job, proofs: dict[str, Proof]) -> One | None:
    """None for an image in another store, or one in which Glance still writes."""
    paths = [path for path in map(file_of, record.locations) if path and below(path, job.move.new)]
    if not paths or record.status not in SETTLED:
        return None
    algorithm, expected = record.algorithm, record.digest
    proof = proofs.get(os.path.basename(paths[0]))
    if not expected and proof is not None and proof.image == record.image:
        algorithm, expected = proof.algorithm, proof.digest
    return One(record.image, record.status, record.size or 0, paths[0], algorithm, expected)


def _all(job: Job, api: Api, chosen: list[One], known: bool, progress: Progress) -> list[Outcome]:
    def one(image: One) -> Outcome:
        outcome = _one(image, api, known, progress)
        with progress.lock:
            progress.files += 1
        return outcome

    # Half as many as copy: Glance works as hard at a download as we do.
    with ThreadPoolExecutor(max(1, job.workers // 2)) as pool:
        return list(pool.map(one, sorted(chosen, key=lambda image: -image.size)))


def _one(image: One, api: Api, known: bool, progress: Progress) -> Outcome:
    """Through the API; where that does not give it to us (no token, deactivated, not ours to see), from the file itself."""
    if known and image.status == "active":
        try:
            return Outcome(image.image, "download", _twice(lambda: _downloaded(image, api, progress)))
        except Unauthorized:
            pass
        except Refused as error:
            if error.code not in (403, 404):
                return Outcome(image.image, "download", _told(image, f"its download was answered by {error}"))
        except Stopped as stopped:
            return Outcome(image.image, "download", " ".join(stopped.problems))
    return Outcome(image.image, "file", _read(image, progress))


def _twice(act: Callable[[], str]) -> str:
    """One broken connection among thousands of downloads is no broken image."""
    try:
        return act()
    except Stopped:
        return act()


def _downloaded(image: One, api: Api, progress: Progress) -> str:
    found = hashlib.new(image.algorithm or UNRECORDED, usedforsecurity=False)

    def take(part: memoryview) -> None:
        found.update(part)
        progress.count(len(part))

    return _judged(image, api.download(image.image, take), found.hexdigest())


def _read(image: One, progress: Progress) -> str:
    try:
        size = os.stat(image.path).st_size
        found = digest_of(image.path, image.algorithm or UNRECORDED)
    except OSError as error:
        return _told(image, f"its file can't be read: {words(error)}")
    progress.count(size)
    return _judged(image, size, found)


def _judged(image: One, size: int, found: str) -> str:
    if size != image.size:
        return _told(image, f"{size} bytes came, and Glance recorded {image.size}")
    if image.digest and found != image.digest:
        return _told(image, f"its {image.algorithm} is {found}, and {image.digest} was expected")
    return ""


def _told(image: One, what: str) -> str:
    return f"Image {image.image} in {image.path}: {what}. The old file was not removed; see Glance's log, and repeat."


def _as_copied(there: Sequence[One], chosen: Sequence[One], proofs: dict[str, Proof]) -> list[str]:
    """Those out of the sample whose copy is as it was when it was read back and found right."""
    taken = {one.image for one in chosen}
    found = []
    for one in there:
        proof = proofs.get(os.path.basename(one.path))
        if one.image in taken or proof is None or proof.image != one.image:
            continue
        stat = os.stat(one.path) if os.path.exists(one.path) else None
        if stat is not None and (stat.st_size, stat.st_mtime_ns) == (proof.size, proof.target_mtime_ns):
            found.append(one.image)
    return found
