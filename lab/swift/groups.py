"""Process groups: Swift's updaters do each sweep in a child of theirs, which has to go with them."""

from __future__ import annotations

import contextlib
import os
import signal

from lab.processes import PROC, Identity, alive, end, identify, wait_until


def group_of(stat: str) -> int:
    """The process group in /proc/PID/stat's text."""
    return int(stat.rpartition(")")[2].split()[2])


def members(group: int) -> list[Identity]:
    """The processes of a group that still run."""
    found: list[Identity | None] = []
    for entry in PROC.iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                if group_of((entry / "stat").read_text()) == group:
                    found.append(identify(int(entry.name)))
    return [each for each in found if each is not None]


def end_group(leader: Identity, *, grace: float) -> None:
    """End a process that was started in a session of its own, and its children; returns when all are gone.

    While the leader lives its pid is the group's number and nobody else's, so the group is looked up first.
    """
    group = members(leader.pid) if alive(leader) else []
    end(leader, grace=grace)
    # A sweep that began in between: the number can't have been given away while a member of the group lives.
    for process in {*group, *(members(leader.pid) if any(alive(each) for each in group) else [])}:
        if alive(process):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGKILL)
            wait_until(lambda left=process: not alive(left), 10)  # type: ignore[misc]
