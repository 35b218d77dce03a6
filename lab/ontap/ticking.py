"""Jobs end on time even when nobody asks: the server looks at the clock while it runs."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

from lab.ontap.system import System

_EVERY = 0.1


def ticking(system: System) -> Callable[[Any], AbstractAsyncContextManager[None]]:
    """The application's lifespan: settle the jobs ten times a second."""

    @contextlib.asynccontextmanager
    async def lifespan(_app: Any) -> AsyncIterator[None]:
        task = asyncio.create_task(_tick(system))
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    return lifespan


async def _tick(system: System) -> None:
    while True:
        await asyncio.sleep(_EVERY)
        system.settle()
