"""Runs other programs: output goes line by line to whoever shows progress, its end is kept for errors."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

LINES_KEPT = 8
LINE_WIDTH = 240
"""pip and apt say the same thing many times and at length; their last words are the ones that count."""

LineHandler = Callable[[str], None]
SecondHandler = Callable[[], None]


class CommandFailed(Exception):
    """A program ended with a code other than 0, or not in time; `answer` is the end of what it said."""

    def __init__(self, argv: Sequence[str], ended: str, answer: str) -> None:
        super().__init__(f"`{' '.join(argv[:3])} …` {ended}")
        self.ended = ended
        self.answer = answer


def run(
    argv: Sequence[str],
    *,
    on_line: LineHandler | None = None,
    on_second: SecondHandler | None = None,
    cwd: Path | None = None,
    environment: Mapping[str, str] | None = None,
    limit: float | None = None,
) -> str:
    """Runs `argv` to its end and returns its output, errors included.

    `on_line` gets each line as it comes, `on_second` is called about once a second meanwhile, also when the
    program is silent. After `limit` seconds the program and its children are ended. Raises CommandFailed.
    """
    try:
        process = subprocess.Popen(
            argv,
            cwd=cwd,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL if not os.isatty(0) else None,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            # sudo asks for a password on its session's terminal, so only what has a limit gets a new session.
            start_new_session=limit is not None,
        )
    except OSError as error:
        raise CommandFailed(argv, f"could not be started ({error.strerror})", "") from error
    try:
        lines = _read(process, on_line, on_second, limit)
    except BaseException:
        _end(process, whole_session=limit is not None)
        raise
    if lines is None:
        _end(process, whole_session=True)
        raise CommandFailed(argv, f"had no end after {limit:.0f} s", "")
    if process.wait() != 0:
        answer = "\n".join(deque((line[:LINE_WIDTH] for line in lines if line.strip()), maxlen=LINES_KEPT))
        raise CommandFailed(argv, f"ended with code {process.returncode}", answer)
    return "\n".join(lines)


def _read(
    process: subprocess.Popen[bytes],
    on_line: LineHandler | None,
    on_second: SecondHandler | None,
    limit: float | None,
) -> list[str] | None:
    """All lines of the program until it closes its output; None when the limit passed first."""
    assert process.stdout is not None
    started = time.monotonic()
    lines: list[str] = []
    rest = b""
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while True:
            ready = selector.select(timeout=1.0)
            if on_second is not None:
                on_second()
            if limit is not None and time.monotonic() - started > limit:
                return None
            if not ready:
                continue
            chunk = os.read(process.stdout.fileno(), 65536)
            *whole, rest = (rest + chunk).split(b"\n")
            if not chunk and rest:
                whole, rest = [rest], b""
            for raw in whole:
                line = raw.decode(errors="replace").rstrip("\r")
                lines.append(line)
                if on_line is not None:
                    on_line(line)
            if not chunk:
                return lines


def _end(process: subprocess.Popen[bytes], *, whole_session: bool) -> None:
    try:
        if whole_session:
            os.killpg(process.pid, signal.SIGTERM)
        else:
            process.terminate()
    except (ProcessLookupError, PermissionError):
        pass
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
