"""The cutover as a whole: what it changes, in which order, and that it does nothing where nothing is left to do."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from strata.hostfiles import ini
from strata.migration import points
from tests.unit.migration.site_of_glance import Site, at


def test_a_whole_cutover(site: Site) -> None:
    text = site.config.read_text()
    site.done("copy")
    site.upload("late")
    at("cutover.prepared", lambda path: print(site.upload("later")))
    done = site.done("cutover")
    assert (done["settled"], done["copied"], done["rewritten"], done["images"]) == (False, 1, 22, 22)
    assert site.served() == site.images
    assert set(site.values().values()) == {f"file://{site.new}/{image}" for image in site.images}
    assert ini.get(site.config.read_text(), "glance_store", "filesystem_store_datadir") == str(site.new)
    assert Path(f"{site.config}.strata-backup").read_text() == text
    assert site.guard.read_text() == site.systemd.known()["guard"] == f"the images lie in {site.new}\n"
    assert site.systemd.serves == str(site.new)
    assert site.systemd.calls == [
        "daemon-reload",
        "stop -- glance-api",
        "start -- glance-api",
    ], "systemd takes its time to read its files, so it does before the stop"
    state = site.run("progress")
    assert (state["phase"], state["downtime_seconds"]) == ("start", done["downtime_seconds"])
    assert state["stopped_at"] == done["stopped_at"]
    assert site.run("status")["next"] == "prove"
    assert sorted(os.listdir(site.old)) == sorted(site.images), "the old files stay"


def test_what_is_done_is_not_done_again(site: Site) -> None:
    site.done("cutover")
    before, calls = site.rows(), len(site.systemd.calls)
    done = site.done("cutover")
    assert (done["settled"], done["downtime_seconds"], done["already"]) == (True, 0, 20)
    assert site.systemd.calls[calls:] == ["is-active -- glance-api"]
    assert site.rows() == before
    site.done("cutover", spec=site.spec(restart=True))
    assert site.systemd.calls[calls + 1 :] == ["stop -- glance-api", "start -- glance-api"]


def test_the_phases_are_noted_before_their_first_act(site: Site) -> None:
    phases: list[str] = []
    points.HOOKS["state.written"] = lambda name: phases.append(site.run("progress").get("phase", ""))
    site.done("cutover")
    once = [phase for phase, before in zip(phases, ["", *phases], strict=False) if phase != before]
    assert once == ["check", "copy", "check", "stop", "delta", "verify", "own", "locate", "setting", "start"]


def test_the_way_back_gives_the_setting_back_byte_for_byte(site: Site) -> None:
    site.config.write_text(
        site.config.read_text().replace("filesystem_store_datadir =", "filesystem_store_datadir=  ")
    )
    text = site.config.read_text()
    memory = site.done("cutover")["memory"]
    assert site.done("cutover")["memory"] == memory, "of a setting that is in effect it is not forgotten"
    site.upload("new", folder=site.new)
    forth = site.journal
    site.old, site.new, site.journal = site.new, site.old, site.root / "back"
    setting = {**site.spec()["setting"], "value": None, "memory": memory}
    guard = {"path": str(site.guard), "text": None}
    site.done("cutover", spec=site.spec(setting=setting, guard=guard))
    assert site.config.read_text() == text
    assert site.systemd.known()["guard"] is None
    assert not site.guard.parent.exists()
    assert site.systemd.serves == str(site.new)
    assert site.served() == site.images
    site.old, site.new, site.journal = site.new, site.old, forth
    site.done("cutover")
    assert site.served() == site.images, "and forth again, by the journal of the first time"


def test_a_setting_that_was_not_there_is_taken_out_again(site: Site) -> None:
    site.config.write_text(site.config.read_text().partition("[glance_store]")[0] + "[paste_deploy]\n")
    text = site.config.read_text()
    memory = site.done("cutover")["memory"]
    site.old, site.new, site.journal = site.new, site.old, site.root / "back"
    setting = {**site.spec()["setting"], "value": None, "memory": memory}
    at("cutover.stopped", lambda path: (site.old / "image-03").unlink())
    new = site.config.read_text()
    assert site.run("cutover", spec=site.spec(setting=setting))["code"] == 1
    assert site.config.read_text() == new, "a way back that fails leaves what was set"
    (site.old / "image-03").write_bytes((site.new / "image-03").read_bytes())
    site.done("cutover", spec=site.spec(setting=setting))
    assert site.config.read_text() == text


def test_mode_owner_and_attributes_of_the_configuration_stay(site: Site) -> None:
    site.config.chmod(0o640)
    os.chown(site.config, 12, 34)
    os.setxattr(site.config, "user.strata", b"kept")
    link = site.root / "link.conf"
    link.symlink_to(site.config)
    before = site.config.stat()
    setting = {**site.spec()["setting"], "file": str(link)}
    site.done("cutover", spec=site.spec(setting=setting))
    for path in (site.config, Path(f"{site.config}.strata-backup")):
        now = path.stat()
        assert (now.st_mode, now.st_uid, now.st_gid) == (before.st_mode, 12, 34)
        assert os.getxattr(path, "user.strata") == b"kept"
    assert link.is_symlink()
    assert (site.guard.stat().st_mode & 0o777) == 0o644


def test_an_older_backup_stays(site: Site) -> None:
    backup = Path(f"{site.config}.strata-backup")
    backup.write_text("of the first change")
    site.done("cutover")
    assert backup.read_text() == "of the first change"


def test_directory_and_files_get_the_declared_owner(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    # Above the directory of a test nobody else may enter.
    monkeypatch.setattr("strata.migration.owning.see_writable", lambda move, owner: None)
    site.done("copy")
    at("cutover.stopped", lambda path: print(site.upload("late")))
    site.done("cutover", spec=site.spec(owner="nobody", group="nogroup", mode="0750"))
    places = [site.new, *(site.new / name for name in os.listdir(site.new))]
    assert len({path.owner() for path in places} | {"nobody"}) == 1
    assert {path.group() for path in places} == {"nogroup"}
    assert site.new.stat().st_mode & 0o7777 == 0o750
    os.chown(site.new / "late", 0, 0)
    site.done("cutover", spec=site.spec(owner="nobody", group="nogroup"))
    assert (site.new / "late").owner() == "nobody", "where nothing else is left to do, too"


def test_nobody_is_asked_for_an_owner_who_cannot_write(site: Site) -> None:
    site.root.chmod(0o700)
    answer = site.run("cutover", spec=site.spec(owner="nobody", group="nogroup"))
    assert "nobody may not write in" in answer["problems"][0]
    assert "stop -- glance-api" not in site.systemd.calls


def test_the_images_before_are_those_of_every_store(site: Site) -> None:
    site.database.execute("INSERT INTO images VALUES ('far', 'far', 'active', 3, NULL, NULL, NULL, 0)")
    site.locate("far", "rbd://pool/far")
    at("cutover.prepared", lambda path: site.delete("image-05"))
    at("cutover.stopped", lambda path: print(site.upload("late")))
    site.done("cutover")
    before = {one["image"]: one for one in json.loads((site.journal / "cutover.json").read_text())["images"]}
    assert sorted(before) == sorted([*site.images, "far"])
    assert before["late"]["digest"] == site.images["late"]


def test_a_service_that_stands_still_is_started_where_nothing_else_is_left(site: Site) -> None:
    site.done("cutover")
    site.systemd("stop", "--", "glance-api")
    site.done("cutover")
    assert site.systemd.serves == str(site.new)


def test_the_downtime_of_a_cutover_that_died_counts_from_its_stop(site: Site) -> None:
    assert site.killed("cutover", "locate.committed")
    since = site.run("progress")["stopped_at"]
    assert site.done("cutover")["stopped_at"] == since
    site.upload("again")
    assert site.done("cutover")["stopped_at"] > since


def test_while_glance_stands_still_little_is_synced(site: Site, synced: list[str]) -> None:
    site.done("copy")
    at("cutover.stopped", lambda path: synced.clear())
    at("cutover.started", lambda path: synced.append("started"))
    site.done("cutover")
    assert synced[: synced.index("started")] == [str(site.root)], (
        "the rename of the configuration, and nothing else"
    )
