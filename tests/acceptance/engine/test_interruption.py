"""A run that is interrupted, or killed, in the middle of a long ONTAP job."""

from __future__ import annotations

import contextlib
import signal
import time
from pathlib import Path

import pytest

from tests.acceptance.engine.site import VOLUME_TOKEN, Site, happens

pytestmark = pytest.mark.acceptance

SOON = 10.0
"""Seconds that an interrupted run may take to end."""


def test_an_interrupted_run_ends_soon_and_keeps_the_volume_it_was_making(site: Site) -> None:
    site.fault("job_hang", applied=True)
    running = site.up_until(lambda: site.jobs("running"))
    since = time.monotonic()

    running.interrupt()
    ran = running.end(timeout=2 * SOON)

    assert time.monotonic() - since < SOON, ran
    assert "was cancelled" in ran.output, ran
    assert ran.code == 1, ran
    state = site.deployment()
    assert "pending_operations" not in state, "nothing for the operator to resolve"
    volume = site.project.resource(VOLUME_TOKEN)
    assert volume["id"] == f"cluster01/{site.volume()['uuid']}"

    site.ontap.calm()
    site.project.up()

    assert len(site.posts()) == 1
    site.settled()


def test_an_interrupted_run_whose_volume_comes_only_later_finds_it_again(site: Site) -> None:
    site.fault("job_hang")
    running = site.up_until(lambda: site.jobs("running"))
    running.interrupt()
    running.end(timeout=2 * SOON)
    assert site.volumes() == []

    site.ontap.calm()
    happens(site.volumes)
    site.project.up()

    assert len(site.posts()) == 1, "the mark in its comment says that the volume is this stack's own"
    site.settled()


def test_a_killed_run_is_resolved_by_one_command(site: Site) -> None:
    site.fault("job_hang", applied=True)
    running = site.up_until(lambda: site.jobs("running"))

    running.kill()
    assert running.end().code == -signal.SIGKILL
    happens(lambda: not _providers_of(site), within=5)
    running.sweep()
    site.ontap.calm()
    pending = site.deployment()["pending_operations"]
    assert [(one["type"], one["resource"]["type"]) for one in pending] == [("creating", VOLUME_TOKEN)]

    refused = site.project.up(expect=1)
    assert "pulumi cancel" in refused.output, refused
    site.project.pulumi("cancel", "--yes")
    site.project.pulumi("refresh", "--yes", "--clear-pending-creates")
    assert "pending_operations" not in site.deployment()

    site.project.up()
    assert len(site.posts()) == 1
    assert site.project.resource(VOLUME_TOKEN)["id"] == f"cluster01/{site.volume()['uuid']}"
    site.settled()


def _providers_of(site: Site) -> list[Path]:
    """The provider processes that still run in the project's folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            here = (process / "cwd").resolve() == site.project.folder.resolve()
            if here and b"strata.provider" in (process / "cmdline").read_bytes():
                found.append(process)
    return found
