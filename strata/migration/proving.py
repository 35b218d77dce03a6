"""Prove: every image that was there before is there, and Glance sends it from the new place; and a probe image works."""

from __future__ import annotations

import hashlib
import os
import time
from collections import Counter
from collections.abc import Callable, Container, Sequence
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
from strata.migration.sample import choose, opened
from strata.migration.survey import SETTLED, below

BEGINNING: Final = 64 << 10
"""Bytes of an image that is not downloaded in whole."""


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
    """wrong: a sentence, empty where it is proven.

    by  downloaded  by_file  all of it, through Glance or from the file
        opened               its copy is as it was when it was read back, and Glance finds it and sends its beginning
        as_copied            its copy is as it was when it was read back, and Glance was not asked or does not give it to us
    """

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
    """amount: `all`, `auto` or how many come in whole; so do those whose copy is not as it was when it was read back."""
    journal, proofs = job.journal, job.journal.proofs()
    journal.begin("prove", started=clock())
    before = _before(job, proofs)
    sample = {one.image for one in choose(before.there, amount)}
    # An empty image has no beginning.
    whole = {
        one.image: one.size
        for one in before.there
        if one.image in sample or not one.size or not _as_copied(one, proofs)
    }
    progress = Progress(journal, sum(whole.values()), clock)
    journal.note(files_total=len(before.there), **progress.numbers())
    shown = _listed(api)
    asked = {*whole, *(one.image for one in opened(before.there, whole))} if shown is not None else set()
    outcomes = _all(job, api, before.there, whole, asked, progress)
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
    reached = "prove" if problems else "done"
    journal.note(ended=clock(), problems=problems, phase=reached, **progress.numbers())
    return {
        **({"problems": problems} if problems else {}),
        "listed": len(set(before.ids) & shown if shown is not None else before.ids),
        "missing": list(before.missing),
        **_counts(outcomes),
        "bytes": progress.done,
        "sampled": len(whole),
        "of": len(before.there),
        "elsewhere": before.elsewhere,
        "proven": sorted(one.image for one in outcomes if not one.wrong),
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
    good = Counter(one.by for one in outcomes if not one.wrong)
    return {
        **{by: good[by] for by in ("downloaded", "by_file", "opened", "as_copied")},
        "failed": {one.image: one.wrong for one in outcomes if one.wrong},
    }


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


def _all(
    job: Job, api: Api, there: Sequence[One], whole: Container[str], asked: Container[str], progress: Progress
) -> list[Outcome]:
    def one(image: One) -> Outcome:
        ask = api if image.image in asked and image.status == "active" else None
        outcome = _whole(image, ask, progress) if image.image in whole else _opened(image, ask)
        with progress.lock:
            progress.files += 1
        return outcome

    # Half as many as copy: Glance works as hard at a download as we do. What lasts longest begins first.
    order = sorted(there, key=lambda image: (image.image not in whole, -image.size))
    with ThreadPoolExecutor(max(1, job.workers // 2)) as pool:
        return list(pool.map(one, order))


def _whole(image: One, api: Api | None, progress: Progress) -> Outcome:
    """Through the API; where that does not give it to us (no token, deactivated, not ours to see), from the file itself."""
    told = None if api is None else _asked(image, lambda: _downloaded(image, api, progress))
    if told is None:
        return Outcome(image.image, "by_file", _read(image, progress))
    return Outcome(image.image, "downloaded", told)


def _opened(image: One, api: Api | None) -> Outcome:
    """One whose copy is as it was when all of it was read back."""
    told = None if api is None else _asked(image, lambda: _begun(image, api))
    return Outcome(image.image, "as_copied" if told is None else "opened", told or "")


def _asked(image: One, act: Callable[[], str]) -> str | None:
    """What is wrong, empty when nothing is; None where Glance does not give the image to us."""
    try:
        return _twice(act)
    except Unauthorized:
        return None
    except Refused as error:
        return None if error.code in (403, 404) else _told(image, f"its download was answered by {error}")
    except Stopped as stopped:
        return " ".join(stopped.problems)


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


def _begun(image: One, api: Api) -> str:
    begun, size = api.beginning(image.image, BEGINNING)
    if size != image.size:
        return _judged(image, size, image.digest)
    try:
        with open(image.path, "rb") as file:
            there = file.read(BEGINNING)
    except OSError as error:
        return _told(image, _unread(error))
    return (
        "" if begun == there else _told(image, f"Glance sends other bytes than the first {len(there)} of it")
    )


def _read(image: One, progress: Progress) -> str:
    try:
        size = os.stat(image.path).st_size
        found = digest_of(image.path, image.algorithm or UNRECORDED)
    except OSError as error:
        return _told(image, _unread(error))
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


def _unread(error: OSError) -> str:
    return f"its file can't be read: {words(error)}"


def _as_copied(one: One, proofs: dict[str, Proof]) -> bool:
    """Whether the copy is as it was when it was read back and found right."""
    proof = proofs.get(os.path.basename(one.path))
    if proof is None or proof.image != one.image:
        return False
    try:
        stat = os.stat(one.path)
    except OSError:
        return False
    return (stat.st_size, stat.st_mtime_ns) == (proof.size, proof.target_mtime_ns)
