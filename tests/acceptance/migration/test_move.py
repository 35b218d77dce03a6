"""Two hundred images move to the volume in one `up`, while Glance is used; and everything that an operator then does with them.

The tests of this file are one story and stand in its order.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

import pytest

from lab.glance.images import STORE
from lab.glance.population import specimens
from strata.migration.sample import FEW
from tests.acceptance.migration.site import MOUNT, NEW, STORE_MOVED, Site
from tests.acceptance.project import Ran

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(1500)]

COUNT, BYTES, SAMPLE = 200, 150 * 1024 * 1024, 20
ORPHAN = "left-over-of-an-old-backup"


@dataclass(frozen=True)
class Moved:
    """What the runs said, and which images were dealt with while the copy ran."""

    preview: Ran
    up: Ran
    uploaded: tuple[str, ...]
    deleted: str
    queued: str
    started: str


@pytest.fixture(scope="module")
def moved(site: Site) -> Moved:
    """The move, with two uploads and a deletion while it copies."""
    site.populate(specimens(COUNT, BYTES))
    site.host(f"head -c 100000 /dev/urandom > {STORE}/{ORPHAN}")
    queued = site.register("never uploaded")
    deleted = min(site.uploaded)
    site.declare(MOUNT, STORE_MOVED.replace("keepSource: true", f"keepSource: true, proof: {SAMPLE}"))
    preview = site.project.preview()
    started = site.started()
    site.hold("copy")
    run = site.start_up()
    assert site.held(run) == "copy"
    uploaded = tuple(site.upload(f"during the copy {n}", os.urandom(200_000 * (n + 1))) for n in range(2))
    site.delete(deleted)
    site.let_go()
    return Moved(preview, site.end(run), uploaded, deleted, queued, started)


def test_the_preview_says_what_would_be_done(moved: Moved, site: Site) -> None:
    said = moved.preview.output
    assert f"{COUNT} images" in said, said
    assert "MiB" in said, said
    assert ORPHAN in said, "the file that no image names is named"
    assert re.search(r"stand[s]? still", said), "the expected downtime"


def test_every_image_is_served_from_the_volume(moved: Moved, site: Site) -> None:
    site.is_good()
    assert set(moved.uploaded) <= set(site.uploaded)
    there = {path.name for path in site.exported().iterdir()}
    assert there == set(site.uploaded), "no more and no less than the images: the deleted one left no copy"
    holes = site.host(f"cd {NEW}; stat -c '%s %b' * | awk '$1 > 2 * 512 * $2' | wc -l")
    assert int(holes) >= COUNT // 10 - 1, "sparse files are still sparse"


def test_the_proof_asked_glance_for_a_sample(moved: Moved, site: Site) -> None:
    proof, images = site.proof(), len(site.uploaded)
    assert (proof["downloaded"], proof["opened"], proof["as_copied"]) == (SAMPLE, FEW, images - SAMPLE - FEW)
    assert proof["proven"] == sorted(site.uploaded)
    assert f"proven {images} of {images}, {SAMPLE} of them in whole" in moved.up.output


def test_the_downtime_is_that_of_the_last_delta(moved: Moved, site: Site) -> None:
    said = re.search(r"Glance stood still for (\S+) s \(it was not stopped", moved.up.output)
    assert said, moved.up
    stood = site.journal("downtime_seconds")
    print(f"Glance stood still for {stood:.2f} s")
    assert 0 < stood < 10, "from the signal to the first answer of a new worker"
    assert moved.started == site.started(), "the service was not stopped"


def test_a_restart_of_glance_is_no_drift(moved: Moved, site: Site) -> None:
    site.host("systemctl restart glance-api")
    site.lab.host.wait_for_glance()
    site.project.drift(expect=0)


def test_a_second_up_changes_and_stops_nothing(moved: Moved, site: Site) -> None:
    before = site.started()
    second = site.up()
    assert "unchanged" in second.output, second
    assert not re.search(r"\d+ (created|updated|replaced|deleted)", second.output), second
    assert site.started() == before
    site.project.drift(expect=0)


def test_without_the_old_directory_all_is_as_before(moved: Moved, site: Site) -> None:
    site.host(f"mkdir {STORE}.aside && mv {STORE}/* {STORE}.aside/")
    site.is_good()
    gone = moved.uploaded[0]
    assert (site.exported() / gone).exists()
    site.delete(gone)
    assert not (site.exported() / gone).exists(), "a deleted image leaves the volume"
    assert re.search(
        r"(\d+) of \1 checks hold", site.project.run("strata", "verify", site.project.stack).output
    )
    site.host(f"mv {STORE}.aside/* {STORE}/ && rmdir {STORE}.aside")


def test_keep_source_false_removes_what_was_proven_and_nothing_else(moved: Moved, site: Site) -> None:
    before = site.started()
    site.project.edit("keepSource: true", "keepSource: false")
    site.up()
    # The image that was deleted after the move is known to nobody any more, so nothing is proven of its old file.
    assert set(site.host(f"ls -A {STORE}").split()) == {ORPHAN, moved.uploaded[0]}
    assert site.started() == before, "nothing was stopped for it"
    site.is_good()
    site.project.drift(expect=0)


def test_destroy_moves_everything_back(moved: Moved, site: Site) -> None:
    ran = site.project.destroy()
    site.is_good(STORE)
    assert ORPHAN in site.host(f"ls -A {STORE}").split()
    assert site.host("findmnt --types nfs,nfs4 || true") == "", ran
