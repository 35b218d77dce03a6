"""Check: everything that would stop the move later is found before anything is done. Only reads, but for one probe file."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from strata.migration import mounts, undoing
from strata.migration.copying import is_proven
from strata.migration.database import Database
from strata.migration.failure import Stopped
from strata.migration.journal import Journal, Proof
from strata.migration.loading import load
from strata.migration.settings import Settings
from strata.migration.survey import Image, Move, Survey, below, survey
from strata.migration.transfer import part_of

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

    probe: writes, syncs and removes a file at the new place. target_absent: the mount may still be to come; then `free` is null,
    and `free_of_parent` says what is free where a directory without a mount of its own will lie.
    """
    absent = target_absent and mounts.absent(move.new, at)
    seen = survey(database, move, absent=absent)
    proofs = journal.proofs()
    ahead = [one for one in seen.images if not is_proven(one, seen, proofs)]
    there = [seen.sources[one.source] for one in ahead if one.source in seen.sources]
    needed = _needed(ahead, seen)
    problems = [encrypted()] if settings.encrypted else _stores(settings, seen)
    problems += _left_behind(settings, move) + _mistyped(move, seen, proofs)
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
        "draining": len(undoing.draining(journal)),
        "database": database.kind,
        "stores": settings.stores,
        "images": len(seen.images),
        "bytes": sum(one.size or 0 for one in seen.images),
        "images_to_copy": len(ahead),
        "bytes_to_copy": sum(found.size for found in there),
        "allocated_to_copy": needed,
        "already_moved": len(seen.moved),
        "in_other_stores": seen.elsewhere,
        "elsewhere_on_disk": dict(sorted(seen.on_disk.items())),
        "unsettled": sum(not one.settled for one in seen.images),
        "free": free,
        "free_of_parent": mounts.free_above(move.new) if absent and at is None else None,
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


def _needed(ahead: Sequence[Image], seen: Survey) -> int:
    """Bytes on the disk that are still to come: not what lies there already, nor what a copy that was begun holds."""
    needed = 0
    for one in ahead:
        source, target = seen.sources.get(one.source), seen.targets.get(one.file)
        if source is None or (target is not None and target.size == source.size):
            continue
        part = seen.parts.get(os.path.basename(part_of("", one.file)))
        needed += max(0, source.allocated - (part.allocated if part else 0))
    return needed


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


def _left_behind(settings: Settings, move: Move) -> list[str]:
    """A store that stays where images are moved from takes new ones there for ever, and each run would stop Glance for them."""
    folders = {id: os.path.normpath(path) for id, path in settings.stores.items() if path}
    there = sorted(id for id, path in folders.items() if any(below(path, one) for one in move.old))
    moves = 0 if move.new in folders.values() else 1
    if len(there) <= moves:
        return []
    named = ", ".join(f"{id or 'glance_store'} ({folders[id]})" for id in there)
    what = f"More than one store of Glance's enabled_backends lies in {', '.join(move.old)}, and only one moves: {named}. "
    return [
        what
        + "What the others take there would be moved again and again. Give them directories elsewhere, or move from a directory "
        "that only one of them uses, and repeat."
    ]


def _mistyped(move: Move, seen: Survey, proofs: dict[str, Proof]) -> list[str]:
    """A directory that nobody knows, while images lie in others."""
    known = {one.source for one in (*seen.images, *seen.left)} | {one.source for one in proofs.values()}
    where = ", ".join(f"{folder} ({count})" for folder, count in sorted(seen.on_disk.items())[:SHOWN])
    return [
        f"{one} does not exist, and Glance has no image there. Its images' files lie in {where}. Correct the directory to "
        "move from, and repeat."
        for one in move.old
        if where and not os.path.lexists(one) and not any(below(path, one) for path in known)
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
