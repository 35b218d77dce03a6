"""A small site for each test of the move; it needs SQLAlchemy, as Glance brings it on a host."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from strata.migration import loading, points, replacing, service, watching
from tests.unit.migration.site_of_glance import Site
from tests.unit.migration.workers_of_glance import Workers


@pytest.fixture(autouse=True)
def synced(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was synced, in order. No test can lose what the kernel still holds, and the disk's own time is not our subject."""
    paths: list[str] = []
    monkeypatch.setattr(os, "fsync", lambda handle: paths.append(os.readlink(f"/proc/self/fd/{handle}")))
    return paths


@pytest.fixture
def count() -> int:
    """How many images there are."""
    return 20


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int) -> Iterator[Site]:
    """Images: sparse ones, one with MD5 only and one without any hash; and a service that runs."""
    made = Site(tmp_path)
    monkeypatch.setattr(service, "systemctl", made.systemd)
    monkeypatch.setattr(service, "answers", made.systemd.answers)
    monkeypatch.setattr(loading, "warm", lambda: 0)
    monkeypatch.setattr("strata.migration.owning.TRIES", 1)
    monkeypatch.setattr(replacing, "LOCKS", str(tmp_path))
    for number in range(count):
        hashed = {3: "md5", 4: ""}.get(number, "sha512")
        made.upload(f"image-{number:02}", hashed=hashed, hole=1 << 20 if number % 7 == 0 else 0)
    yield made
    made.database.close()
    points.HOOKS.clear()
    watching._WATCHES.clear()


@pytest.fixture
def running(site: Site, monkeypatch: pytest.MonkeyPatch) -> Workers:
    """The processes of a Glance that can be told."""
    return Workers(site, monkeypatch)
