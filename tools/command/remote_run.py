"""A command on another host, over SSH."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Final

import asyncssh

from strata.errors import Failed, Unreachable
from tools.command.output import Output, Stream, environment_of, previous_of
from tools.command.remote_connection import Says, connected

PIECE: Final = 65536


async def run(
    what: str, command: str, inputs: Mapping[str, Any], previous: Mapping[str, Any], says: Says
) -> dict[str, Any]:
    """stdout and stderr of a run. Raises Failed, with what the command said; what: names the resource in a sentence."""
    where = inputs["connection"]["host"]
    output = Output(says.progress, inputs.get("logging"))
    async with connected(what, inputs["connection"], says) as connection:
        environment = await _accepted(what, connection, inputs, previous, says)
        try:
            process = await connection.create_process(command, env=environment, encoding=None)
            await asyncio.gather(
                _feed(process, inputs.get("stdin") or ""),
                _drain(process.stdout, "stdout", output),
                _drain(process.stderr, "stderr", output),
            )
            done = await process.wait(check=False)
        except (asyncssh.Error, OSError) as error:
            raise Unreachable(
                f"{what} lost the connection to {where} while it ran, so its end is not known: {error}. "
                "Look what it has done before you run it again."
            ) from error
    if done.exit_status != 0:
        raise output.failure(what, f"{_end(done)} on {where}")
    return output.texts()


def _end(done: asyncssh.SSHCompletedProcess) -> str:
    if done.exit_signal:
        return f"was ended by SIG{done.exit_signal[0]}"
    return (
        "ended without an exit status"
        if done.exit_status is None
        else f"ended with exit status {done.exit_status}"
    )


async def _feed(process: asyncssh.SSHClientProcess[bytes], stdin: str) -> None:
    try:
        process.stdin.write(stdin.encode())
        await process.stdin.drain()
        process.stdin.write_eof()
    except (BrokenPipeError, ConnectionResetError):
        return  # a command need not read all that it is given


async def _drain(reader: asyncssh.SSHReader[bytes], stream: Stream, output: Output) -> None:
    while chunk := await reader.read(PIECE):
        await output.take(stream, chunk)
    await output.take(stream, b"")


async def _accepted(
    what: str,
    connection: asyncssh.SSHClientConnection,
    inputs: Mapping[str, Any],
    previous: Mapping[str, Any],
    says: Says,
) -> dict[str, str]:
    """The variables that the host takes. A declared one that it drops is a failure, one of ours a warning.

    asyncssh does not wait for the server's word on a variable, so `env` is asked which have arrived.
    """
    wanted = {**environment_of(inputs), **previous_of(inputs, previous)}
    if not wanted:
        return {}
    asked = await connection.run(
        "env", env=wanted, stdin=asyncssh.DEVNULL, encoding="utf-8", errors="replace"
    )
    if asked.exit_status != 0:
        return wanted
    arrived = {line.partition("=")[0] for line in str(asked.stdout).splitlines()}
    for name in sorted(wanted.keys() - arrived):
        sentence = (
            f"{what} could not set {name} on {inputs['connection']['host']}: its SSH server accepts only variables that "
            "AcceptEnv names. Add it there, or put `NAME=value` before the command."
        )
        if name in environment_of(inputs):
            raise Failed(sentence)
        await says.warning(sentence)
    return {name: value for name, value in wanted.items() if name in arrived}
