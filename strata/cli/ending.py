"""SIGTERM and SIGHUP end a command as Ctrl-C does: what it started ends first. CI cancels a job so, and a closed terminal."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

T = TypeVar("T")

SIGNALS: Final = (signal.SIGTERM, signal.SIGHUP)


def run(subcommand: str, work: Coroutine[Any, Any, T]) -> T:
    """What the work comes to. Told to end, it is cancelled, and the program ends with 128 and the signal's number."""
    told: list[signal.Signals] = []

    async def cancellable() -> T:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None

        def end(number: signal.Signals) -> None:
            # Once: a second one would interrupt the ending.
            if not told:
                told.append(number)
                task.cancel()

        for number in SIGNALS:
            # `nohup` has it go on behind a closed terminal.
            if signal.getsignal(number) is not signal.SIG_IGN:
                loop.add_signal_handler(number, end, number)
        return await work

    try:
        return asyncio.run(cancellable())
    except asyncio.CancelledError:
        if not told:
            raise
    print(f"strata {subcommand}: ended by {told[0].name}.", file=sys.stderr)
    raise SystemExit(128 + told[0])
