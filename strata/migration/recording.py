"""Proofs become lines of the journal at once and are synced in groups: a sync costs a tenth of a second.

A line that a power failure takes is a copy that is read back once more; a death of the program takes none.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from strata.migration import points
from strata.migration.journal import Journal, Proof

EVERY = 1.0
"""Seconds between two syncs."""


class Recorder:
    """The copies of one run, in the order in which they were proven."""

    def __init__(self, journal: Journal, clock: Callable[[], float] = time.monotonic) -> None:
        self.proofs: list[Proof] = []
        self._journal, self._clock = journal, clock
        self._synced, self._at = 0, clock()

    def add(self, proof: Proof) -> None:
        """The copy's name is on the disk already."""
        self._journal.prove(proof, sync=False)
        self.proofs.append(proof)
        points.reach("copy.recorded", proof.source)
        if self._clock() - self._at >= EVERY:
            self.sync()

    def sync(self) -> None:
        """On the disk afterwards, all of them."""
        if len(self.proofs) > self._synced:
            self._journal.sync_proofs()
        self._synced, self._at = len(self.proofs), self._clock()
