"""Images move while Glance serves: it is told of its new directory, and nothing is stopped."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from strata.migration import loading, locating
from tests.unit.migration.site_of_glance import Site, at
from tests.unit.migration.workers_of_glance import Workers


@pytest.fixture
def count() -> int:
    return 8


def moved(site: Site) -> bool:
    """Every image is served whole from the new place, where new ones go too."""
    places = {str(Path(value.removeprefix("file://")).parent) for value in site.values().values()}
    return site.served() == site.images and places == {str(site.new)} and site.systemd.serves == str(site.new)


def test_nothing_is_stopped(site: Site, running: Workers) -> None:
    answer = site.done("cutover")
    assert moved(site)
    assert (answer["switch"], answer["not_reloaded"], answer["rewritten"]) == ("reload", "", 8)
    assert not running.was_stopped
    assert running.note == f"{site.systemd.known()['pid']} 7\n{site.new}\n"
    assert site.run("status")["next"] == "prove"
    assert site.done("cutover")["settled"] is True, "once more, and nothing is left to do"
    assert site.systemd.calls.count("SIGHUP") == 1


@pytest.mark.parametrize(("switch", "times"), [("auto", 0), ("restart", 1)])
def test_only_a_start_needs_glances_files_in_memory(
    site: Site, running: Workers, monkeypatch: pytest.MonkeyPatch, switch: str, times: int
) -> None:
    asked: list[int] = []
    monkeypatch.setattr(loading, "warm", lambda: asked.append(0))
    site.done("cutover", spec=site.spec(switch=switch))
    assert len(asked) == times


def test_what_an_old_worker_still_takes_is_moved_too(site: Site, running: Workers) -> None:
    running.finishing = lambda: site.upload("long-upload")
    answer = site.done("cutover")
    assert moved(site)
    assert (answer["copied"], answer["rewritten"]) == (1, 9), "the others were copied ahead"
    assert not running.was_stopped


class Meanwhile(NamedTuple):
    point: str
    act: Callable[[Site], object]
    because: str


@pytest.mark.parametrize(
    "case",
    [
        Meanwhile(
            "cutover.prepared", lambda site: site.upload("late"), "an upload before the locations are written"
        ),
        Meanwhile("cutover.prepared", lambda site: site.delete("image-05"), "a delete before that"),
        Meanwhile("locate.saved", lambda site: site.delete("image-05"), "a delete at the very instant"),
        Meanwhile(
            "switch.located", lambda site: site.delete("image-05"), "a delete afterwards, of the new file"
        ),
        Meanwhile(
            "switch.located", lambda site: site.upload("late"), "an upload that the old settings still take"
        ),
        Meanwhile(
            "switch.told",
            lambda site: site.upload("late", folder=site.new),
            "an upload that the new ones take",
        ),
        Meanwhile("switch.told", lambda site: site.delete("image-05"), "a delete between"),
    ],
    ids=lambda case: case.because.replace(" ", "-"),
)
def test_glance_goes_on_serving_meanwhile(site: Site, running: Workers, case: Meanwhile) -> None:
    at(case.point, lambda path: print(case.act(site)))
    site.done("cutover")
    assert moved(site), case.because
    assert sorted(path.name for path in site.new.iterdir()) == sorted(site.images), "no copy without an image"
    assert not running.was_stopped, case.because


def test_a_file_that_was_deleted_by_a_worker_that_knew_the_old_location(site: Site, running: Workers) -> None:
    def delete(path: str) -> None:
        # It had read the row before it was rewritten, and removes the old file.
        (site.old / "image-05").unlink()
        site.database.execute("UPDATE images SET deleted = 1, status = 'deleted' WHERE id = 'image-05'")
        site.database.execute("UPDATE image_locations SET deleted = 1 WHERE image_id = 'image-05'")
        del site.images["image-05"]

    at("switch.located", delete)
    site.done("cutover")
    assert moved(site)
    assert not (site.new / "image-05").exists(), "nobody would ever remove that copy"


def test_auto_stops_what_can_not_be_told(site: Site, running: Workers) -> None:
    running.unfit = "it runs under uwsgi"
    answer = site.done("cutover")
    assert moved(site)
    assert answer["switch"] == "restart"
    assert (
        "has to be stopped and started for its new directory: it runs under uwsgi" in answer["not_reloaded"]
    )
    assert running.was_stopped
    assert running.note == ""


def test_reload_alone_is_refused_where_it_can_not_be(site: Site, running: Workers) -> None:
    rows, text, running.unfit, site.switch = (
        site.rows(),
        site.config.read_text(),
        "it runs under uwsgi",
        "reload",
    )
    answer = site.run("cutover")
    assert (
        "it runs under uwsgi; and `switch: reload` forbids that. Nothing was changed."
        in answer["problems"][0]
    )
    assert (site.rows(), site.config.read_text(), site.systemd.serves) == (rows, text, str(site.old))
    assert not running.was_stopped
    assert not site.guard.exists()


def test_restart_does_not_ask(site: Site, running: Workers) -> None:
    site.switch = "restart"
    assert site.done("cutover")["switch"] == "restart"
    assert moved(site)
    assert running.was_stopped


def test_an_unknown_word_is_refused(site: Site) -> None:
    assert "switch never" in site.run("cutover", spec=site.spec(switch="never"))["problems"][0]


@pytest.mark.parametrize(
    "point", ["cutover.prepared", "locate.committed", "switch.located", "setting.written"]
)
def test_what_fails_before_it_is_told_is_put_back_and_nothing_stops(
    site: Site, running: Workers, point: str
) -> None:
    rows, text, pid = site.rows(), site.config.read_text(), site.systemd.known()["pid"]

    def fail(path: str) -> None:
        raise OSError(28, "No space left on device")

    at(point, fail)
    answer = site.run("cutover")
    assert "Everything was put back, and Glance runs as before" in answer["problems"][-1], point
    assert (site.rows(), site.config.read_text()) == (rows, text)
    assert (site.systemd.serves, site.systemd.known()["pid"]) == (str(site.old), pid)
    assert not running.was_stopped
    assert not site.guard.exists()
    site.done("cutover")
    assert moved(site)


def test_a_configuration_that_glance_could_not_read_is_never_told(site: Site, running: Workers) -> None:
    text = site.config.read_text()

    def deafen(path: str) -> None:
        running.deaf = True

    at("setting.written", deafen)
    answer = site.run("cutover")
    assert "but could not read it. It was not told to read it again and runs on." in answer["problems"][0]
    assert site.config.read_text() == text
    assert "SIGHUP" not in site.systemd.calls
    assert not running.was_stopped


def test_one_that_ends_instead_is_restarted(site: Site, running: Workers) -> None:
    running.breaks = True
    answer = site.done("cutover")
    assert moved(site)
    assert (answer["switch"], answer["not_reloaded"]) == ("restart", "It ended.")
    assert running.note.startswith(f"{site.systemd.known()['pid']} "), "of the process that runs now"


def test_one_that_never_answers_again_goes_back_to_the_old_directory(site: Site, running: Workers) -> None:
    rows, text = site.rows(), site.config.read_text()
    site.systemd.mute = {str(site.new)}
    answer = site.run("cutover")
    assert "Everything was put back, and Glance runs as before" in answer["problems"][-1]
    assert (site.rows(), site.config.read_text(), site.systemd.serves) == (rows, text, str(site.old))
    assert site.served() == site.images


def test_putting_back_meets_a_delete(site: Site, running: Workers, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the look at the rows and their rewriting."""
    looked = locating.outstanding
    left = [1]

    def outstanding(*given: Any) -> Any:
        found = looked(*given)
        if left:
            left.pop()
            site.delete("image-05")
        return found

    def fail(path: str) -> None:
        monkeypatch.setattr(locating, "outstanding", outstanding)
        raise OSError(28, "No space left on device")

    at("setting.written", fail)
    answer = site.run("cutover")
    assert "Everything was put back" in answer["problems"][-1]
    assert not left
    assert site.systemd.serves == str(site.old)
    assert site.served() == site.images
    assert not running.was_stopped


def test_what_fails_afterwards_undoes_nothing(site: Site, running: Workers) -> None:
    running.finishing = lambda: site.upload("long-upload") if "long-upload" not in site.images else None

    def fail(path: str) -> None:
        def full(path: str) -> None:
            raise OSError(28, "No space left on device")

        at("copy.started", full, times=9)

    at("switch.drained", fail)
    answer = site.run("cutover")
    assert answer["code"] == 1
    assert f"Glance takes new images in {site.new}" in answer["problems"][-1]
    assert site.served() == site.images
    assert site.systemd.serves == str(site.new)
    at("nowhere", fail)
    at("copy.started", lambda path: None)
    site.done("cutover")
    assert moved(site)
    assert not running.was_stopped


def test_one_that_was_started_anew_half_way_is_stopped_to_put_back(site: Site, running: Workers) -> None:
    text = site.config.read_text()

    def crash(path: str) -> None:
        site.systemd.boot()
        raise OSError(28, "No space left on device")

    at("setting.written", crash)
    site.run("cutover")
    assert running.was_stopped, "it may have read what was only half done"
    assert (site.config.read_text(), site.systemd.serves) == (text, str(site.old))
    assert site.served() == site.images


def test_without_a_drop_in_the_note_names_no_directory(site: Site, running: Workers) -> None:
    site.done("cutover")
    site.done("cutover", spec=site.spec(guard={"path": str(site.guard), "text": None}, restart=True))
    assert running.note.splitlines()[1:] == [""]
    assert not site.guard.exists()
