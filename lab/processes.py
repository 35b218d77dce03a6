"""The processes a lab started: recorded with pid and start time, so that nothing else is ever ended.

A pid alone is used again by the kernel; pid and start time (field 22 of /proc/PID/stat) together are not.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

PROC = Path("/proc")


@dataclass(frozen=True)
class Identity:
    """One process, as long as it lives."""

    pid: int
    started: int


def start_time(stat: str) -> int | None:
    """The start time in /proc/PID/stat's text; None when the process has ended and only waits for its parent.

    A killed server with threads is a zombie already while they still end and hold its port: that is not yet the end.
    """
    # The command's name, in parentheses, may hold spaces and parentheses of its own.
    state, *fields = stat.rpartition(")")[2].split()
    threads, started = int(fields[16]), int(fields[18])
    return None if state == "X" or (state == "Z" and threads <= 1) else started


def identify(pid: int) -> Identity | None:
    """The process with this pid now; None when there is none."""
    try:
        started = start_time((PROC / str(pid) / "stat").read_text())
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if started is None else Identity(pid, started)


def alive(process: Identity | None) -> bool:
    """Whether that very process still runs."""
    return process is not None and identify(process.pid) == process


def record(path: Path, process: Identity) -> None:
    """Remember a process in a file."""
    path.write_text(json.dumps(asdict(process)) + "\n", encoding="utf-8")


def recorded(path: Path) -> Identity | None:
    """The process of a file, when the file is there and the process still runs."""
    try:
        process = Identity(**json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    return process if alive(process) else None


def start(command: Sequence[str], log: Path, cwd: Path, env: Mapping[str, str] | None = None) -> Identity:
    """Start a process in a session of its own, its words appended to the log; it outlives this one."""
    with log.open("ab") as out:
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            cwd=cwd,
            env=env,
            start_new_session=True,
        )
    process = identify(child.pid)
    # The child cannot be gone unseen: nobody has waited for it, so at worst it is a zombie.
    return process if process is not None else Identity(child.pid, -1)


def end(process: Identity, *, grace: float, with_sudo: bool = False) -> None:
    """Ask the process to end and wait; after `grace` seconds (0: at once) it is killed. Returns when it is gone."""
    if grace > 0:
        _signal(process, signal.SIGTERM, with_sudo)
        if wait_until(lambda: not alive(process), grace):
            return
    _signal(process, signal.SIGKILL, with_sudo)
    wait_until(lambda: not alive(process), 10)


def hang_up(process: Identity, *, with_sudo: bool = False) -> None:
    """SIGHUP: read your configuration again."""
    _signal(process, signal.SIGHUP, with_sudo)


def with_command_line(arguments: Sequence[str]) -> list[Identity]:
    """Every process started with exactly these arguments."""
    wanted = "\0".join(arguments).encode() + b"\0"
    found = []
    for entry in PROC.iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                if (entry / "cmdline").read_bytes() == wanted:
                    found.append(identify(int(entry.name)))
    return [each for each in found if each is not None]


def wait_until(condition: Callable[[], bool], seconds: float, every: float = 0.02) -> bool:
    """Whether the condition came true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(every)
    return True


def _signal(process: Identity, number: signal.Signals, with_sudo: bool) -> None:
    if not alive(process):
        return
    if with_sudo and os.geteuid() != 0:
        subprocess.run(["sudo", "-n", "kill", f"-{number.value}", str(process.pid)], check=False)
    else:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, number)
    # A child of this process stays a zombie until it is waited for.
    with contextlib.suppress(ChildProcessError):
        os.waitpid(process.pid, os.WNOHANG)
