"""On the guest: holds the program that moves images the moment it notes a phase, so that a test can act in that phase.

    watcher.py JOURNAL SIGN PHASE …    for each phase in turn: waits for it; stops the program with SIGSTOP; writes the phase
                                       that it then is in to SIGN; lets it go on when that file is no more

The journal's folder is watched with inotify: what it costs the emulated processor to look again and again would be a race.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import signal
import sys
import time

MOVED_TO, CREATE = 0x80, 0x100
BRIEF = {"setting": ("setting", "start")}
"""A phase that lasts milliseconds -> where it is held; on a busy machine the first may be over when it is looked at."""
LOOK_EVERY = 0.02


def states(journal: str) -> list[tuple[str, int]]:
    """(phase, process) of each move of the journal."""
    found = []
    moves = os.path.join(journal, "moves")
    for name in sorted(os.listdir(moves)) if os.path.isdir(moves) else []:
        try:
            with open(os.path.join(moves, name, "state.json"), encoding="utf-8") as text:
                state = json.load(text)
        except (OSError, ValueError):
            continue
        found.append((state.get("phase", ""), state.get("pid", 0)))
    return found


def works(pid: int, journal: str) -> bool:
    """Whether that process is the program at work on the journal, and none that has its number since."""
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as line:
            return any(word.startswith(journal.encode() + b"/moves/") for word in line.read().split(b"\0"))
    except OSError:
        return False


def send(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


class Changes:
    """Returns from `wait` when something was put into a folder of the journal, or a little later."""

    def __init__(self, journal: str) -> None:
        self._journal = journal
        self._libc = ctypes.CDLL(None)
        self._handle = self._libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        self._watched: set[str] = set()

    def wait(self) -> None:
        moves = os.path.join(self._journal, "moves")
        for folder in (
            [os.path.join(moves, name) for name in os.listdir(moves)] if os.path.isdir(moves) else []
        ):
            if folder not in self._watched:
                self._watched.add(folder)
                self._libc.inotify_add_watch(self._handle, folder.encode(), MOVED_TO | CREATE)
                return
        until = time.monotonic() + LOOK_EVERY
        while time.monotonic() < until:
            try:
                os.read(self._handle, 65536)
                return
            except BlockingIOError:
                time.sleep(0.0005)


def hold(journal: str, sign: str, wanted: str, changes: Changes) -> int:
    """Returns the process, held in that phase, when SIGN says so."""
    while True:
        for phase, pid in states(journal):
            # Looked at before and not after: the next phase may be milliseconds away.
            if phase in BRIEF.get(wanted, (wanted,)) and works(pid, journal):
                send(pid, signal.SIGSTOP)
                with open(f"{sign}.new", "w", encoding="utf-8") as out:
                    out.write(next(now for now, same in states(journal) if same == pid))
                os.rename(f"{sign}.new", sign)
                return pid
        changes.wait()


def main(journal: str, sign: str, *wanted: str) -> None:
    changes = Changes(journal)
    for phase in wanted:
        pid = hold(journal, sign, phase, changes)
        while os.path.exists(sign):
            time.sleep(LOOK_EVERY / 2)
        send(pid, signal.SIGCONT)


if __name__ == "__main__":
    main(*sys.argv[1:])
