"""A Glance store as its tests declare it: the mount below it, its inputs, and the images that Glance knows."""

from __future__ import annotations

import sqlite3
from typing import Any

from strata.provider.kinds.glance_filesystem_store import FilesystemStore
from strata.provider.kinds.host_mount import Mount
from tests.lifecycle.host.fake_host import FakeHost
from tests.lifecycle.host.world import Declared, Hosts

CONF = "/etc/glance/glance-api.conf"
DROP_IN = "/etc/systemd/system/glance-api.service.d/50-strata-store.conf"
INPUTS = {"host": "tkstack", "directory": "/glance/images", "mount": "/glance/images"}
MOUNT = {"host": "tkstack", "path": "/glance/images", "server": "10.130.208.55", "export": "/images"}
RESTART = ["reset-failed -- glance-api", "restart -- glance-api"]


async def mounted(host: FakeHost) -> Declared:
    mount = Declared(Mount(Hosts(host)), dict(MOUNT))
    await mount.up()
    host.systemctl_log()
    return mount


def declared(host: FakeHost, user: str = "root", **changes: Any) -> Declared:
    return Declared(FilesystemStore(Hosts(host, user)), {**INPUTS, **changes})


def know_images(host: FakeHost, *locations: str) -> None:
    """Glance's database with one image at each location; `gone:` before it for a deleted one."""
    database = sqlite3.connect(host.path("/var/lib/glance/glance.sqlite"))
    database.execute("create table if not exists images (id text, name text, deleted boolean)")
    database.execute(
        "create table if not exists image_locations (image_id text, value text, deleted boolean)"
    )
    for number, location in enumerate(locations):
        gone = location.startswith("gone:")
        database.execute("insert into images values (?, ?, ?)", (f"id-{number}", f"image {number:02}", gone))
        database.execute(
            "insert into image_locations values (?, ?, ?)",
            (f"id-{number}", location.removeprefix("gone:"), gone),
        )
    database.commit()
