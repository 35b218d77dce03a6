"""The emulator's memory: tables of documents, written to one JSON file after each write and read back at start."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

from lab.ontap.model import Document

Table = dict[str, Document]


@dataclass
class Store:
    """Every record the system holds, by table and key; names that begin with `~` never leave the emulator."""

    path: Path
    tables: dict[str, Table] = field(default_factory=dict)
    counters: dict[str, int] = field(default_factory=dict)

    def table(self, name: str) -> Table:
        """The table of that name, made when it is new."""
        return self.tables.setdefault(name, {})

    def next_number(self, counter: str) -> int:
        """1, 2, 3, …; never the same number twice, also after a restart."""
        self.counters[counter] = self.counters.get(counter, 0) + 1
        return self.counters[counter]

    def find(self, table: str, name: str, value: object) -> Document | None:
        """The first record with that value under that name."""
        return next((each for each in self.table(table).values() if each.get(name) == value), None)

    def save(self) -> None:
        """Replace the file in one step, so that a kill leaves the old one or the new one."""
        beside = self.path.with_suffix(".new")
        with beside.open("w", encoding="utf-8") as file:
            json.dump({"tables": self.tables, "counters": self.counters}, file)
        beside.replace(self.path)

    @classmethod
    def load(cls, path: Path) -> Store | None:
        """What an earlier run left; None when there is nothing."""
        if not path.exists():
            return None
        saved = json.loads(path.read_text(encoding="utf-8"))
        return cls(path, saved["tables"], saved["counters"])
