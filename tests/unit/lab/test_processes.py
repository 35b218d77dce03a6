"""Only what was recorded is ever ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from lab import processes
from lab.processes import Identity

WAITS = [sys.executable, "-c", "import signal; print('ready', flush=True); signal.pause()"]
IGNORES_TERM = [
    sys.executable,
    "-c",
    "import signal as s; s.signal(s.SIGTERM, s.SIG_IGN); print('ready', flush=True)\nwhile True: s.pause()",
]


def spawn(command: list[str]) -> subprocess.Popen[bytes]:
    child = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert child.stdout is not None
    child.stdout.readline()
    return child


@pytest.fixture
def child() -> Iterator[subprocess.Popen[bytes]]:
    started = spawn(WAITS)
    yield started
    started.kill()
    started.wait()


def identity(pid: int) -> Identity:
    found = processes.identify(pid)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("stat", "expected", "because"),
    [
        ("7 (qemu) S 1 7 7 0 -1 4 0 0 0 0 1 2 0 0 20 0 1 0 4711 1000 5", 4711, "field 22"),
        (
            "7 (a b) c) S) R 1 7 7 0 -1 4 0 0 0 0 1 2 0 0 20 0 1 0 42 1000 5",
            42,
            "a name with blanks and parentheses",
        ),
        ("7 (qemu) Z 1 7 7 0 -1 4 0 0 0 0 1 2 0 0 20 0 1 0 4711 0 0", None, "a zombie has ended"),
        (
            "7 (nfsd) Z 1 7 7 0 -1 4 0 0 0 0 1 2 0 0 20 0 3 0 4711 0 0",
            4711,
            "its threads still hold the port",
        ),
    ],
)
def test_start_time(stat: str, expected: int | None, because: str) -> None:
    assert processes.start_time(stat) == expected, because


def test_a_pid_that_was_given_again_is_not_the_recorded_process(
    child: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    earlier = replace(identity(child.pid), started=1)
    processes.record(tmp_path / "process.json", earlier)
    assert processes.recorded(tmp_path / "process.json") is None
    processes.end(earlier, grace=0)
    assert child.poll() is None, "the process that has the pid now was not touched"


def test_a_recorded_process_is_found_until_it_ends(child: subprocess.Popen[bytes], tmp_path: Path) -> None:
    process = identity(child.pid)
    processes.record(tmp_path / "process.json", process)
    assert processes.recorded(tmp_path / "process.json") == process
    processes.end(process, grace=10)
    assert processes.recorded(tmp_path / "process.json") is None


def test_nothing_recorded_is_nothing_running(tmp_path: Path) -> None:
    assert processes.recorded(tmp_path / "process.json") is None


def test_who_ignores_the_request_is_killed() -> None:
    child = spawn(IGNORES_TERM)
    processes.end(identity(child.pid), grace=0.05)
    assert not processes.alive(Identity(child.pid, 0))
    assert processes.identify(child.pid) is None
    assert child.wait() in (-signal.SIGKILL, 0), "0: it was waited for already"


def test_processes_are_found_by_their_exact_arguments(child: subprocess.Popen[bytes]) -> None:
    assert [each.pid for each in processes.with_command_line(WAITS)].count(child.pid) == 1
    assert child.pid not in [each.pid for each in processes.with_command_line(WAITS[:2])]
    assert os.getpid() not in [each.pid for each in processes.with_command_line(WAITS)]
