"""What every phase of one move works with."""

from __future__ import annotations

from dataclasses import dataclass

from strata.migration import checking
from strata.migration.database import Database
from strata.migration.journal import Journal
from strata.migration.settings import Settings
from strata.migration.survey import Move


@dataclass(frozen=True)
class Job:
    """source and at: what the new directory must lie on and where that must be mounted; None: any directory will do.

    files: Glance's configuration files, in the order in which it reads them.
    """

    settings: Settings
    database: Database
    journal: Journal
    move: Move
    source: str | None = None
    at: str | None = None
    workers: int = 4
    files: tuple[str, ...] = ()

    def refuse(self) -> None:
        """What every phase asks again before it does anything: a volume may go between two of them."""
        checking.refuse(self.settings, self.move, source=self.source, at=self.at)
