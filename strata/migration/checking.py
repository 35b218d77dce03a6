"""Check: everything that would stop the move later is found before anything is done. Only reads, but for one probe file."""

from __future__ import annotations

from typing import Any

from strata.migration import mounts
from strata.migration.copying import is_proven
from strata.migration.database import Database
from strata.migration.failure import Stopped
from strata.migration.journal import Journal
from strata.migration.loading import load
from strata.migration.settings import Settings
from strata.migration.survey import Move, Survey, survey

SHOWN = 50
"""As many names of a kind are told; the counts are always whole."""


def check(
    settings: Settings,
    database: Database,
    journal: Journal,
    move: Move,
    *,
    source: str | None,
    at: str | None,
    probe: bool = True,
    target_absent: bool = False,
    measure_start: bool = False,
) -> dict[str, Any]:
    """What there is to do, and under `problems` why it can't be done.

    probe: writes, syncs and removes a file at the new place. target_absent: the mount may still be to come; then `free` is null.
    """
    absent = target_absent and mounts.absent(move.new, at)
    seen = survey(database, move, absent=absent)
    proofs = journal.proofs()
    ahead = [one for one in seen.images if not is_proven(one, seen, proofs)]
    there = [seen.sources[one.source] for one in ahead if one.source in seen.sources]
    needed = sum(found.allocated for found in there)
    problems = [encrypted()] if settings.encrypted else _stores(settings, seen)
    free = None
    if not absent:
        free = mounts.free(move.new)
        wrong = mounts.mounted(move.new, source, at, mounts.kernel_mounts())
        # On a wrong mount nothing is written, not even a probe.
        problems += wrong or (mounts.writable(move.new) if probe else [])
    problems += [] if settings.encrypted else _files(seen)
    problems += _room(move, needed, free)
    orphans, strangers = seen.orphans(), seen.strangers(move.new)
    fileless = [one.id for one in (*seen.missing(), *seen.left)]
    return {
        "problems": problems,
        "database": database.kind,
        "stores": settings.stores,
        "images": len(seen.images),
        "bytes": sum(one.size or 0 for one in seen.images),
        "images_to_copy": len(ahead),
        "bytes_to_copy": sum(found.size for found in there),
        "allocated_to_copy": needed,
        "already_moved": len(seen.moved),
        "in_other_stores": seen.elsewhere,
        "unsettled": sum(not one.settled for one in seen.images),
        "free": free,
        "files_without_image": {"count": len(orphans), "first": orphans[:SHOWN]},
        "images_without_file": {
            "count": len(fileless),
            "first": fileless[:SHOWN],
        },
        "unknown_in_target": {"count": len(strangers), "first": strangers[:SHOWN]},
        # On a slow host it takes a minute or two, which nobody wants to wait for who can't move anyway.
        **({"load_seconds": None if problems else load()} if measure_start else {}),
    }


def refuse(settings: Settings, move: Move, *, source: str | None, at: str | None) -> None:
    """What every phase asks again before it does anything: a volume may go between two of them."""
    problems = [encrypted()] if settings.encrypted else []
    problems += mounts.mounted(move.new, source, at, mounts.kernel_mounts())
    if problems:
        raise Stopped(*problems)


def _room(move: Move, needed: int, free: int | None) -> list[str]:
    if free is None or needed <= free:
        return []
    more = needed - free
    what = f"{move.new} has {free} bytes free, and {needed} are still to be copied."
    return [f"{what} Enlarge the volume by at least {more} bytes and repeat."]


def encrypted() -> str:
    return (
        "Glance's configuration sets metadata_encryption_key, so the locations in the database are encrypted and can't be "
        "rewritten. Nothing was changed. Decrypt them first (Glance's own documentation: remove the key and write the plain "
        "locations back), or leave the images where they are."
    )


def _stores(settings: Settings, seen: Survey) -> list[str]:
    """A location with the id of a store that the configuration does not have can neither be read nor deleted afterwards."""
    if "" in settings.stores:
        return []
    unknown: dict[str, int] = {}
    for image in seen.images:
        for row in image.rows:
            if row.store and row.store not in settings.stores:
                unknown[row.store] = unknown.get(row.store, 0) + 1
    return [
        f"{count} locations belong to the store {id!r}, which enabled_backends does not name as a file store "
        f"(it names {', '.join(sorted(settings.stores)) or 'none'}). Keep the store's id in enabled_backends and repeat."
        for id, count in sorted(unknown.items())
    ]


def _files(seen: Survey) -> list[str]:
    problems = [
        f"Image {one.id}: Glance names {one.source}, and there is no such file. Put it back from a backup, or delete the "
        "image, and repeat."
        for one in seen.missing()
        if one.settled
    ]
    for one in seen.images:
        found = seen.sources.get(one.source)
        if found is not None and one.settled and found.size != one.size:
            problems.append(
                f"Image {one.id}: {one.source} has {found.size} bytes, and Glance recorded {one.size}. Put the file back from "
                "a backup, or delete the image, and repeat."
            )
    return problems
