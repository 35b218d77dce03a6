"""What the engine's verbs do to a resource: the command that is run, and the state that comes of it."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from typing import Any, Final

from strata.errors import Failed
from tools.command import local_run, remote_copy, remote_run, wire
from tools.command.flow import outputs_of
from tools.command.properties import COPY_TO_REMOTE, LOCAL_COMMAND, OUTPUTS
from tools.command.remote_connection import Says

ID_BYTES: Final = 4


def new_id(token: str, name: str) -> str:
    """The resource's name with eight random digits; a copy's has the digits alone."""
    return ("" if token == COPY_TO_REMOTE else name) + secrets.token_hex(ID_BYTES)


async def create(token: str, name: str, inputs: Mapping[str, Any], says: Says) -> wire.Properties:
    """The new state. Raises Failed."""
    if token == COPY_TO_REMOTE:
        await remote_copy.copy(_named(token, name), wire.reveal(inputs), says)
        return dict(inputs)
    nothing = dict.fromkeys(OUTPUTS[token], "")
    return await _after(token, name, inputs.get("create"), inputs, nothing, says)


async def update(
    token: str, name: str, old: Mapping[str, Any], inputs: Mapping[str, Any], says: Says
) -> wire.Properties:
    """The new state; without an update command the create command is run again. Raises Failed."""
    if token == COPY_TO_REMOTE:
        if not wire.same(
            [old.get("source"), old.get("remotePath")], [inputs["source"], inputs["remotePath"]]
        ):
            await remote_copy.copy(_named(token, name), wire.reveal(inputs), says)
        return dict(inputs)
    command = inputs["update"] if "update" in inputs else inputs.get("create")
    return await _after(token, name, command, inputs, outputs_of(token, old), says)


async def delete(token: str, name: str, state: Mapping[str, Any], says: Says) -> None:
    """Runs the delete command, where there is one. What was copied stays on the host."""
    await _after(token, name, state.get("delete"), state, outputs_of(token, state), says)


async def run(inputs: Mapping[str, Any], says: Says) -> wire.Properties:
    """`local.run`: the inputs and what the command printed."""
    plain = wire.reveal(inputs)
    return {**inputs, **await local_run.run("local.run", plain["command"], plain, {}, says.progress)}


async def _after(
    token: str, name: str, command: Any, inputs: Mapping[str, Any], outputs: wire.Properties, says: Says
) -> wire.Properties:
    """The state after a command; without one the outputs stay as they were."""
    if command is None:
        return {**inputs, **outputs}
    what, text = _named(token, name), wire.reveal(command)
    plain, previous = wire.reveal(dict(inputs)), wire.reveal(outputs)
    try:
        if token == LOCAL_COMMAND:
            printed = await local_run.run(what, text, plain, previous, says.progress)
        else:
            printed = await remote_run.run(what, text, plain, previous, says)
    except asyncio.CancelledError as error:
        raise Failed(
            f"{what} was ended because the run was cancelled. Look what it has done before you run it again."
        ) from error
    return {**inputs, **outputs, **printed}


def _named(token: str, name: str) -> str:
    return f"{token.removeprefix('command:').replace(':', '.')} {name}"
