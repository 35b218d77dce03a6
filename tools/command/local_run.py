"""A command on the machine that runs the engine: by /bin/sh unless another interpreter is declared."""

from __future__ import annotations

import asyncio
import os
import re
import signal
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from strata.errors import Failed
from tools.command import wire
from tools.command.output import Line, Output, Stream, environment_of, previous_of

SHELL: Final = ("/bin/sh", "-c")
PIECE: Final = 65536


async def run(
    what: str, command: str, inputs: Mapping[str, Any], previous: Mapping[str, Any], log: Line
) -> dict[str, Any]:
    """The outputs of a run: stdout, stderr, and the files that were asked for. Raises Failed, with what it said.

    what: names the resource in a sentence; previous: the outputs of the last run.
    """
    output = Output(log, inputs.get("logging"))
    process = await _started(what, command, inputs, previous)
    try:
        await asyncio.gather(
            _feed(process, inputs.get("stdin") or ""),
            _drain(process.stdout, "stdout", output),
            _drain(process.stderr, "stderr", output),
        )
        code = await process.wait()
    except asyncio.CancelledError:
        process.kill()
        raise
    if code != 0:
        ended = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit status {code}"
        raise output.failure(what, ended)
    return {**output.texts(), **_files(Path(inputs.get("dir") or os.getcwd()), inputs)}


async def _started(
    what: str, command: str, inputs: Mapping[str, Any], previous: Mapping[str, Any]
) -> asyncio.subprocess.Process:
    argv = [*(inputs.get("interpreter") or SHELL), command]
    pipe = asyncio.subprocess.PIPE
    try:
        return await asyncio.create_subprocess_exec(
            *argv,
            stdin=pipe if inputs.get("stdin") else asyncio.subprocess.DEVNULL,
            stdout=pipe,
            stderr=pipe,
            cwd=inputs.get("dir"),
            env={**os.environ, **environment_of(inputs), **previous_of(inputs, previous)},
        )
    except OSError as error:
        raise Failed(
            f"{what} could not be started with {argv[0]} in {inputs.get('dir') or os.getcwd()}: {error.strerror}. "
            "Look whether both are there."
        ) from error


async def _feed(process: asyncio.subprocess.Process, stdin: str) -> None:
    if process.stdin is None:
        return
    try:
        process.stdin.write(stdin.encode())
        await process.stdin.drain()
    except (BrokenPipeError, ConnectionResetError):
        return  # a command need not read all that it is given
    finally:
        process.stdin.close()


async def _drain(reader: asyncio.StreamReader | None, stream: Stream, output: Output) -> None:
    assert reader is not None
    while chunk := await reader.read(PIECE):
        await output.take(stream, chunk)
    await output.take(stream, b"")


def _files(folder: Path, inputs: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if "assetPaths" in inputs:
        found["assets"] = _assets(folder, inputs["assetPaths"])
    if "archivePaths" in inputs:
        found["archive"] = wire.asset_archive(_assets(folder, inputs["archivePaths"]))
    return found


def _assets(folder: Path, patterns: Iterable[str]) -> dict[str, Any]:
    files = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return {name: wire.file_asset(folder / name) for name in matching(files, list(patterns))}


def matching(names: Iterable[str], patterns: Iterable[str]) -> list[str]:
    """The names that the patterns choose: `*` stops at `/`, `**` does not, `!` excludes, and the last that fits decides."""
    rules = [(not each.startswith("!"), _compiled(each.removeprefix("!"))) for each in patterns]
    verdicts = ((name, [wanted for wanted, rule in rules if rule.fullmatch(name)]) for name in names)
    return [name for name, wanted in verdicts if wanted and wanted[-1]]


def _compiled(pattern: str) -> re.Pattern[str]:
    parts = {"**": ".*", "*": "[^/]*", "?": "[^/]"}
    return re.compile(
        "".join(parts.get(each) or re.escape(each) for each in re.findall(r"\*\*|.", pattern)), re.DOTALL
    )
