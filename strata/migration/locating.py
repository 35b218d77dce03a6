"""Locate and restore: the locations in Glance's database, all of them in one transaction, the values before saved beside."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from strata.migration import points
from strata.migration.copying import is_proven
from strata.migration.database import Change, Database, Unexpected
from strata.migration.failure import Stopped
from strata.migration.journal import Journal
from strata.migration.survey import Move, changes, survey

FILE = "locations.json"


def saved(journal: Journal) -> list[Change]:
    """The values before and after, as `locate` saved them."""
    return [Change(**one) for one in (journal.read(FILE) or {}).get("saved", [])]


def locate(database: Database, journal: Journal, move: Move, clock: Callable[[], float]) -> dict[str, Any]:
    """Rewrites every location below the old directories; refuses when one of the copies is not proven."""
    seen = survey(database, move)
    proofs = journal.proofs()
    unproven = [one for one in seen.images if not is_proven(one, seen, proofs)]
    if unproven:
        first = ", ".join(one.id for one in unproven[:5])
        raise Stopped(
            f"{len(unproven)} of {len(seen.images)} images are not proven at {move.new} ({first}{', …' * (len(unproven) > 5)}). "
            "No location was changed. Run `delta` while Glance stands still, and repeat."
        )
    wanted = changes(seen.images, move.new)
    if wanted:
        # Those of an earlier run stay: they may be written already, and the way back needs them.
        kept = {one.row: one for one in saved(journal)}
        kept.update({one.row: one for one in wanted})
        journal.write(FILE, {"saved": [asdict(kept[row]) for row in sorted(kept)]})
        points.reach("locate.saved")
        _rewrite(database, wanted, "locate")
        points.reach("locate.committed")
    journal.note(phase="located", ended=clock(), problems=[], located=len(seen.moved) + len(wanted))
    return {"rewritten": len(wanted), "already": len(seen.moved)}


def restore(database: Database, journal: Journal, clock: Callable[[], float]) -> dict[str, Any]:
    """Puts the saved values back where the present one is still ours; refuses when an old file is no more."""
    now = {row.row: row for row in database.read()}
    ours, before, foreign = [], 0, []
    for one in saved(journal):
        row = now.get(one.row)
        if row is None:
            continue
        if row.value == one.new:
            ours.append(Change(one.row, one.image, one.new, one.old))
        elif row.value == one.old:
            before += 1
        else:
            foreign.append(one.image)
    lost = [one for one in ours if not os.path.isfile(_path(one.new))]
    if lost:
        raise Stopped(
            f"{len(lost)} old files are no more ({_path(lost[0].new)} first), so the locations were not put back. Move the "
            "other way round instead: the same phases with the directories exchanged."
        )
    if ours:
        _rewrite(database, ours, "restore")
        points.reach("restore.committed")
    journal.note(phase="restored", ended=clock(), problems=[])
    return {"restored": len(ours), "already": before, "not_ours": foreign}


def _path(value: str) -> str:
    return os.path.normpath(value.partition("://")[2])


def _rewrite(database: Database, wanted: list[Change], phase: str) -> None:
    try:
        database.rewrite(wanted, lambda: points.reach(f"{phase}.updated"))
    except Unexpected as error:
        raise Stopped(
            f"The location of image {error.change.image} was changed by somebody else while this ran. The transaction was taken "
            "back, no location was changed. See that Glance stands still on all its hosts, and repeat."
        ) from error
