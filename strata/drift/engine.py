"""Pulumi's two looks at a stack, as processes. Neither writes the state or takes its lock."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from strata.errors import Failed

LAST_WORDS_SECONDS = 10.0
"""How long an interrupted engine may take to end its provider before it is killed."""

ENVIRONMENT: Final = {
    # Set-up has installed every plugin; looking for them elsewhere costs 2.6 s a run where nothing answers.
    "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
    "PULUMI_SKIP_UPDATE_CHECK": "true",
    # One event a line, the refresh's among them; the one document of `--json` shows them before they were read.
    "PULUMI_ENABLE_STREAMING_JSON_PREVIEW": "true",
}

QUIET: Final = ("--json", "--non-interactive", "--color", "never", "--suppress-permalink=true")


@dataclass(frozen=True)
class Ran:
    """How a run of the engine ended."""

    code: int
    stdout: str
    stderr: str


class Engine(Protocol):
    """What can be asked of a stack."""

    async def preview(self, stack: str) -> Ran:
        """The program against what is there now: what `up` would do, and on the way what a refresh would change."""

    async def refresh(self, stack: str) -> Ran:
        """The state against what is there now; goes on where a system does not answer."""


@dataclass(frozen=True)
class Pulumi:
    """The engine of a project folder."""

    project: Path

    async def preview(self, stack: str) -> Ran:
        # With the program's provider: the state's has the secrets of the last `up`, which may have been rotated since.
        return await self._run("preview", "--refresh", "--run-program", "--stack", stack)

    async def refresh(self, stack: str) -> Ran:
        return await self._run("refresh", "--preview-only", "--stack", stack)

    async def _run(self, *arguments: str) -> Ran:
        starting = asyncio.ensure_future(self._start(arguments))
        try:
            process = await asyncio.shield(starting)
            stdout, stderr = await process.communicate()
        except asyncio.CancelledError:
            # Also one that was only just starting: it may have begun its provider already.
            await _end(await starting)
            raise
        return Ran(process.returncode or 0, _text(stdout), _text(stderr))

    async def _start(self, arguments: tuple[str, ...]) -> asyncio.subprocess.Process:
        try:
            return await asyncio.create_subprocess_exec(
                "pulumi",
                *arguments,
                *QUIET,
                cwd=self.project,
                env={**os.environ, **ENVIRONMENT},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                # Ctrl-C comes once, by way of `_end`; twice would make the engine drop its provider.
                start_new_session=True,
            )
        except FileNotFoundError as error:
            raise Failed(
                "The program pulumi isn't on PATH: `source .venv/bin/activate` and repeat."
            ) from error


async def _end(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(signal.SIGINT)
    try:
        await asyncio.wait_for(process.communicate(), LAST_WORDS_SECONDS)
    except TimeoutError:
        _kill(process.pid)
        await process.wait()
    except asyncio.CancelledError:
        # Ctrl-C again: no more last words.
        _kill(process.pid)
        raise


def _kill(session: int) -> None:
    """Everything in the engine's session: provider and language host have process groups of their own and outlive it."""
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if int((folder / "stat").read_text().rpartition(")")[2].split()[3]) == session:
                os.kill(int(folder.name), signal.SIGKILL)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(session, signal.SIGKILL)


def _text(answer: bytes) -> str:
    return answer.decode("utf-8", "replace")
