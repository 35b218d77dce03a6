"""An ONTAP job that fails or never ends: what exists stays known, and the next run goes on from it."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from tests.acceptance.engine.site import MOUNT, VOLUME_TOKEN, Site

pytestmark = pytest.mark.acceptance


@pytest.fixture
def doorbell() -> Iterator[socket.socket]:
    """Listens where the host's SSH would be; whoever connects stays in its queue."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        yield listening


def _rang(doorbell: socket.socket) -> bool:
    try:
        doorbell.accept()[0].close()
    except BlockingIOError:
        return False
    return True


def test_a_job_that_fails_after_the_volume_exists_is_gone_on_from(
    site: Site, doorbell: socket.socket
) -> None:
    declared = site.project.stack_file.read_text()
    site.project.write(declared + MOUNT.format(port=doorbell.getsockname()[1]))
    for name in ("key", "host_key"):
        (site.project.folder / name).write_text("unused\n")
    site.fault("job_failure", applied=True, code="460770", message="Injected failure.")

    ran = site.project.up(expect=1)

    volume = site.project.resource(VOLUME_TOKEN)
    assert volume["id"] == f"cluster01/{site.volume()['uuid']}", ran
    assert volume["outputs"]["junctionPath"] == "/images", "observed, and not only what was asked for"
    assert "efficiency" not in volume["outputs"] or volume["outputs"]["efficiency"]["dedupe"] == "none"
    assert any("460770" in reason for reason in volume["initErrors"]), volume
    assert "460770" in ran.output
    assert not any(one["type"] == "strata:host:Mount" for one in site.project.resources())
    assert not _rang(doorbell), "the mount was started although its volume is not ready"

    site.project.write(declared)
    again = site.project.up()

    assert "1 updated" in again.output, again
    assert len(site.posts()) == 1
    assert "initErrors" not in site.project.resource(VOLUME_TOKEN)
    site.settled()


def test_an_endless_job_is_left_at_the_declared_time(site: Site) -> None:
    site.project.edit("protect: false", "protect: false\n        timeouts: {create: 5s}")
    site.fault("job_hang")

    ran = site.project.up(expect=1)

    (job,) = site.jobs("running")
    assert job["uuid"] in ran.output, ran
    assert "last seen as running" in ran.output
    assert "5 s" in ran.output
    sent = site.posts()[0]
    looks = [one for one in site.ontap.journal.entries() if one.path.endswith(job["uuid"])]
    assert 4.0 <= looks[-1].time - sent.time + sent.duration_ms / 1000 <= 6.5
