"""Follows a command that runs detached on the host, to its end: progress, lost connections, cancelling, a process that died."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from strata.clients.glance_migration import Order, Poll, Program
from strata.clients.host_target import ConnectionLost
from strata.deadline import Deadline
from strata.errors import Failed, TimedOut, Unreachable

EVERY: Final = 5.0
"""Seconds between two polls while much is carried."""
SOON: Final = 0.5
"""The same where the end is near: whatever is not carrying takes seconds, and somebody waits for the next step."""
ASK_EVERY: Final = 2
"""Of so many polls one asks systemd whether the unit is still there; a unit that ended by itself has left its answer."""

Line = Callable[[str], Awaitable[None]]
Phase = Callable[[str], Awaitable[None]]


class Died(Failed):
    """The command's process ended without an answer: killed, or the host was switched off. `phase`: the last that it noted."""

    def __init__(self, message: str, phase: str) -> None:
        super().__init__(message)
        self.phase = phase


@dataclass(frozen=True)
class Follower:
    """Where a run shows what it follows: `progress` for the moment, `note` to stay."""

    program: Program
    deadline: Deadline
    progress: Line
    note: Line

    async def carry_out(self, journal: str, order: Order, on_phase: Phase | None = None) -> dict[str, Any]:
        """Begin a command and follow it; its answer, which may have `problems`, and the `phase` in which it ended."""
        for attempt in range(3):
            try:
                await self.program.begin(journal, order, self.deadline)
                break
            except ConnectionLost:
                # Whether it was begun is found out by handing the same order over again.
                if attempt == 2:
                    raise
        return await self.follow(journal, order.command, on_phase)

    async def follow(self, journal: str, command: str, on_phase: Phase | None = None) -> dict[str, Any]:
        """The answer of a command that was begun, by this run or by one before."""
        try:
            return await self._follow(journal, command, on_phase)
        except asyncio.CancelledError:
            with suppress(Exception):
                async with asyncio.timeout(2):
                    await self.note(f"{self._goes_on(command)} The next `pulumi up` joins in.")
            raise

    def _goes_on(self, command: str) -> str:
        what = {"copy": "The copy", "prove": "The proof"}.get(command, "The move")
        return f"{what} goes on by itself on host {self.program.host.name}."

    async def _follow(self, journal: str, command: str, on_phase: Phase | None) -> dict[str, Any]:
        polls, shown, pause = 0, "", SOON
        while True:
            polls += 1
            try:
                poll = await self.program.poll(journal, command, ask=polls % ASK_EVERY == 0)
            except (Unreachable, TimedOut):
                line = f"host {self.program.host.name} can't be reached at the moment; what was begun goes on there"
            else:
                if poll.running is False:
                    return self._ended(poll, command)
                line, pause = words(poll.state), pause_after(poll.state)
                if on_phase is not None:
                    await on_phase(str(poll.state.get("phase", "")))
            if line and line != shown:
                await self.progress(line)
                shown = line
            await self._pause(command, pause)

    async def _pause(self, command: str, seconds: float) -> None:
        if self.deadline.remaining() <= 0:
            raise TimedOut(
                f"`{command}` of Glance's images was not over after {self.deadline.seconds:g} s. {self._goes_on(command)} "
                "The next `pulumi up` joins in; raise the time in `timeouts` of the stack file."
            )
        await self.deadline.clock.sleep(min(seconds, max(self.deadline.remaining(), 0.1)))

    def _ended(self, poll: Poll, command: str) -> dict[str, Any]:
        phase = str(poll.state.get("phase", ""))
        if poll.answer is not None and "died" not in poll.answer:
            return {**poll.answer, "phase": phase}
        code = f"exit code {poll.answer['died']}" if poll.answer else "no answer"
        said = f", and said: {poll.said}" if poll.said else ""
        raise Died(
            f"`{command}` on host {self.program.host.name} ended in phase {phase or 'check'} with {code}{said}. It was killed, "
            "or the host was switched off",
            phase,
        )


def pause_after(state: dict[str, Any]) -> float:
    """Seconds until it is worth asking again."""
    left = state.get("remaining_seconds")
    if state.get("phase") not in ("copy", "delta", "prove") or left is None:
        return SOON
    return min(EVERY, max(SOON, float(left) / 4))


def words(state: dict[str, Any]) -> str:
    """One line of progress, as `copying 12 of 200 images, 310 MiB of 2.0 GiB, about 2 min left`."""
    phase = str(state.get("phase", ""))
    plain = {
        "check": "checking before anything is done",
        "ready": "ready to stop Glance",
        "stop": "stopping Glance",
        "verify": "Glance stands still: verifying that nothing is missing",
        "own": "Glance stands still: owner and mode",
        "locate": "Glance stands still: rewriting the locations",
        "setting": "Glance stands still: the setting",
        "start": "starting Glance",
        "rollback": "putting everything back",
    }
    if state.get("serving") and phase not in ("copy", "prove"):
        plain["start"] = "Glance takes its new directory, and its old workers end"
        return plain.get(phase, "").removeprefix("Glance stands still: ")
    doing = {"copy": "copying", "delta": "Glance stands still: copying", "prove": "proving"}.get(phase)
    if doing is None:
        return plain.get(phase, "")
    total = state.get("files_total")
    if not total:
        return f"{doing} what came or changed" if phase == "delta" else doing
    line = f"{doing} {state.get('files_done', 0)} of {total} images"
    if state.get("bytes_total"):
        line += f", {size(state.get('bytes_done', 0))} of {size(state['bytes_total'])}"
    left = state.get("remaining_seconds")
    return f"{line}, about {duration(left)} left" if left else line


def size(bytes: int | float) -> str:
    """`310 MiB`, `2.0 GiB`."""
    value, unit = float(bytes), "B"
    for unit in ("B", "KiB", "MiB", "GiB", "TiB"):
        if value < 1024 or unit == "TiB":
            break
        value /= 1024
    return f"{value:.0f} {unit}" if unit == "B" or value >= 10 else f"{value:.1f} {unit}"


def duration(seconds: float) -> str:
    """`0.4 s`, `40 s`, `2 min`, `3.5 h`."""
    if seconds < 10:
        return f"{seconds:.2g} s"
    if seconds < 90:
        return f"{round(seconds)} s"
    if seconds < 5400:
        return f"{round(seconds / 60)} min"
    return f"{seconds / 3600:.1f} h"
