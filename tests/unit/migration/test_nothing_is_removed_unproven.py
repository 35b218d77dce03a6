"""What restore and prune leave alone: values that are not ours any more, and every file without a proof."""

from __future__ import annotations

import os

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
