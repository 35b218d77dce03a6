"""Locate and restore: the locations in Glance's database, all of them in one transaction, the values before saved beside."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from strata.migration import points
from strata.migration.copying import Carried, is_proven
from strata.migration.database import Change, Database, Unexpected
from strata.migration.failure import Stopped
from strata.migration.journal import Journal
from strata.migration.survey import Image, Move, changes, survey

FILE = "locations.json"


class Changed(Stopped):
    """A location was changed by somebody else at the same time; the transaction was taken back."""


def saved(journal: Journal) -> list[Change]:
    """The values before and after, as they were saved before they were written."""
    return [Change(**one) for one in (journal.read(FILE) or {}).get("saved", [])]


def rows_at_work(journal: Journal) -> set[int]:
    """The rows that the cutover at work wanted to write; those of earlier ones are none of its business."""
    return set((journal.read(FILE) or {}).get("rows", []))


def save(journal: Journal, wanted: Sequence[Change], *, anew: bool) -> None:
    """Saves the values that are about to be written. anew: a cutover begins, whose rows are these and no others.

    Those of an earlier run stay: they may be written already, and the way back needs them.
    """
    document = journal.read(FILE) or {}
    kept = {one["row"]: one for one in document.get("saved", [])}
    rows = {one.row for one in wanted} | (set() if anew else set(document.get("rows", [])))
    fresh = {**kept, **{one.row: asdict(one) for one in wanted}}
    now = {"saved": [fresh[row] for row in sorted(fresh)], "rows": sorted(rows)}
    if now != document:
        journal.write(FILE, now)


def locate(
    database: Database, journal: Journal, move: Move, carried: Carried | None = None
) -> dict[str, Any]:
    """Rewrites every location below the old directories; refuses when one of the copies is not proven.

    carried: what a delta has just seen and was verified, so that nothing is looked at twice while Glance stands still.
    """
    if carried is None:
        seen, proofs = survey(database, move), journal.proofs()
        refuse_unproven(
            [one for one in seen.images if not is_proven(one, seen, proofs)], len(seen.images), move
        )
    else:
        seen = carried.seen
    wanted = changes(seen.images, move.new)
    if wanted:
        save(journal, wanted, anew=False)
        points.reach("locate.saved")
        _rewrite(database, wanted, "locate")
        points.reach("locate.committed")
    return {"rewritten": len(wanted), "already": len(seen.moved)}


def refuse_unproven(found: Sequence[Image], count: int, move: Move) -> None:
    if not found:
        return
    first = ", ".join(one.id for one in found[:5])
    raise Stopped(
        f"{len(found)} of {count} images are not proven at {move.new} ({first}{', …' * (len(found) > 5)}). "
        "No location was changed. Run `delta` while Glance stands still, and repeat."
    )


def restore(
    database: Database, journal: Journal, rows: set[int] | None = None, *, look: bool = True
) -> dict[str, Any]:
    """Puts the saved values back where the present one is still ours; refuses when an old file is no more.

    rows: only those; by default all that this move has ever written. look: not where nobody answers who is asked for a file.
    """
    ours, before, foreign = outstanding(database, journal, rows)
    lost = [one for one in ours if look and not os.path.isfile(_path(one.new))]
    if lost:
        raise Stopped(
            f"{len(lost)} old files are no more ({_path(lost[0].new)} first), so the locations were not put back. Move the "
            "other way round instead: the same phases with the directories exchanged."
        )
    if ours:
        _rewrite(database, ours, "restore")
        points.reach("restore.committed")
    return {"restored": len(ours), "already": before, "not_ours": foreign}


def outstanding(
    database: Database, journal: Journal, rows: set[int] | None
) -> tuple[list[Change], int, list[str]]:
    """(the way back of what is written, how many are back already, images whose location is neither value)."""
    now = {row.row: row for row in database.read()}
    ours, before, foreign = [], 0, []
    for one in saved(journal):
        row = now.get(one.row)
        if row is None or (rows is not None and one.row not in rows):
            continue
        if row.value == one.new:
            ours.append(Change(one.row, one.image, one.new, one.old))
        elif row.value == one.old:
            before += 1
        else:
            foreign.append(one.image)
    return ours, before, foreign


def _path(value: str) -> str:
    return os.path.normpath(value.partition("://")[2])


def _rewrite(database: Database, wanted: list[Change], phase: str) -> None:
    try:
        database.rewrite(wanted, lambda: points.reach(f"{phase}.updated"))
    except Unexpected as error:
        raise Changed(
            f"The location of image {error.change.image} was changed by somebody else while this ran. The transaction was taken "
            "back, no location was changed. See that Glance stands still on all its hosts, and repeat."
        ) from error
