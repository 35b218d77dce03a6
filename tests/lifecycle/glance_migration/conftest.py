"""A Glance with images on a fake host or on two, for every test of this folder. It needs root, as the fake host does."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.lifecycle.glance_migration import site as sites
from tests.lifecycle.glance_migration.site import Site
from tests.lifecycle.glance_migration.two_hosts import Pair


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    if os.geteuid() != 0:
        pytest.skip("a mount namespace of its own needs root")
    async with sites.running(tmp_path) as running:
        yield running


@pytest.fixture
async def pair(site: Site, tmp_path: Path) -> AsyncIterator[Pair]:
    async with sites.running(tmp_path, "second") as second:
        for number in range(2):
            site.upload(f"image-{number}")
        for one in (site, second):
            one.mount()
        yield Pair(site, second)
