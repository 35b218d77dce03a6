"""On the guest: holds the program that moves images the moment it notes a phase, so that a test can act in that phase.

    watcher.py JOURNAL SIGN PHASE …    for each phase in turn: waits for it; stops the program with SIGSTOP; writes the phase
                                       that it then is in to SIGN; goes on to the next one when that file is no more
    watcher.py JOURNAL SIGN            removes SIGN and lets the program go on

The journal's folder is watched with inotify: what it costs the emulated processor to look again and again would be a race.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
import time

MOVED_TO, CREATE = 0x80, 0x100
LOOK_EVERY = 0.02


def phases(journal: str) -> list[str]:
    """What each move of the journal is doing."""
    found = []
    moves = os.path.join(journal, "moves")
    for name in sorted(os.listdir(moves)) if os.path.isdir(moves) else []:
        try:
            with open(os.path.join(moves, name, "state.json"), encoding="utf-8") as text:
                found.append(json.load(text).get("phase", ""))
        except (OSError, ValueError):
            continue
    return found


def program(journal: str) -> list[int]:
    """The processes whose command line names the journal, but for this one and those of a shell that looks into it."""
    found = []
    for name in os.listdir("/proc"):
        if not name.isdigit() or int(name) in (os.getpid(), os.getppid()):
            continue
        try:
            with open(f"/proc/{name}/cmdline", "rb") as line:
                words = line.read().split(b"\0")
        except OSError:
            continue
        ours = any(word.startswith(journal.encode() + b"/moves/") for word in words)
        if ours and os.path.basename(words[0]).startswith(b"python"):
            found.append(int(name))
    return found


def send(pids: list[int], number: signal.Signals) -> None:
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue


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


def hold(journal: str, sign: str, phase: str, changes: Changes) -> None:
    """Returns when the program is held in that phase, and SIGN says so."""
    while True:
        if phase in phases(journal):
            pids = program(journal)
            send(pids, signal.SIGSTOP)
            if pids:
                break
        changes.wait()
    with open(f"{sign}.new", "w", encoding="utf-8") as out:
        out.write(" ".join(phases(journal)))
    os.rename(f"{sign}.new", sign)


def main(journal: str, sign: str, *wanted: str) -> None:
    if not wanted:
        if os.path.exists(sign):
            os.unlink(sign)
        # The watcher looks for the next phase before the program can reach it.
        time.sleep(2 * LOOK_EVERY)
        send(program(journal), signal.SIGCONT)
        return
    changes = Changes(journal)
    for phase in wanted:
        hold(journal, sign, phase, changes)
        while os.path.exists(sign):
            time.sleep(LOOK_EVERY / 2)


if __name__ == "__main__":
    main(*sys.argv[1:])
