"""The old files go whose image was proven at the new place: of this move, and of earlier ones between the same places."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, Final

from strata.clients.glance_migration import INPUT, Order, Program
from strata.clients.glance_migration_move import Move
from strata.clients.glance_migration_run import size
from strata.errors import Failed
from strata.provider.kind import Operation

PROOF: Final = "answer-prove.json"
CarryOut = Callable[[str, Order], Awaitable[dict[str, Any]]]


@dataclass(frozen=True)
class Pruning:
    """carry_out: a command of the program in a journal, to its answer."""

    program: Program
    move: Move
    carry_out: CarryOut
    op: Operation

    async def run(self, proven: list[str]) -> dict[str, Any]:
        """For the record. proven: by this move."""
        gone = await self._prune(self.program.journal(self.move), self.move, proven)
        for journal, sources in (await self.program.journals_to(self.move.directory)).items():
            # Of a directory that migrateFrom names no more nobody said that its files may go.
            if journal != self.program.journal(self.move) and set(sources) <= set(self.move.sources):
                proof = await self.program.read(journal, PROOF) or {}
                ids = [str(one) for one in proof.get("proven", [])]
                gone += await self._prune(journal, replace(self.move, sources=sources), ids)
        return {"pruned": True, "removed": gone}

    async def _prune(self, journal: str, move: Move, ids: list[str]) -> int:
        """How many of the files are gone then."""
        order = Order("prune", (*move.on_its_mount, "--images", INPUT), json.dumps(ids).encode())
        answer = await self.carry_out(journal, order)
        places, host = ", ".join(move.sources), self.program.host.name
        if problems := [str(one) for one in answer.get("problems", [])]:
            raise Failed(f"Removing the old files on host {host} stopped. {' '.join(problems)}")
        if answer.get("removed"):
            what = f"{answer['removed']} old files, {size(answer.get('freed', 0))}"
            await self.op.note(f"Removed {what}, from {places} on {host}.")
        kept = answer.get("kept", {})
        if kept:
            first = "; ".join(f"{id}: {why}" for id, why in sorted(kept.items())[:3])
            await self.op.note(f"{len(kept)} old files stay, because they are not proven ({first}).")
        return int(answer.get("removed", 0)) + int(answer.get("already", 0))
