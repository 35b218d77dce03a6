"""What a check finds of directories: what lies there already, what is named and is not there, and what lies elsewhere."""

from __future__ import annotations

import os
import shutil

import pytest

from strata.migration import mounts
from strata.migration.survey import PART
from tests.unit.migration.site_of_glance import Site


def allocated(site: Site) -> int:
    return sum((site.old / image).stat().st_blocks * 512 for image in site.images)


def test_what_lies_there_already_needs_no_room(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    assert site.done("check")["allocated_to_copy"] == allocated(site)
    shutil.copyfile(site.old / "image-01", site.new / "image-01")
    (site.new / "image-02").write_text("of another size")
    shutil.copyfile(site.old / "image-03", site.new / f"{PART}image-03.part")
    held = sum((site.old / name).stat().st_blocks * 512 for name in ("image-01", "image-03"))
    monkeypatch.setattr(mounts, "free", lambda directory: allocated(site) - held)
    seen = site.done("check")
    assert seen["allocated_to_copy"] == allocated(site) - held
    assert seen["images_to_copy"] == 20, "they are verified all the same"
    monkeypatch.setattr(mounts, "free", lambda directory: allocated(site) - held - 1)
    assert "Enlarge the volume" in site.run("check")["problems"][0]


def test_of_a_directory_that_is_still_to_come_it_is_said_what_is_free_above(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = ("--no-probe", "--target-absent")
    assert site.done("check", *given)["free_of_parent"] is None
    asked: list[str] = []

    def free(directory: str) -> int:
        asked.append(directory)
        return 4096

    monkeypatch.setattr(mounts, "free", free)
    seen = site.done("check", *given, "--to", str(site.root / "to" / "come"))
    assert (seen["free"], seen["free_of_parent"], asked) == (None, 4096, [str(site.root)])
    more = ("--source", "10.0.2.2:/images", "--mounted-at", str(site.new))
    assert site.done("check", *given, *more)["free_of_parent"] is None, "the volume is not mounted yet"


def test_a_directory_that_nobody_knows_is_told_with_those_where_images_lie(site: Site) -> None:
    wrong = str(site.root / "odl")
    site.upload("one", folder=site.root)
    answer = site.run("check", "--from", wrong)
    (problem,) = answer["problems"]
    assert problem.startswith(f"{wrong} does not exist, and Glance has no image there")
    assert f"{site.root} (1)" in problem
    assert answer["elsewhere_on_disk"] == {str(site.root): 1}
    os.mkdir(wrong)
    site.done("check", "--from", wrong)


def test_files_elsewhere_are_told_apart_from_other_stores(site: Site) -> None:
    elsewhere = site.root / "elsewhere"
    elsewhere.mkdir()
    site.upload("here", folder=elsewhere)
    site.upload("there", folder=elsewhere)
    site.locate("here", "rbd://pool/here")
    seen = site.done("check")
    assert (seen["in_other_stores"], seen["elsewhere_on_disk"]) == (1, {str(elsewhere): 2})


def test_an_old_directory_that_was_emptied_and_is_no_more_is_no_mistake(site: Site) -> None:
    site.upload("elsewhere", folder=site.root)
    site.done("cutover")
    shutil.rmtree(site.old)
    assert site.done("check")["elsewhere_on_disk"] == {str(site.root): 1}


def test_a_link_to_the_new_directory_holds_nothing(site: Site) -> None:
    site.done("cutover")
    shutil.rmtree(site.old)
    site.old.symlink_to(site.new)
    seen = site.done("check")
    assert (seen["images"], seen["already_moved"], seen["files_without_image"]["count"]) == (0, 20, 0)
    assert site.done("cutover")["settled"] is True
    site.done("prune", ids=sorted(site.images))
    assert site.served() == site.images, "nothing was removed by the link"
    site.database.execute(
        "UPDATE image_locations SET value = ? WHERE image_id = 'image-06'", (f"file://{site.old}/image-06",)
    )
    (problem,) = site.run("check")["problems"]
    assert (
        f"{site.old} is a link to {site.new}, or another mount of it, and image image-06 is still" in problem
    )


def test_the_old_directories_are_a_set(site: Site) -> None:
    more = site.root / "more"
    more.mkdir()
    site.upload("here", folder=more)
    out = site.done("copy", "--from", str(more))
    assert out["copied"] == 21
    site.old, more = more, site.old
    assert site.done("copy", "--from", str(more))["copied"] == 0


def test_putting_back_asks_nothing_of_the_new_directory(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    assert site.killed("cutover", "setting.written")
    real = os.lstat

    def lstat(path: str, **more: int) -> os.stat_result:
        assert not str(path).startswith(str(site.new)), "its server may be gone"
        return real(path, **more)

    monkeypatch.setattr(os, "lstat", lstat)
    site.done("rollback")
    assert site.systemd.serves == str(site.old)
