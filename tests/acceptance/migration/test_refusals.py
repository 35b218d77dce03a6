"""What can't be moved is refused with a sentence, or put back; Glance runs as before each time."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from lab.glance.images import CONFIG, STORE
from lab.glance.population import specimens
from tests.acceptance.migration.site import MOUNT, NEW, STORE_MOVED, STORE_RESTARTED, Site

pytestmark = [pytest.mark.acceptance, pytest.mark.migration, pytest.mark.timeout(900)]

MOUNTED = "mounted"


@dataclass(frozen=True)
class Refusal:
    """What is wrong, the words that the sentence must have, and whether the preview is asked, which takes longer than `up`."""

    name: str
    spoil: Callable[[Site], object]
    repair: Callable[[Site], object]
    words: tuple[str, ...]
    preview: bool
    because: str


def _first(site: Site) -> str:
    return min(site.uploaded)


def _rule(site: Site, rw: str) -> None:
    with site.lab.ontap() as client:
        policies = client.get("/api/protocols/nfs/export-policies", params={"name": "moved"}).json()[
            "records"
        ]
        path = f"/api/protocols/nfs/export-policies/{policies[0]['id']}/rules/1"
        answer = client.patch(path, json={"rw_rule": [rw]}, params={"return_timeout": 15})
        assert answer.status_code < 300, answer.text


REFUSALS = (
    Refusal(
        "missing source file",
        lambda site: site.host(f"mv {STORE}/{_first(site)} /root/kept"),
        lambda site: site.host(f"mv /root/kept {STORE}/{_first(site)}"),
        ("there is no such file", "backup"),
        True,
        "an image whose file is gone must not look moved",
    ),
    Refusal(
        "encrypted locations",
        lambda site: site.host(
            f"sed -i '/^\\[DEFAULT\\]/a metadata_encryption_key = 0123456789abcdef' {CONFIG}"
        ),
        lambda site: site.host(f"sed -i '/^metadata_encryption_key/d' {CONFIG}"),
        ("metadata_encryption_key",),
        False,
        "encrypted locations can't be rewritten",
    ),
    Refusal(
        "read-only export",
        lambda site: _rule(site, "never"),
        lambda site: _rule(site, "sys"),
        (NEW, "can't be written to"),
        False,
        "only a write tells what an export's rule allows",
    ),
    Refusal(
        "wrong mount",
        lambda site: site.host(
            f"mkdir -p /root/other && umount {NEW} && mount --bind /root/other {NEW} && touch {NEW}/mine"
        ),
        lambda site: site.host(f"umount {NEW} && mount {NEW}"),
        (NEW, "10.130.208.55:/moved"),
        False,
        "images beside the volume would be lost under the next mount",
    ),
)


@pytest.fixture(scope="module")
def mounted(site: Site) -> Site:
    """Six images in Glance's own directory, the volume mounted, and a stack file that asks for the move."""
    site.populate(specimens(6, 12 * 1024 * 1024, prefix="refused"))
    site.declare(MOUNT)
    site.up()
    site.declare(MOUNT, STORE_MOVED)
    return site


@contextmanager
def _glance_as_before(site: Site) -> Iterator[None]:
    before = site.started(), site.host(f"sha256sum {CONFIG}; systemctl cat glance-api")
    yield
    assert (site.started(), site.host(f"sha256sum {CONFIG}; systemctl cat glance-api")) == before
    places = site.images.locations()
    assert places == {id: f"file://{STORE}/{id}" for id in site.uploaded}


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: refusal.name)
def test_what_would_stop_the_move_stops_it_before_anything_is_done(mounted: Site, refusal: Refusal) -> None:
    with _glance_as_before(mounted):
        refusal.spoil(mounted)
        try:
            ran = mounted.project.preview(expect=None) if refusal.preview else mounted.up(expect=None)
        finally:
            refusal.repair(mounted)
        assert ran.code != 0, ran
        assert all(word in ran.output for word in refusal.words), f"{refusal.because}\n{ran}"
        assert "Traceback" not in ran.output


@contextmanager
def _small(site: Site, size: int) -> Iterator[None]:
    """The volume has so many bytes from now on: what ganesha exports is a file system of that size."""
    exported = site.exported()
    site.host(f"umount {NEW}")
    site.lab.ganesha.stop()
    _as_root("mount", "-t", "tmpfs", "-o", f"size={size},mode=755", "none", str(exported))
    site.lab.ganesha.start()
    site.host(f"mount {NEW}")
    try:
        yield
    finally:
        site.host(f"umount {NEW}")
        site.lab.ganesha.stop()
        _as_root("umount", str(exported))
        site.lab.ganesha.start()
        site.host(f"mount {NEW}")


def _as_root(*command: str) -> None:
    subprocess.run(command if os.geteuid() == 0 else ("sudo", "-n", *command), check=True)


def test_a_volume_that_is_too_small_is_refused_and_one_that_fills_up_stops_the_copy(mounted: Site) -> None:
    with _glance_as_before(mounted), _small(mounted, 8 << 20):
        refused = mounted.up(expect=None)
        assert refused.code != 0, refused
        assert "Enlarge the volume by at least" in refused.output, refused
    with _glance_as_before(mounted), _small(mounted, 24 << 20):
        mounted.hold("copy")
        run = mounted.start_up()
        mounted.held(run)
        mounted.host(f"head -c 20000000 /dev/zero > {NEW}/somebody-elses")
        mounted.let_go()
        ran = mounted.end(run, expect=None)
        assert ran.code != 0, ran
        assert "The volume is full" in ran.output, ran


def test_a_copy_that_is_damaged_while_glance_stands_still_is_made_anew(mounted: Site) -> None:
    mounted.declare(MOUNT, STORE_RESTARTED)
    mounted.hold("stop")
    run = mounted.start_up()
    mounted.held(run)
    _flip(mounted, _first(mounted))
    mounted.let_go()
    mounted.end(run)
    mounted.is_good()


def _flip(site: Site, id: str) -> None:
    """One bit of the copy, on the server's side."""
    with (site.exported() / id).open("r+b") as file:
        first = file.read(1)[0]
        file.seek(0)
        file.write(bytes([first ^ 1]))
