"""What a preview asks of `check`: nothing is written, and the mount may still be to come."""

from __future__ import annotations

import os
import shutil

import pytest

from strata.migration import mounts
from strata.migration.settings import parse
from tests.unit.migration.site_of_glance import Site


def test_a_preview_writes_nothing(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def written(directory: str) -> list[str]:
        raise AssertionError(f"a probe in {directory}")

    monkeypatch.setattr(mounts, "writable", written)
    assert site.done("check", "--no-probe")["images"] == 20
    assert not site.journal.exists()
    with pytest.raises(AssertionError):
        site.run("check")


def test_the_new_directory_may_still_be_to_come(site: Site) -> None:
    site.new.rmdir()
    assert "can't be read" in site.run("check", "--no-probe")["problems"][0]
    seen = site.done("check", "--no-probe", "--target-absent", "--source", "10.0.2.2:/images")
    assert (seen["free"], seen["images_to_copy"], seen["unknown_in_target"]["count"]) == (None, 20, 0)


def test_a_directory_on_which_nothing_is_mounted_yet_is_not_looked_into(site: Site) -> None:
    (site.new / "below-the-mount").write_text("x")
    given = ("--no-probe", "--target-absent", "--source", "10.0.2.2:/images", "--mounted-at", str(site.new))
    seen = site.done("check", *given)
    assert (seen["free"], seen["unknown_in_target"]["count"]) == (None, 0)


def test_what_is_there_is_looked_at_all_the_same(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    line = f"88 21 0:50 / {site.new} rw - nfs4 10.0.2.2:/other rw\n"
    monkeypatch.setattr(mounts, "kernel_mounts", lambda: line)
    given = ("--no-probe", "--target-absent", "--source", "10.0.2.2:/images", "--mounted-at", str(site.new))
    assert "10.0.2.2:/images was expected" in site.run("check", *given)["problems"][0]
    assert site.run("check", *given)["free"] > 0


def test_how_long_a_start_takes_is_only_measured_when_asked(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("strata.migration.checking.load", lambda: 15.5)
    assert "load_seconds" not in site.done("check")
    assert site.done("check", "--measure-start")["load_seconds"] == 15.5


def test_how_long_a_start_takes_is_not_measured_for_a_move_that_is_refused(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def load() -> float:
        raise AssertionError("On a slow host it takes minutes.")

    monkeypatch.setattr("strata.migration.checking.load", load)
    (site.old / "image-06").unlink()
    assert site.run("check", "--measure-start")["load_seconds"] is None


def test_an_old_directory_that_is_no_more_holds_nothing(site: Site) -> None:
    site.done("cutover")
    shutil.rmtree(site.old)
    assert site.done("check")["images"] == 0
    assert site.done("cutover")["settled"] is True
    assert site.done("prune", ids=sorted(site.images))["already"] == 20


def test_an_old_directory_that_went_with_its_images_is_no_empty_one(site: Site) -> None:
    os.rename(site.old, site.root / "unmounted")
    answer = site.run("check")
    assert len(answer["problems"]) == answer["images_without_file"]["count"] == 20
    assert site.run("cutover")["code"] == 1
    assert site.systemd.calls == []


def test_an_image_whose_file_is_lost_is_left_when_that_is_said(site: Site) -> None:
    (site.old / "image-06").unlink()
    assert site.run("check")["code"] == 1
    left = ("--leave", "image-06", "--leave", "image-07")
    seen = site.done("check", *left)
    assert seen["images_without_file"] == {"count": 1, "first": ["image-06"]}
    assert (seen["images"], seen["images_to_copy"]) == (19, 19)
    before = site.values()["image-06"]
    site.done("cutover", *left)
    assert site.values()["image-06"] == before
    assert site.values()["image-07"] == f"file://{site.new}/image-07", "its file was there after all"
    assert site.done("cutover", *left)["settled"] is True


@pytest.mark.parametrize("status", ["queued", "saving", "uploading", "importing", "killed"])
def test_an_image_that_was_never_completed_and_has_no_file_does_not_stop_the_move(
    site: Site, status: str
) -> None:
    (site.old / "image-06").unlink()
    site.database.execute("UPDATE images SET status = ? WHERE id = 'image-06'", (status,))
    seen = site.done("check")
    assert seen["images_without_file"] == {"count": 1, "first": ["image-06"]}
    before = site.values()["image-06"]
    site.done("cutover")
    assert site.values()["image-06"] == before, "there is nothing that its location could name"
    assert len([one for one in site.values().values() if one.startswith(f"file://{site.new}/")]) == 19
    assert site.done("check")["images"] == 0
    assert site.done("cutover")["settled"] is True, "it does not bring Glance to a stop with every run"


@pytest.mark.parametrize(
    ("lines", "because"),
    [
        ("state_path = {root}\n[database]\nconnection = sqlite:///$state_path/glance.db", "as in a sample"),
        ("state_path = {root}\n[database]\nconnection = sqlite:///${{state_path}}/glance.db", "with braces"),
        ("[database]\nhome = {root}\nconnection = sqlite:///$home/glance.db", "of its own section"),
        (
            "[there]\nis = {root}\n[database]\nconnection = sqlite:///${{there.is}}/glance.db",
            "of another one",
        ),
        ("base={root}\npath = $base\n[database]\nconnection = sqlite:///$path/glance.db", "twice"),
    ],
)
def test_values_that_refer_to_others(site: Site, lines: str, because: str) -> None:
    site.config.write_text("[DEFAULT]\n" + lines.format(root=site.root) + "\n")
    assert site.done("check")["images"] == 20, because


def test_a_dollar_that_refers_to_nothing_stays() -> None:
    text = "[database]\nconnection = mysql://g:a$$b$nothing\\$c@h/g\nself = $self\n"
    assert parse([text], "here").connection == "mysql://g:a$b$nothing$c@h/g"
    assert parse(["[database]\nconnection = x$connection\n"], "here").connection.startswith("x")


def test_a_later_file_that_sets_the_same_is_told_before_anything_stops(site: Site) -> None:
    folder = site.root / "glance-api.conf.d"
    folder.mkdir()
    (folder / "90-theirs.conf").write_text("[glance_store]\nfilesystem_store_datadir = /theirs\n")
    assert "counts instead of" in site.run("cutover")["problems"][0]
    assert site.systemd.calls == []
    (folder / "90-theirs.conf").write_text(f"[glance_store]\nfilesystem_store_datadir = {site.new}\n")
    site.done("cutover")
