"""The whole move on a living site: images come and go meanwhile, and every one is served with its hash at each step."""

from __future__ import annotations

import os
from pathlib import Path

from tests.unit.migration.site_of_glance import Site, at


def below(site: Site, where: Path) -> bool:
    return all(value == f"file://{where}/{image}" for image, value in site.values().items())


def test_from_check_to_prune(site: Site) -> None:
    (site.old / "nobody-knows-me").write_bytes(b"orphan")
    (site.new / "somebody-elses").write_bytes(b"there before")
    site.database.execute("INSERT INTO images VALUES ('far', 'far', 'active', 3, NULL, NULL, NULL, 0)")
    site.locate("far", "rbd://pool/far")
    seen = site.done("check")
    assert (seen["images"], seen["images_to_copy"], seen["in_other_stores"]) == (20, 20, 1)
    assert seen["files_without_image"] == {"count": 1, "first": [str(site.old / "nobody-knows-me")]}
    assert seen["unknown_in_target"] == {"count": 1, "first": ["somebody-elses"]}
    assert seen["allocated_to_copy"] < seen["bytes_to_copy"], "holes need no room"

    assert site.done("copy")["copied"] == 20
    site.upload("late")
    site.delete("image-05")
    done = site.done("delta")
    assert (done["copied"], done["removed"]) == (1, 1)
    assert not (site.new / "image-05").exists()
    assert site.served() == site.images, "until locate Glance serves the old files"

    assert site.done("locate")["rewritten"] == 20
    assert below(site, site.new) is False, "the image in the other store stays where it is"
    assert site.values().pop("far") == "rbd://pool/far"
    assert site.served() == site.images
    assert site.done("locate") == {"rewritten": 0, "already": 20, "code": 0}

    gone = site.done("prune", ids=sorted(site.images))
    assert (gone["removed"], gone["kept"], gone["orphans"]) == (20, {}, 1)
    assert sorted(os.listdir(site.old)) == ["nobody-knows-me"]
    assert site.served() == site.images
    assert (site.new / "somebody-elses").read_bytes() == b"there before"


def test_holes_owner_mode_and_time_are_kept(site: Site) -> None:
    site.done("copy")
    for name in site.images:
        old, new = (site.old / name).stat(), (site.new / name).stat()
        assert (old.st_uid, old.st_gid, old.st_mode, old.st_mtime_ns) == (
            new.st_uid,
            new.st_gid,
            new.st_mode,
            new.st_mtime_ns,
        )
    old, new = (site.old / "image-00").stat(), (site.new / "image-00").stat()
    assert new.st_blocks <= old.st_blocks < old.st_size // 512


def test_an_image_that_is_deleted_while_it_is_copied_is_no_error(site: Site) -> None:
    at("copy.started", lambda path: (site.old / os.path.basename(path)[8:-5]).unlink())
    assert site.done("copy")["copied"] == 20, "an open file can still be read"
    absent = next(name for name in site.images if not (site.old / name).exists())
    assert absent in site.run("delta")["problems"][0], "but Glance still names it, and nobody deleted it"


def test_an_image_in_the_making_waits_for_the_delta(site: Site) -> None:
    site.database.execute("UPDATE images SET status = 'importing' WHERE id = 'image-02'")
    assert site.done("copy")["left_for_delta"] == 1
    assert not (site.new / "image-02").exists()
    assert site.done("delta")["copied"] == 1
    assert site.done("locate")["rewritten"] == 20


def test_the_way_back_is_the_same_move_with_the_directories_exchanged(site: Site) -> None:
    for phase in ("copy", "delta", "locate"):
        site.done(phase)
    site.done("prune", ids=sorted(site.images))
    site.old, site.new, site.journal = site.new, site.old, site.root / "back"
    for phase in ("check", "copy", "delta", "locate"):
        site.done(phase)
    assert below(site, site.new)
    assert site.served() == site.images


def test_a_copy_by_hand_is_verified_and_not_made_again(site: Site) -> None:
    for name in site.images:
        (site.new / name).write_bytes((site.old / name).read_bytes())
    inode = (site.new / "image-01").stat().st_ino
    (site.new / "image-02").write_bytes(b"x" * (site.old / "image-02").stat().st_size)
    site.done("copy")
    assert (site.new / "image-01").stat().st_ino == inode
    site.done("delta")
    site.done("locate")
    assert site.served() == site.images
