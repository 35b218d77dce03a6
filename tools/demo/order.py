"""What CloudStack's journal says about the order: the Swift store was there and seen before any call about a zone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

STORE_WRITES = ("addImageStore", "addSwift", "updateConfiguration", "updateImageStore")
"""Writes that are not about a zone: what makes the store, and the setting that the older era wants first."""
ADDS = {"modern": "addImageStore", "legacy": "addSwift"}
LISTS = {"modern": "listImageStores", "legacy": "listSwifts"}


@dataclass(frozen=True)
class Asked:
    """One request to CloudStack: its number in the journal, whether it changes something, whether it was answered well."""

    number: int
    command: str
    write: bool
    good: bool = True


@dataclass(frozen=True)
class Order:
    """The requests that matter: the store added, seen in a list after that, the first about a zone. None when there was none."""

    added: Asked | None
    listed: Asked | None
    zone: Asked | None

    @property
    def holds(self) -> bool:
        """Whether no zone was asked for before the store was listed."""
        return self.zone is None or (self.listed is not None and self.listed.number < self.zone.number)


def order_of(asked: Sequence[Asked], era: str) -> Order:
    """What came first. A store whose answer was lost counts as added: the list that follows decides."""
    added = next((one for one in asked if one.command == ADDS[era]), None)
    after = [one for one in asked if added is not None and one.number > added.number]
    listed = next((one for one in after if one.command == LISTS[era] and one.good), None)
    zone = next((one for one in asked if one.write and one.command not in STORE_WRITES), None)
    return Order(added, listed, zone)
