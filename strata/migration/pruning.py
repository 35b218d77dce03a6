"""Prune: old files whose image was proven at the new place, by us and by Glance itself. Nothing else is ever removed."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

from strata.migration import mounts, points
from strata.migration.database import Database
from strata.migration.failure import Stopped, words
from strata.migration.journal import Journal, sync_folder
from strata.migration.locating import saved
from strata.migration.survey import Move, below, survey


def prune(
    database: Database, journal: Journal, move: Move, ids: Sequence[str], clock: Callable[[], float]
) -> dict[str, Any]:
    """ids: the images that were downloaded from the new place with their hash. `kept` says of the others why they stay."""
    _refuse_one_place(move)
    seen = survey(database, move)
    proofs = {proof.image: proof for proof in journal.proofs().values()}
    ours = {one.image: one.new for one in saved(journal)}
    values = {row.image: row.value for row in seen.moved}
    removed, freed, already, kept = 0, 0, 0, {}
    for id in sorted(set(ids)):
        proof = proofs.get(id)
        if proof is None or not any(below(proof.source, one) for one in move.old):
            kept[id] = "this move has no proof of its copy"
            continue
        source, target = seen.sources.get(proof.source), seen.targets.get(proof.file)
        if source is None:
            already += 1
        elif id not in values or values[id] != ours.get(id):
            kept[id] = "its location is not the one that was written by this move"
        elif target is None or (target.size, target.mtime_ns) != (proof.size, proof.target_mtime_ns):
            kept[id] = "its copy is not as it was when it was proven"
        elif (source.size, source.mtime_ns) != (proof.size, proof.mtime_ns):
            kept[id] = "the old file was changed since it was copied"
        else:
            _unlink(proof.source)
            removed, freed = removed + 1, freed + source.allocated
    for one in filter(os.path.isdir, move.old):
        sync_folder(one)
    journal.note(phase="done", ended=clock(), problems=[], pruned=removed + already)
    return {
        "removed": removed,
        "already": already,
        "freed": freed,
        "kept": kept,
        "orphans": len(_left(seen.orphans(), proofs)),
    }


def _refuse_one_place(move: Move) -> None:
    """Where a copy is the old file itself, its removal would be that of the image."""
    for one in filter(os.path.isdir, move.old):
        if one not in move.links and mounts.shows(move.new, one):
            raise Stopped(
                f"{one} shows the files of {move.new}: the same directory is mounted at both. Nothing was removed. Unmount it "
                f"from {one} and repeat."
            )


def _left(orphans: Sequence[str], proofs: dict[str, Any]) -> list[str]:
    """Files of which this move knows nothing; they stay."""
    known = {proof.source for proof in proofs.values()}
    return [path for path in orphans if path not in known]


def _unlink(path: str) -> None:
    try:
        os.unlink(path)
    except FileNotFoundError:
        return
    except OSError as error:
        raise Stopped(
            f"{path} could not be removed: {words(error)}. What was removed before is noted; repeat."
        ) from error
    points.reach("prune.removed", path)
