"""A server that goes away while Glance stands still blocks whoever asks it: the work is given up, and Glance runs as before."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from strata.migration import points, watching
from tests.unit.migration.site_of_glance import Site


class Server:
    """Hangs whoever reaches the point, until it `comes_back`; nobody is given up before, however busy the machine is."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, longest: float = 0.05) -> None:
        self.longest, self._monkeypatch = longest, monkeypatch
        self.back, self.left = threading.Event(), list[int]()

    def hang(self, path: str) -> None:
        self._monkeypatch.setattr(watching, "LONGEST", self.longest)
        self.back.wait()

    def comes_back(self) -> None:
        """And whoever hung comes to an end."""
        self.back.set()
        for watch in watching._WATCHES:
            if watch.thread is not None:
                watch.thread.join(10)
        assert not watching.stuck()
        watching._WATCHES.clear()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    made = Server(monkeypatch)
    monkeypatch.setattr(watching, "LOOK", 0.01)
    monkeypatch.setattr(watching, "PARTING", 0.01)
    monkeypatch.setattr(os, "_exit", made.left.append)
    yield made
    made.comes_back()


def late(site: Site) -> None:
    """Something is left to be copied in the window."""
    points.HOOKS["cutover.prepared"] = lambda path: print(site.upload("late"))


POINTS = [
    ("copy.started", "the new file is made"),
    ("copy.half", "half of it is written"),
    ("copy.written", "it is read back"),
    ("copy.renamed", "it is in place"),
]


@pytest.mark.parametrize(("point", "because"), POINTS, ids=lambda given: given.replace(" ", "-"))
def test_glance_runs_as_before(site: Site, server: Server, point: str, because: str) -> None:
    site.done("copy")
    rows, text = site.rows(), site.config.read_text()
    late(site)
    points.HOOKS[point] = server.hang
    answer = site.run("cutover")
    assert "nothing moved on for 0.05 s while Glance stood still" in answer["problems"][0], because
    assert "Everything was put back, and Glance runs as before" in answer["problems"][-1], because
    assert site.systemd.serves == str(site.old), because
    assert site.rows()[: len(rows)] == rows, because
    assert site.config.read_text() == text, because
    assert not site.guard.exists(), because
    assert server.left == [1], "the interpreter would wait for the thread that hangs"
    state = site.run("progress")
    assert state["problems"] == answer["problems"]
    points.HOOKS.clear()
    server.comes_back()
    assert site.run("progress") == state, "who was given up does nothing more"
    site.done("cutover")
    assert site.served() == site.images


def test_the_first_look_at_the_volume_hangs(
    site: Site, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.scandir

    def hanging(path: str) -> Any:
        server.hang(path)
        return real(path)

    points.HOOKS["cutover.stopped"] = lambda path: monkeypatch.setattr(os, "scandir", hanging)
    answer = site.run("cutover")
    assert "does not answer" in answer["problems"][0]
    assert site.systemd.serves == str(site.old)


def test_told_to_end_it_does_not_wait_for_the_server(site: Site, server: Server) -> None:
    server.longest = 3600.0
    late(site)

    def hang(path: str) -> None:
        if path.endswith("late.part"):
            os.kill(os.getpid(), signal.SIGTERM)
            server.hang(path)

    points.HOOKS["copy.half"] = hang
    answer = site.run("cutover")
    assert "was told to end" in answer["problems"][0]
    assert site.systemd.serves == str(site.old)
    assert server.left == [1]


def test_whoever_moves_on_is_waited_for() -> None:
    now = [0.0]

    def work() -> str:
        for _ in range(50):
            now[0] += watching.LONGEST - 1
            watching.beat()
        return "done"

    assert watching.watched(work, str, lambda: now[0]) == "done"
    watching._WATCHES.clear()


def test_what_fails_there_fails_here() -> None:
    def work() -> str:
        raise OSError(5, "Input/output error")

    with pytest.raises(OSError, match="Input/output"):
        watching.watched(work, str)
    assert not watching.stuck()
    watching._WATCHES.clear()
