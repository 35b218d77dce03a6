"""The cutover as a whole: what it changes, in which order, and that it does nothing where nothing is left to do."""

from __future__ import annotations

import os
from pathlib import Path

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
