"""A Glance host for the whole site, played in this process: systemd and NFS are stand-ins, the rest is real.

It is the host of tests/lifecycle, here for the real engine, whose plugins reach it over SSH. What only a real host shows is shown
on the lab's guest, in tests/acceptance.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from components.cloudstack_zone import INSTALLER
from tests.lifecycle.glance_migration import site as glance
from tests.lifecycle.glance_migration.site import Site as GlanceHost

NFS_SERVER = "10.130.208.55"
INSTALLER_LOG = "/var/log/installer"


@contextmanager
def running(folder: Path) -> Iterator[GlanceHost]:
    """A host with a Glance that has two images, and with CloudStack's installer of system VM templates. It needs root."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    site = glance.running(folder)
    try:
        played = asyncio.run_coroutine_threadsafe(site.__aenter__(), loop).result(60)
        try:
            _furnish(played)
            yield played
        finally:
            asyncio.run_coroutine_threadsafe(site.__aexit__(None, None, None), loop).result(60)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


def _furnish(played: GlanceHost) -> None:
    exports = ("/images", "/moved", "/one")
    played.path("/srv/one").mkdir()
    played.host.state(exports={f"{NFS_SERVER}:{export}": "" for export in exports})
    for image in ("first", "second"):
        played.upload(image)
    installer = played.path(INSTALLER)
    installer.parent.mkdir(parents=True, exist_ok=True)
    installer.write_text(f'#!/bin/sh\necho "$@" >>{INSTALLER_LOG}\n')
    installer.chmod(0o755)
