"""Deleted volumes: kept for a while unless the delete was forced (facts: ontap 2, "Offline + delete")."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.ontap.model import Document
from lab.ontap.timestamps import timestamp
from lab.ontap.unverified import RECOVERY_QUEUE_HOURS

if TYPE_CHECKING:
    from lab.ontap.system import System


def remove(system: System, volume: Document, force: bool) -> None:
    """Take the volume out of the list; its files go now, or when its time in the queue is over."""
    del system.store.table("volumes")[volume["uuid"]]
    if force:
        system.discard(volume["uuid"])
        return
    now = system.clock.now()
    number = system.store.next_number("recovery_queue")
    system.store.table("recovery_queue")[volume["uuid"]] = {
        **volume,
        "name": f"{volume['name']}_{1000 + number}",
        "~deleted": timestamp(now),
        "~until": now + RECOVERY_QUEUE_HOURS * 3600,
    }


def expire(system: System) -> bool:
    """Purge what has been there long enough; true when something went."""
    queue = system.store.table("recovery_queue")
    over = [key for key, volume in queue.items() if volume["~until"] <= system.clock.now()]
    for key in over:
        del queue[key]
        system.discard(key)
    return bool(over)
