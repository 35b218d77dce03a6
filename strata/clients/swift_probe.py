"""Proving that an account can hold an object store: a container and an object of our own, which never stay behind.

A request under way can't be called back from its thread. So whoever gives up on the probe (a deadline, an interrupted run) leaves
it to go to its end by itself, where it takes its container away.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from typing import TYPE_CHECKING, Final

from strata.clients.swift_errors import BadCredentials
from strata.errors import Failed, Unreachable

if TYPE_CHECKING:
    from strata.clients.swift import SwiftClient

LONGEST_GOODBYE: Final = 10.0
"""Seconds for which a cancelled probe is waited for."""


async def prove(client: SwiftClient) -> None:
    """Write, read and remove an object in a container made for that; raises Failed."""
    probe = asyncio.create_task(_probe(client, f"strata-probe-{secrets.token_hex(6)}"))
    try:
        await asyncio.shield(probe)
    except asyncio.CancelledError:
        probe.add_done_callback(_heard)
        await asyncio.wait({probe}, timeout=LONGEST_GOODBYE)
        raise


def _heard(probe: asyncio.Task[None]) -> None:
    """Nobody asks any more how it went, and asyncio need not complain of that."""
    if not probe.cancelled():
        probe.exception()


async def _probe(client: SwiftClient, container: str) -> None:
    content, made = secrets.token_bytes(512), False
    try:
        await client.put_container(container, {}, f"making the container {container} for a probe")
        made = True
        await client.put_object(container, "probe", content, f"writing a probe object into {container}")
        if await client.read_object(container, "probe") != content:
            raise Failed(
                f"Swift account {client.name} at {client.auth_url} gave back a probe object otherwise than it was "
                "written. Look at the cluster's health before anything is stored there."
            )
    except BaseException as error:
        # After a lost answer the container may be there; where nothing was sent, there is nothing to look for.
        if made or not isinstance(error, Unreachable | BadCredentials):
            with contextlib.suppress(Failed):  # what went wrong first is what has to be said
                await _remove(client, container)
        raise
    await _remove(client, container)


async def _remove(client: SwiftClient, container: str) -> None:
    await client.remove_object(container, "probe", f"removing the probe object from {container}")
    await client.remove_container(container, f"removing the container {container} of the probe")
