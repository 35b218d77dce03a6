"""The seam to systemd and to the API: what is asked, and what each answer comes to."""

from __future__ import annotations

import os
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from strata.migration import loading, service
from strata.migration.failure import Stopped


@contextmanager
def server(*replies: bytes) -> Iterator[int]:
    """Answers each connection with one of the replies, and is gone afterwards."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            for reply in replies:
                connection, _ = listening.accept()
                with connection:
                    connection.recv(1000)
                    connection.sendall(reply)

        thread = threading.Thread(target=serve)
        thread.start()
        yield listening.getsockname()[1]
        thread.join()


@pytest.mark.parametrize(
    ("reply", "expected", "because"),
    [
        (b"HTTP/1.1 300 Multiple Choices\r\n\r\n", True, "as Glance answers"),
        (b"HTTP/1.1 401 Unauthorized\r\n\r\n", True, "it runs, and wants a token"),
        (b"HTTP/1.0 503 Service Unavailable\r\n\r\n", False, "its server runs, and Glance does not"),
        (b"\x15\x03\x01\x00\x02\x02\x46", True, "the alert of a server that wants TLS"),
        (b"", False, "the connection was closed"),
    ],
)
def test_what_counts_as_an_answer(reply: bytes, expected: bool, because: str) -> None:
    with server(reply) as port:
        assert service.answers("127.0.0.1", port) is expected, because


def test_nobody_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    assert service.answers("127.0.0.1", port) is False


class Asked:
    """A systemctl that answers by the first word; `words` are all calls."""

    def __init__(self, **answers: tuple[int, str]) -> None:
        self.answers, self.words = answers, [""][:0]

    def __call__(self, *words: str, seconds: float = 0) -> tuple[int, str]:
        self.words.append(words[0])
        return self.answers.get(words[0].replace("-", "_"), (0, ""))


def test_it_is_waited_until_the_api_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Asked()
    monkeypatch.setattr(service, "systemctl", asked)
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    with server(b"", b"HTTP/1.0 503 \r\n", b"HTTP/1.0 300 \r\n") as port:
        service.wait("glance-api", "127.0.0.1", port, 60)
    assert asked.words == [], "each question is a process, and Glance needs the processors"


@pytest.mark.parametrize(
    ("state", "says"),
    [("failed", "ended right after its start (failed)"), ("activating", "did not answer within 5 s")],
)
def test_a_service_that_does_not_come(monkeypatch: pytest.MonkeyPatch, state: str, says: str) -> None:
    now = [0.0]
    monkeypatch.setattr(service, "systemctl", Asked(is_active=(3, state)))
    monkeypatch.setattr(service, "answers", lambda address, port: False)
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    monkeypatch.setattr(time, "sleep", lambda seconds: now.__setitem__(0, now[0] + 1))
    with pytest.raises(Stopped) as stopped:
        service.wait("glance-api", "127.0.0.1", 1, 5)
    assert says in str(stopped.value)


def test_a_service_that_was_started_too_often_is_forgiven(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Asked(start=(1, "Start request repeated too quickly."))
    monkeypatch.setattr(service, "systemctl", asked)
    with pytest.raises(Stopped, match="could not be started"):
        service.start("glance-api")
    assert asked.words == ["start", "reset-failed", "start"]


@pytest.mark.parametrize(
    ("act", "word", "says"),
    [
        (
            lambda: service.stop("glance-api"),
            "stop",
            "could not be stopped: systemctl answered 4: Access denied",
        ),
        (service.reload, "daemon_reload", "systemd did not read its files again"),
    ],
)
def test_what_systemd_refuses_is_told(
    monkeypatch: pytest.MonkeyPatch, act: object, word: str, says: str
) -> None:
    monkeypatch.setattr(service, "systemctl", Asked(**{word: (4, "Access\ndenied")}))
    assert callable(act)
    with pytest.raises(Stopped) as stopped:
        act()
    assert says in str(stopped.value)


def test_systemctl_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = tmp_path / "systemctl"
    script.write_text('#!/bin/sh\necho "$LC_ALL $*"\n[ "$1" != sleep ] || exec sleep 60\nexit 3\n')
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert service.systemctl("is-active", "--", "glance-api") == (3, "C is-active -- glance-api")
    assert service.systemctl("sleep", seconds=0.05)[0] == 124
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    assert service.systemctl("stop")[0] == 127


def test_how_long_glance_takes_to_load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert loading.load() is None, "there is no Glance here"
    (tmp_path / "glance" / "cmd").mkdir(parents=True)
    (tmp_path / "glance" / "cmd" / "api.py").write_text("")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    took = loading.load()
    assert took is not None
    assert took > 0
    assert loading.load(seconds=0) is None, "one that never ends"


def test_what_is_read_beforehand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a.pyc", "b.so", "entry_points.txt", "c.py", "d.txt"):
        (tmp_path / "deeper").mkdir(exist_ok=True)
        (tmp_path / "deeper" / name).write_text("x")
    (tmp_path / "dead.so").symlink_to("nowhere")
    assert loading.warm([str(tmp_path), "/nowhere", str(tmp_path)]) == 4
    asked: list[str] = []
    monkeypatch.setattr(loading, "_ask", asked.append)
    assert loading.warm() == len(asked)
    assert any(path.startswith(sys.prefix) for path in asked)
