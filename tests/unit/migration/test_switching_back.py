"""What goes wrong after Glance was told of its new directory: putting back then has to stop it, and forgets no image."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from strata.migration import workers
from tests.unit.migration.site_of_glance import Site, at
from tests.unit.migration.workers_of_glance import Workers


@pytest.fixture
def count() -> int:
    return 8


def full(path: str) -> None:
    raise OSError(28, "No space left on device")


def told_to_end(path: str) -> None:
    os.kill(os.getpid(), signal.SIGTERM)


@pytest.mark.parametrize("fail", [full, told_to_end])
def test_one_that_was_told_is_stopped_to_put_back(site: Site, running: Workers, fail: object) -> None:
    """It takes images at the new place already, whatever its configuration says again."""
    rows, text = site.rows(), site.config.read_text()
    at("switch.told", fail)  # type: ignore[arg-type]
    answer = site.run("cutover")
    assert "Everything was put back, and Glance runs as before" in answer["problems"][-1]
    assert (site.rows(), site.config.read_text()) == (rows, text)
    assert site.systemd.serves == str(site.old), "or it goes on taking images where nobody looks for them"
    assert running.was_stopped
    site.done("cutover")
    assert site.served() == site.images


def test_images_that_it_took_meanwhile_keep_their_drop_in(site: Site, running: Workers) -> None:
    """Its API was sought in the wrong place: it serves, and is taken for dead."""
    site.systemd.mute = {str(site.new)}
    at("switch.told", lambda path: print(site.upload("late", folder=site.new)))
    answer = site.run("cutover")
    told = answer["problems"][-1]
    assert "Not everything could be put back" in told
    assert "late" in told
    assert site.guard.exists(), "that image lies on the volume, and Glance must not start without it"
    assert site.systemd.serves == str(site.old)
    assert site.served() == site.images
    site.systemd.mute = set()
    site.done("cutover")
    assert site.served() == site.images
    assert {value.rpartition("/")[0] for value in site.values().values()} == {f"file://{site.new}"}


def test_and_so_after_a_stop(site: Site, running: Workers) -> None:
    site.switch = "restart"
    site.systemd.mute = {str(site.new)}
    at("cutover.started", lambda path: print(site.upload("late", folder=site.new)))
    answer = site.run("cutover")
    assert "late" in answer["problems"][-1]
    assert site.guard.exists()
    assert site.served() == site.images


def test_a_worker_that_came_since_is_waited_for_too(site: Site, running: Workers) -> None:
    """It was begun with the old settings while the last images were copied."""

    def another(path: str) -> None:
        running.children = 2

    at("switch.located", another)
    site.done("cutover")
    assert len(running.drained) == 2


def test_one_that_can_not_be_told_any_more_is_restarted(site: Site, running: Workers) -> None:
    def unfit(path: str) -> None:
        running.unfit = "other programs belong to its process group"

    at("setting.written", unfit)
    answer = site.done("cutover")
    assert "could not be told any more: other programs" in answer["not_reloaded"]
    assert "SIGHUP" not in site.systemd.calls
    assert site.systemd.serves == str(site.new)
    assert site.served() == site.images


def test_reload_alone_never_stops_it_for_that(site: Site, running: Workers) -> None:
    rows, text, site.switch = site.rows(), site.config.read_text(), "reload"

    def unfit(path: str) -> None:
        running.unfit = "other programs belong to its process group"

    at("setting.written", unfit)
    answer = site.run("cutover")
    assert "and `switch: reload` forbids to stop it" in answer["problems"][0]
    assert "Everything was put back, and Glance runs as before" in answer["problems"][-1]
    assert (site.rows(), site.config.read_text(), site.systemd.serves) == (rows, text, str(site.old))
    assert not running.was_stopped


def test_what_old_workers_take_after_the_program_died_is_moved(site: Site, running: Workers) -> None:
    """Nothing seems left to do, and an upload is still under way into a directory that may go."""
    assert site.killed("cutover", "cutover.answered")
    assert site.run("check")["draining"] == 0, "all of them have ended"
    running.busy = True
    running.finishing = lambda: site.images.get("long-upload") or site.upload("long-upload")
    assert site.run("check")["draining"] == 1
    site.done("cutover")
    assert site.run("check")["draining"] == 0
    assert site.served() == site.images
    assert set(site.values().values()) == {f"file://{site.new}/{image}" for image in site.images}
    assert not running.was_stopped


@pytest.mark.parametrize("changes", ["status = 'importing'", "size = NULL"])
def test_what_glance_never_completed_is_moved_with_the_rest(
    site: Site, running: Workers, changes: str
) -> None:
    """Nobody completes it when the old workers are gone, and the directory that it lies in may go."""
    site.database.execute(f"UPDATE images SET {changes} WHERE id = 'image-03'")
    site.done("cutover")
    assert site.served() == site.images
    assert set(site.values().values()) == {f"file://{site.new}/{image}" for image in site.images}
    assert site.run("check")["images"] == 0, "or each run would tell Glance again"


def save_again(site: Site, times: int) -> None:
    """Somebody had read image-03 before its location was rewritten, and saves it afterwards: Glance writes it whole."""
    value = f"file://{site.old}/image-03"
    at(
        "locate.committed",
        lambda path: site.database.execute(
            "UPDATE image_locations SET value = ? WHERE image_id = 'image-03'", (value,)
        ).close(),
        times,
    )


@pytest.mark.parametrize("times", [1, 2, 3])
def test_a_location_that_was_saved_again_is_rewritten_again(site: Site, running: Workers, times: int) -> None:
    save_again(site, times)
    site.done("cutover")
    assert set(site.values().values()) == {f"file://{site.new}/{image}" for image in site.images}
    assert site.served() == site.images


def test_what_stays_below_the_old_directory_is_told(site: Site, running: Workers) -> None:
    """Who goes on thinks that nothing lies there any more: the volume may be deleted next."""
    save_again(site, 99)
    answer = site.run("cutover")
    assert answer["code"] == 1
    assert "image-03" in answer["problems"][0]
    assert f"Glance takes new images in {site.new}" in answer["problems"][-1]
    assert site.served() == site.images


def test_a_full_disk_afterwards_is_told_as_what_it_is(site: Site, running: Workers) -> None:
    """Not as one that came before Glance was told."""
    running.finishing = lambda: site.upload("long-upload")
    at("switch.drained", lambda path: at("copy.recorded", full))
    answer = site.run("cutover")
    assert f"Glance takes new images in {site.new}" in answer["problems"][-1]
    assert site.run("progress")["phase"] == "start"
    assert site.served() == site.images


def test_one_that_somebody_else_has_told_is_stopped_to_put_back(site: Site, running: Workers) -> None:
    """The program died before it did, and whoever rotates logs tells Glance to read its files again: it has the new setting."""
    assert site.killed("cutover", "setting.written")
    site.systemd.tell()
    site.done("rollback")
    assert running.was_stopped
    assert site.systemd.serves == str(site.old)
    assert site.served() == site.images


@pytest.fixture
def boot(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """What names the boot of the host; whatever is written to it is the next one."""
    monkeypatch.setattr(workers, "PROC", [str(tmp_path / "proc")])
    boot = tmp_path / "proc/sys/kernel/random/boot_id"
    boot.parent.mkdir(parents=True)
    boot.write_text("1\n")
    return boot


def test_a_process_of_before_a_reboot_is_none_of_today(site: Site, running: Workers, boot: Path) -> None:
    """After it the numbers begin anew: another program may have one of them, and nobody waits for it or ends it."""
    assert site.killed("cutover", "cutover.answered")
    running.busy = True
    assert site.run("check")["draining"] == 1
    boot.write_text("2\n")
    assert site.run("check")["draining"] == 0
    site.done("cutover")
    assert not running.drained


def test_a_glance_of_after_a_reboot_is_stopped_to_put_back(site: Site, running: Workers, boot: Path) -> None:
    assert site.killed("cutover", "setting.written")
    pid = site.systemd.known()["pid"]
    site.systemd.boot()
    site.systemd._know(pid=pid)
    boot.write_text("2\n")
    site.done("rollback")
    assert running.was_stopped, "it has read the new setting"
    assert site.systemd.serves == str(site.old)


def test_who_saves_late_what_an_old_worker_took_is_waited_for(
    site: Site, running: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`image create` ends in an old worker, and `image set` reads it in a new one just before it moves, and saves it after."""
    value, left = f"file://{site.old}/long-upload", [1]
    running.finishing = lambda: site.upload("long-upload")

    def save(seconds: float) -> None:
        if left:
            left.pop()
            site.database.execute(
                "UPDATE image_locations SET value = ? WHERE image_id = 'long-upload'", (value,)
            ).close()

    monkeypatch.setattr("strata.migration.switching.time.sleep", save)
    site.done("cutover")
    assert set(site.values().values()) == {f"file://{site.new}/{image}" for image in site.images}
    assert (left, site.served()) == ([], site.images)


def test_a_value_that_only_its_library_understands_is_for_a_restart(site: Site, running: Workers) -> None:
    """Going back to it; what Glance makes of it can't be compared with what is written."""
    memory = {"lines": "filesystem_store_datadir = $state_path/images\n"}
    setting = {**site.spec()["setting"], "value": None, "memory": memory}
    answer = site.done("cutover", spec=site.spec(setting=setting))
    assert (answer["switch"], running.was_stopped) == ("restart", True)
    assert "refers to another option" in answer["not_reloaded"]


def test_one_that_stands_still_after_all_is_said_to(site: Site, running: Workers) -> None:
    assert site.killed("cutover", "cutover.answered")
    running.busy = True
    running.finishing = lambda: site.upload("long-upload")
    running.unfit = "it runs under uwsgi"
    said: list[bool] = []
    at("cutover.stopped", lambda path: said.append(site.run("progress")["serving"]))
    site.done("cutover")
    assert said == [False]
