"""A move that is done, for the tests that go on from there: its record on the host, and what happened to the service."""

from __future__ import annotations

import json
from typing import Any

from tests.lifecycle.glance_migration.site import FOLDER, Declared, Site, declared


async def moved(site: Site, count: int = 2, **changes: Any) -> Declared:
    for number in range(count):
        site.upload(f"image-{number}")
    site.mount()
    move = declared(site, **changes)
    await move.up()
    return move


def stops(site: Site) -> list[str]:
    """What was stopped, started or restarted since the last time this was asked."""
    return [
        one
        for one in site.host.systemctl_log()
        if one.split()[0] in ("stop", "start", "restart", "try-restart")
    ]


def edit_record(site: Site, **changes: Any) -> None:
    file = site.path(f"{FOLDER}/record.json")
    record = json.loads(file.read_text())
    record["result"].update(changes.pop("result", {}))
    file.write_text(json.dumps({**record, **changes}))
