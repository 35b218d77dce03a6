"""What fails while Glance stands still: everything is put back, Glance runs from the old directory, and sentences say so."""

from __future__ import annotations

import errno
import os
import signal
import sqlite3
from collections.abc import Callable
from typing import NamedTuple

import pytest

from strata.migration import cutover, mounts, points, service
from strata.migration.failure import Stopped
from tests.unit.migration.site_of_glance import Site, at, flip

NOT_TWICE = 99


class Case(NamedTuple):
    spoil: Callable[[Site], object]
    says: str
    because: str


def refusing(number: int) -> Callable[[Site], object]:
    def spoil(site: Site) -> None:
        def answer(path: str) -> None:
            raise OSError(number, os.strerror(number), path)

        at("copy.half", answer, NOT_TWICE)

    return spoil


def stopped(act: Callable[[Site], object]) -> Callable[[Site], object]:
    def spoil(site: Site) -> None:
        at("cutover.stopped", lambda path: print(act(site)))

    return spoil


def theirs(site: Site) -> None:
    site.config.write_text(site.config.read_text() + "# theirs\n")


def trigger(site: Site) -> None:
    site.database.execute(
        "CREATE TRIGGER theirs AFTER UPDATE ON image_locations WHEN OLD.image_id = 'image-03' BEGIN"
        " UPDATE image_locations SET value = 'file:///theirs' WHERE image_id = 'image-07'; END"
    )


def encrypted(site: Site) -> None:
    site.config.write_text(site.config.read_text().replace("debug = False", "metadata_encryption_key = k"))


FAILS = [
    Case(stopped(lambda s: (s.old / "image-06").unlink()), "image-06: Glance names", "a file is missing"),
    Case(refusing(errno.ENOSPC), "The volume is full", "the volume is full"),
    Case(refusing(errno.EROFS), "read-only", "the export is read-only"),
    Case(lambda s: at("copy.written", flip, NOT_TWICE), "twice, and expected was", "the copy is corrupted"),
    Case(
        stopped(lambda s: (s.old / "late").write_bytes(b"?" * (s.old / "late").stat().st_size)),
        "the image was damaged before",
        "the source is damaged",
    ),
    Case(
        lambda s: at("copy.recorded", lambda path: flip(str(s.new / "late"))),
        "1 of 21 images are not proven at",
        "a copy is changed after it was read back",
    ),
    Case(trigger, "image-07 was changed by somebody else", "the locations can't be rewritten"),
    Case(stopped(theirs), "was changed by somebody else while this ran", "somebody edits the configuration"),
    Case(lambda s: s.systemd.fails.add(str(s.new)), "could not be started", "the new service does not start"),
    Case(lambda s: s.systemd.mute.add(str(s.new)), "did not answer within 0 s", "the new service is mute"),
]


@pytest.mark.parametrize("case", FAILS, ids=lambda case: case.because.replace(" ", "-"))
def test_everything_is_put_back(site: Site, case: Case) -> None:
    site.done("copy")
    rows, text = site.rows(), site.config.read_text()
    at("cutover.prepared", lambda path: print(site.upload("late")))
    case.spoil(site)
    answer = site.run("cutover")
    assert answer["code"] == 1, case.because
    assert case.says in answer["problems"][0], case.because
    assert "Everything was put back, and Glance runs as before" in answer["problems"][-1], case.because
    assert site.rows()[: len(rows)] == rows, case.because
    assert site.config.read_text().replace("# theirs\n", "") == text, case.because
    assert not site.guard.exists(), case.because
    assert site.systemd.known()["guard"] is None, case.because
    assert site.systemd.serves == str(site.old), case.because
    assert site.run("progress")["phase"] == "rolled back"
    assert site.run("progress")["problems"] == answer["problems"], "who runs detached is asked here"
    assert [name for name in os.listdir(site.root) if name.endswith(".strata-migration")] == [], case.because


def test_a_volume_that_goes_in_the_window(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    line = [f"88 21 0:50 / {site.new} rw - nfs4 10.0.2.2:/images rw\n"]
    monkeypatch.setattr(mounts, "kernel_mounts", lambda: line[0])
    at("cutover.stopped", lambda path: line.__setitem__(0, line[0].replace(str(site.new), "/")))
    rows = site.rows()
    answer = site.run("cutover", "--source", "10.0.2.2:/images", "--mounted-at", str(site.new))
    assert f"Nothing is mounted at {site.new}" in answer["problems"][0]
    assert site.rows() == rows
    assert site.systemd.serves == str(site.old)


def test_what_is_put_right_goes_through(site: Site) -> None:
    site.systemd.mute.add(str(site.new))
    site.run("cutover")
    site.systemd.mute.clear()
    assert site.done("cutover")["rewritten"] == 20
    assert site.served() == site.images
    assert site.systemd.serves == str(site.new)


BEFORE = [
    Case(lambda s: (s.old / "image-06").unlink(), "image-06: Glance names", "a file is missing"),
    Case(lambda s: flip(str(s.old / "image-06")), "the image was damaged before", "an image is damaged"),
    Case(refusing(errno.ENOSPC), "The volume is full", "the volume is full"),
    Case(encrypted, "metadata_encryption_key", "locations are encrypted"),
    Case(
        lambda s: s.guard.parent.write_text("no folder"),
        "can't be read: Not a directory",
        "the drop-in can't be written",
    ),
]


@pytest.mark.parametrize("case", BEFORE, ids=lambda case: case.because.replace(" ", "-"))
def test_what_can_be_known_before_stops_nothing(site: Site, case: Case) -> None:
    case.spoil(site)
    rows, text = site.rows(), site.config.read_text()
    answer = site.run("cutover")
    assert case.says in " ".join(answer["problems"]), case.because
    assert "stop -- glance-api" not in site.systemd.calls, case.because
    assert (site.rows(), site.config.read_text()) == (rows, text), case.because
    assert site.systemd.serves == str(site.old), case.because


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"owner": "nobody-of-that-name"}, "does not know the user nobody-of-that-name"),
        ({"mode": "rwx"}, "can't be understood"),
        ({"setting": {"file": "/nowhere", "section": "a", "option": "b", "value": "c"}}, "does not exist"),
        ({"setting": {"file": "/nowhere", "section": "a", "option": "b"}}, "either value or memory"),
        ({"api": None}, "can't be understood"),
    ],
)
def test_a_specification_that_makes_no_sense(site: Site, changes: dict[str, object], says: str) -> None:
    answer = site.run("cutover", spec=site.spec(**changes))
    assert says in answer["problems"][0]
    assert site.systemd.calls == []


def test_when_the_database_dies_in_the_window_it_is_said_what_could_not_be_put_back(site: Site) -> None:
    site.done("copy")

    def die(path: str) -> None:
        site.database.execute(
            "CREATE TRIGGER dead BEFORE UPDATE ON image_locations BEGIN SELECT RAISE(ABORT, 'dead'); END"
        )
        raise OSError(errno.EIO, "Input/output error", path)

    at("setting.written", die)
    answer = site.run("cutover")
    assert "Not everything could be put back: Glance's database (sqlite)" in answer["problems"][-1]
    assert "Glance runs again" in answer["problems"][-1], "it serves what it has, and takes what comes"
    assert site.systemd.serves == str(site.old)
    assert site.served() == site.images
    assert site.systemd.known()["guard"] == site.guard.read_text(), "images lie on the volume"
    assert (
        f"the drop-in {site.guard} stays: it starts only while the volume is mounted"
        in answer["problems"][-1]
    )
    site.database.execute("DROP TRIGGER dead")
    site.upload("meanwhile")
    site.done("cutover")
    assert site.served() == site.images
    assert site.systemd.serves == str(site.new)


@pytest.mark.parametrize(("point", "stays"), [("copy.half", False), ("locate.committed", True)])
def test_the_drop_in_stays_only_where_locations_may_name_the_volume(
    site: Site, monkeypatch: pytest.MonkeyPatch, point: str, stays: bool
) -> None:
    def gone(*_: object, **more: object) -> None:
        raise Stopped("The database is away.")

    def die(path: str) -> None:
        monkeypatch.setattr("strata.migration.locating.restore", gone)
        raise OSError(errno.EIO, "Input/output error", path)

    site.done("copy")
    at("cutover.prepared", lambda path: print(site.upload("late")))
    at(point, die)
    answer = site.run("cutover")
    assert "The database is away." in answer["problems"][-1]
    assert site.guard.exists() is stays
    assert ("the drop-in" in answer["problems"][-1]) is stays


def test_a_drop_in_with_which_glance_does_not_start_goes(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: object, **more: object) -> None:
        raise Stopped("The database is away.")

    def die(path: str) -> None:
        monkeypatch.setattr("strata.migration.locating.restore", gone)
        raise OSError(errno.EIO, "Input/output error", path)

    real = service.start
    at("setting.written", die)
    monkeypatch.setattr(service, "start", lambda name: refuse() if site.guard.exists() else real(name))
    answer = site.run("cutover")
    assert not site.guard.exists()
    assert "Glance runs again." in answer["problems"][-1]
    assert site.systemd.serves == str(site.old)


def refuse() -> None:
    raise Stopped("The volume is not mounted.")


def test_when_the_old_service_does_not_start_either(site: Site) -> None:
    site.systemd.fails |= {str(site.new), str(site.old)}
    answer = site.run("cutover")
    assert "GLANCE DOES NOT RUN" in answer["problems"][-1]
    site.systemd.fails.clear()
    assert site.done("rollback")["running"] is True
    assert site.systemd.serves == str(site.old)


def test_told_to_end_it_puts_everything_back_first(site: Site) -> None:
    before, text = site.rows(), site.config.read_text()
    at("setting.written", lambda path: os.kill(os.getpid(), signal.SIGTERM))
    at("rollback.setting", lambda path: os.kill(os.getpid(), signal.SIGTERM))
    answer = site.run("cutover")
    assert "was told to end" in answer["problems"][0]
    assert (site.rows(), site.config.read_text()) == (before, text)
    assert site.systemd.serves == str(site.old)
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


def test_a_database_that_takes_no_writing_is_found_before_the_stop(site: Site) -> None:
    site.done("copy")
    site.config.write_text(site.config.read_text().replace("glance.db", "glance.db?timeout=0"))
    other = sqlite3.connect(site.root / "glance.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    answer = site.run("cutover")
    other.close()
    assert "did not answer as expected: OperationalError" in answer["problems"][0]
    assert "stop -- glance-api" not in site.systemd.calls


def test_it_waits_for_the_word_to_go(site: Site) -> None:
    site.journal.mkdir()
    (site.journal / "go").write_text("of an earlier run")
    phases: list[str] = []

    def go(path: str) -> None:
        assert not os.path.exists(path), "that of an earlier run does not count"
        phases.append(site.run("progress")["phase"])
        assert "stop -- glance-api" not in site.systemd.calls
        open(path, "w").close()

    at("cutover.ready", go)
    site.done("cutover", spec=site.spec(wait=True))
    assert phases == ["ready"]
    assert site.systemd.serves == str(site.new)


def test_it_does_not_wait_for_ever(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cutover, "PATIENCE", -1.0)
    answer = site.run("cutover", spec=site.spec(wait=True))
    assert "Nobody gave the word to go" in answer["problems"][0]
    assert "stop -- glance-api" not in site.systemd.calls
    assert not site.guard.exists()


def test_an_earlier_cutover_that_came_to_its_end_is_not_put_back_with_a_later_one(site: Site) -> None:
    site.done("cutover")
    site.done("prune", ids=["image-01"])
    site.upload("below-the-old-one-again")
    before, text = site.values(), site.config.read_text()
    at("setting.written", lambda path: points.HOOKS["nowhere"](path))
    answer = site.run("cutover")
    assert "a defect of the program (KeyError)" in answer["problems"][0]
    assert (site.values(), site.config.read_text()) == (before, text)
    assert site.systemd.serves == str(site.new)
    assert site.served() == site.images
