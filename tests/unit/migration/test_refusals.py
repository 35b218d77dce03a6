"""What stops a phase of the move, by a sentence that names image, directory or row, and leaves everything as it was."""

from __future__ import annotations

import errno
import os
import sqlite3

import pytest

from strata.migration import mounts
from strata.migration.journal import Journal
from tests.unit.migration.site_of_glance import Site, at, flip
from tests.unit.migration.spoiled_site import Case, setting, truncate

STOPPED = [
    Case(lambda s: (s.old / "image-06").unlink(), "Image image-06", "the source is missing"),
    Case(truncate, "image-06 has 10 bytes", "the source is truncated"),
    Case(
        lambda s: (s.old / "image-06").write_bytes(b"?" * (s.old / "image-06").stat().st_size),
        "the image was damaged before",
        "the source is damaged, its size is right",
    ),
    Case(
        lambda s: setting(s, "metadata_encryption_key = 0123456789abcdef"),
        "metadata_encryption_key",
        "the key was set after the check",
    ),
    Case(
        lambda s: s.locate("image-06", f"file://{s.new}/image-06"),
        "can't move to",
        "the same image in both stores",
    ),
    Case(
        lambda s: s.locate("image-06", f"file://{s.old}/deeper/image-06"),
        "deeper than the directories named",
        "a directory that was not named",
    ),
]


@pytest.mark.parametrize("case", STOPPED, ids=lambda case: case.because.replace(" ", "-"))
def test_delta_stops_and_locate_refuses(site: Site, case: Case) -> None:
    case.spoil(site)
    before = site.rows()
    site.run("copy")
    answer = site.run("delta")
    assert answer["code"] == 1, case.because
    assert case.says in answer["problems"][0], case.because
    assert site.run("locate")["code"] == 1, case.because
    assert site.rows() == before, case.because


def test_a_copy_that_was_corrupted_once_is_made_again(site: Site) -> None:
    at("copy.written", flip)
    assert site.done("copy")["copied"] == 20
    site.done("delta")
    site.done("locate")
    assert site.served() == site.images


def test_a_copy_that_is_corrupted_every_time_is_named_with_both_hashes(site: Site) -> None:
    at("copy.written", lambda path: flip(path) if "image-06" in path else None, times=99)
    answer = site.run("copy")
    (problem,) = answer["problems"]
    assert "Image image-06" in problem
    assert site.images["image-06"] in problem
    assert "the volume or the way to it changes what is written" in problem
    assert not (site.new / "image-06").exists(), "what is wrong never gets the name that Glance serves"
    assert len([name for name in os.listdir(site.new) if not name.startswith(".")]) == 19, (
        "the others are done"
    )
    assert site.run("progress")["problems"] == [problem], "who runs detached is asked here"


@pytest.mark.parametrize(
    ("number", "says"),
    [(errno.ENOSPC, "The volume is full"), (errno.EROFS, "read-only"), (errno.ESTALE, "mount it again")],
)
def test_what_the_volume_answers_is_told(site: Site, number: int, says: str) -> None:
    def answer(path: str) -> None:
        raise OSError(number, os.strerror(number), path)

    at("copy.half", answer)
    told = site.run("copy")
    assert told["code"] == 1
    assert says in told["problems"][0]
    assert site.done("copy")["copied"] == 1, "the others were done before"


@pytest.mark.parametrize("phase", ["check", "copy", "delta", "locate", "prune"])
def test_a_wrong_mount_stops_every_phase(site: Site, phase: str) -> None:
    for before in ("copy", "delta", "locate") if phase == "prune" else ():
        site.done(before)
    os.utime(site.new, ns=(1, 1))
    answer = site.run(phase, "--source", "10.0.2.2:/images", ids=sorted(site.images))
    assert "10.0.2.2:/images was expected" in answer["problems"][0]
    assert site.new.stat().st_mtime_ns == 1, "not even a probe was written"
    answer = site.run(phase, "--source", "10.0.2.2:/images", "--mounted-at", str(site.new))
    assert f"Nothing is mounted at {site.new}" in answer["problems"][0]


def test_a_mount_that_is_read_only(site: Site) -> None:
    line = f"88 21 0:50 / {site.new} %s,relatime shared:45 - nfs4 10.0.2.2:/images %s,vers=4.2\n"
    for text, says in (
        (line % ("ro", "rw"), "mounted read-only"),
        (line % ("rw", "ro"), "mounted read-only"),
    ):
        (problem,) = mounts.mounted(str(site.new), "10.0.2.2:/images", None, text)
        assert says in problem
    assert mounts.mounted(str(site.new), "10.0.2.2:/images", str(site.new), line % ("rw", "rw")) == []
    (problem,) = mounts.mounted(str(site.new), "10.0.2.2:/images2", None, line % ("rw", "rw"))
    assert "Unmount what is there" in problem


def test_a_journal_belongs_to_its_directories(site: Site) -> None:
    site.done("copy")
    other = site.root / "other"
    other.mkdir()
    (problem,) = site.run("copy", "--to", str(other))["problems"]
    assert "Give this move a name of its own" in problem
    assert os.listdir(other) == []


def test_a_hash_that_this_host_cannot_make(site: Site) -> None:
    site.database.execute("UPDATE images SET os_hash_algo = 'whirlpool9' WHERE id = 'image-06'")
    (problem,) = site.run("copy")["problems"]
    assert "whirlpool9" in problem
    assert not (site.new / "image-06").exists()


def test_a_proof_with_another_hash_than_the_database_says_is_none(site: Site) -> None:
    """As when the image was replaced under its id by a restore of the database."""
    site.done("copy")
    site.database.execute("UPDATE images SET os_hash_value = ? WHERE id = 'image-06'", ("0" * 128,))
    assert "image-06" in site.run("locate")["problems"][0]


def test_a_copy_that_was_touched_since_is_verified_again(site: Site) -> None:
    site.done("copy")
    flip(str(site.new / "image-06"))
    assert "image-06" in site.run("locate")["problems"][0]
    assert site.done("delta")["copied"] == 1
    site.done("locate")
    assert site.served() == site.images


def test_two_copies_at_once(site: Site) -> None:
    with Journal(str(site.journal)).locked("this test"):
        answer = site.run("copy")
        assert "another command of this move" in answer["problems"][0]
        assert site.run("status")["working"] is True
    assert site.run("status")["working"] is False
    site.done("copy")


@pytest.mark.parametrize("command", ["locate", "restore"])
def test_a_location_that_changes_meanwhile_takes_everything_back(site: Site, command: str) -> None:
    site.done("copy")
    site.done("delta")
    if command == "restore":
        site.done("locate")
    site.database.execute(
        "CREATE TRIGGER theirs AFTER UPDATE ON image_locations WHEN OLD.image_id = 'image-03' BEGIN"
        " UPDATE image_locations SET value = 'file:///theirs' WHERE image_id = 'image-07'; END"
    )
    before = site.rows()
    answer = site.run(command)
    assert "image-07 was changed by somebody else" in answer["problems"][0]
    assert site.rows() == before


def test_a_database_without_the_tables_is_no_empty_one(site: Site) -> None:
    site.database.execute("ALTER TABLE image_locations RENAME TO away")
    (problem,) = site.run("delta")["problems"]
    assert "did not answer as expected" in problem


def test_a_locked_database_leaves_the_locations(site: Site) -> None:
    site.done("copy")
    site.done("delta")
    site.config.write_text(f"[database]\nconnection = sqlite:///{site.root}/glance.db?timeout=0\n")
    before = site.rows()
    other = sqlite3.connect(site.root / "glance.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert site.run("locate")["code"] == 1
    other.close()
    assert site.rows() == before


@pytest.mark.parametrize("new", ["old", "old/deeper", ".", "relative", "per%cent"])
def test_directories_between_which_nothing_can_be_moved(site: Site, new: str) -> None:
    to = new if new == "relative" else str(site.root / new)
    answer = site.run("copy", "--to", to)
    assert answer["code"] == 1
    assert not site.journal.exists()
