"""The images that there were before a cutover, kept for `prove`: id, state, size, hash and locations of every store's images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from strata.migration.database import Record, file_of
from strata.migration.journal import Journal
from strata.migration.survey import Move, Survey, below

FILE = "cutover.json"


def save(journal: Journal, records: Sequence[Record]) -> None:
    """Of the locations only files: one in another store may hold the user and the password of that store."""
    journal.write(FILE, {"images": [{**asdict(one), "locations": _files(one)} for one in records]})


def load(journal: Journal) -> list[Record] | None:
    """None where no cutover has noted any."""
    found = journal.read(FILE)
    if found is None:
        return None
    return [Record(**{**one, "locations": tuple(one["locations"])}) for one in found["images"]]


def updated(records: Sequence[Record], seen: Survey, move: Move) -> list[Record]:
    """With the images that came and without those that went before Glance stood still."""
    rows = [row for image in (*seen.images, *seen.left) for row in image.rows] + list(seen.moved)
    values: dict[str, list[str]] = {}
    for row in rows:
        values.setdefault(row.image, []).append(row.value)
    came = {
        row.image: Record(
            row.image, row.status, row.size, row.algorithm, row.digest, tuple(values[row.image])
        )
        for row in rows
    }
    # Of images in other stores, and of those without a location, the survey says nothing.
    moves = {row.image for row in rows}
    kept = [one for one in records if one.image not in moves and not _ours(one, move)]
    return [*kept, *came.values()]


def _files(record: Record) -> list[str]:
    return [value for value in record.locations if file_of(value) is not None]


def _ours(record: Record, move: Move) -> bool:
    """Whether the image lay in one of the directories, so that the survey would have shown it."""
    paths = filter(None, (file_of(value) for value in record.locations))
    return any(below(path, folder) for path in paths for folder in (*move.old, move.new))
