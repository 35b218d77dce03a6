"""What restore and prune leave alone: values that are not ours any more, and every file without a proof."""

from __future__ import annotations

import os

import pytest

from strata.migration import mounts
from tests.unit.migration.site_of_glance import Site, flip


def test_restore_leaves_what_is_not_ours_any_more(site: Site) -> None:
    for phase in ("copy", "delta", "locate"):
        site.done(phase)
    site.database.execute("UPDATE image_locations SET value = 'rbd://x' WHERE image_id = 'image-03'")
    site.delete("image-04")
    answer = site.done("restore")
    assert (answer["restored"], answer["not_ours"]) == (18, ["image-03"])
    assert site.values()["image-03"] == "rbd://x"


def test_restore_refuses_when_an_old_file_is_gone(site: Site) -> None:
    for phase in ("copy", "delta", "locate"):
        site.done(phase)
    site.done("prune", ids=["image-03"])
    before = site.rows()
    assert "the other way round" in site.run("restore")["problems"][0].replace(
        "Move the\nother", "Move the other"
    )
    assert site.rows() == before


def test_prune_removes_only_what_is_proven(site: Site) -> None:
    site.done("copy")
    kept = site.done("prune", ids=["image-01", "nobody"])["kept"]
    assert kept == {
        "image-01": "its location is not the one that was written by this move",
        "nobody": "this move has no proof of its copy",
    }
    site.done("delta")
    site.done("locate")
    flip(str(site.new / "image-01"))
    (site.old / "image-02").write_bytes(b"changed since")
    answer = site.done("prune", ids=["image-01", "image-02", "image-03"])
    assert sorted(answer["kept"]) == ["image-01", "image-02"]
    assert answer["removed"] == 1
    assert len(os.listdir(site.old)) == 19


def test_a_location_beside_the_moved_one_keeps_the_old_file(site: Site) -> None:
    for phase in ("copy", "delta", "locate"):
        site.done(phase)
    site.upload("twin", (site.old / "image-03").read_bytes())
    site.database.execute(
        "UPDATE image_locations SET value = ? WHERE image_id = 'twin'", (f"file://{site.old}/image-03",)
    )
    assert "can't move to" in site.run("prune", ids=["image-03"])["problems"][0]
    assert (site.old / "image-03").exists()


def test_copies_stay_when_the_database_lost_its_images(site: Site) -> None:
    """An empty database is no word of Glance that the images are deleted."""
    site.done("copy")
    site.database.executescript("DELETE FROM image_locations; DELETE FROM images;")
    assert site.done("delta")["removed"] == 0
    assert len(os.listdir(site.new)) == 20


def test_one_directory_at_two_places_is_refused(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bind mount, or the same export mounted where Glance's images were before: each copy would be its own source."""
    before, same = site.rows(), os.path.samefile
    monkeypatch.setattr(os.path, "samefile", lambda one, other: True)
    for command in ("check", "cutover"):
        assert (
            "or another mount of it, and image image-00 is still recorded" in site.run(command)["problems"][0]
        )
    assert site.rows() == before
    monkeypatch.setattr(os.path, "samefile", same)
    for phase in ("copy", "delta", "locate"):
        site.done(phase)
    monkeypatch.setattr(os.path, "samefile", lambda one, other: True)
    assert site.run("check")["problems"] == [], "made afterwards it holds nothing, as a link"
    assert site.done("prune", ids=sorted(site.images))["removed"] == 0


def test_prune_sees_that_a_copy_is_the_old_file_itself(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel may show one export as two devices, where each is mounted with options of its own."""
    for phase in ("copy", "delta", "locate"):
        site.done(phase)
    there = os.path.lexists
    monkeypatch.setattr(mounts, "_number", lambda directory: 64)
    monkeypatch.setattr(
        os.path, "lexists", lambda path: there(str(path).replace(str(site.old), str(site.new)))
    )
    answer = site.run("prune", ids=sorted(site.images))
    assert "Nothing was removed" in answer["problems"][0]
    assert sorted(path.name for path in site.old.iterdir()) == sorted(site.images)
    assert sorted(path.name for path in site.new.iterdir()) == sorted(site.images)
    monkeypatch.setattr(os.path, "lexists", there)  # two volumes, whose roots have the same number
    assert site.done("prune", ids=sorted(site.images))["removed"] == len(site.images)
    assert site.served() == site.images
