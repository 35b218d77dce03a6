"""The SSH connection of a remote command: by key, password or agent, over a bastion host where there is one.

As the official plugin does, it dials again after any failure, a refused login included (a machine that is being set up may
yet accept the key), and it ignores host keys where none is declared; here that leaves a warning. Only the declared key is
used: no file of the machine that runs the engine (known_hosts, an SSH configuration, ~/.ssh) plays a part.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import asyncssh

from strata.errors import Failed, Unreachable
from tools.command.output import Line

FIRST_PAUSE: Final = 0.1
PAUSE_GROWS: Final = 1.5
LONGEST_PAUSE: Final = 5.0
UNLIMITED: Final = -1


@dataclass(frozen=True)
class Says:
    """Where progress and warnings go, and how to wait."""

    progress: Line
    warning: Line
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


class _KnownHost(asyncssh.SSHClient):
    """Accepts the declared host key alone, and remembers that another one was shown."""

    def __init__(self, expected: asyncssh.SSHKey | None) -> None:
        self.expected = expected
        self.refused = False

    def validate_host_public_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:
        self.refused = self.expected is not None and key.public_data != self.expected.public_data
        return not self.refused


@contextlib.asynccontextmanager
async def connected(
    what: str, connection: Mapping[str, Any], says: Says
) -> AsyncIterator[asyncssh.SSHClientConnection]:
    """The connection, closed afterwards. Raises Failed and Unreachable; what: names the resource in a sentence."""
    async with contextlib.AsyncExitStack() as stack:
        bastion: asyncssh.SSHClientConnection | None = None
        if proxy := connection.get("proxy"):
            bastion = await stack.enter_async_context(await _dialled(what, proxy, says, None))
        yield await stack.enter_async_context(await _dialled(what, connection, says, bastion))


async def _dialled(
    what: str, to: Mapping[str, Any], says: Says, bastion: asyncssh.SSHClientConnection | None
) -> asyncssh.SSHClientConnection:
    address = f"{to.get('user', 'root')}@{to['host']}:{int(to.get('port', 22))}"
    options = await _options(what, to)
    if "hostKey" not in to:
        await says.warning(
            f"{what} connects to {address} without a hostKey: whoever answers at that address is trusted. "
            "Declare connection.hostKey with the line of the host's ssh_host_ed25519_key.pub."
        )
    limit, pause, tries = int(to.get("dialErrorLimit", 10)), FIRST_PAUSE, 0
    while True:
        host = _KnownHost(options["expected"])
        try:
            return await _dial(to, options, host, bastion)
        except (asyncssh.Error, OSError, TimeoutError) as error:
            if host.refused:
                raise _wrong_key(what, address) from error
            tries += 1
            if UNLIMITED < limit < tries:
                raise _unreachable(what, address, tries, error) from error
        await says.progress(f"Dial {tries}/{'inf' if limit == UNLIMITED else limit} failed: retrying")
        await says.sleep(pause)
        pause = min(pause * PAUSE_GROWS, LONGEST_PAUSE)


async def _dial(
    to: Mapping[str, Any],
    options: Mapping[str, Any],
    host: _KnownHost,
    bastion: asyncssh.SSHClientConnection | None,
) -> asyncssh.SSHClientConnection:
    expected = host.expected
    return await asyncssh.connect(
        to["host"],
        int(to.get("port", 22)),
        username=to.get("user", "root"),
        password=to.get("password"),
        client_keys=options["keys"] or None,
        # Empty lists leave the verdict to `_KnownHost`.
        known_hosts=([], [], []),
        client_factory=lambda: host,
        server_host_key_algs=_algorithms(expected) if expected else (),
        config=None,
        agent_path=None,
        tunnel=bastion or (),
        connect_timeout=int(to.get("perDialTimeout", 15)) or None,
    )


def _algorithms(key: asyncssh.SSHKey) -> list[str]:
    """What to ask the host for, so that it shows the key that is known and not another of its own."""
    name = key.get_algorithm()
    return ["rsa-sha2-512", "rsa-sha2-256", "ssh-rsa"] if name == "ssh-rsa" else [name]


async def _options(what: str, to: Mapping[str, Any]) -> dict[str, Any]:
    keys: list[Any] = [_private_key(what, to)] if to.get("privateKey") else []
    if path := to.get("agentSocketPath") or os.environ.get("SSH_AUTH_SOCK"):
        try:
            keys += await (await asyncssh.connect_agent(path)).get_keys()
        except (OSError, ValueError) as error:
            raise Failed(
                f"{what} could not ask the SSH agent at {path} for its keys: {error}. "
                "Start it, or unset SSH_AUTH_SOCK."
            ) from error
    return {"keys": keys, "expected": _host_key(what, to)}


def _private_key(what: str, to: Mapping[str, Any]) -> asyncssh.SSHKey:
    try:
        return asyncssh.import_private_key(to["privateKey"].strip() + "\n", to.get("privateKeyPassword"))
    except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError, ValueError):
        # Without the cause: its words may quote the key.
        raise Failed(
            f"The privateKey of {what} can't be used: it must be the whole text of a private key, "
            "with privateKeyPassword where it is encrypted."
        ) from None


def _host_key(what: str, to: Mapping[str, Any]) -> asyncssh.SSHKey | None:
    if not to.get("hostKey"):
        return None
    try:
        return asyncssh.import_public_key(to["hostKey"])
    except (asyncssh.KeyImportError, ValueError) as error:
        raise Failed(
            f"The hostKey of {what} is not a public key in OpenSSH's form, such as `ssh-ed25519 AAAA…`."
        ) from error


def _wrong_key(what: str, address: str) -> Failed:
    return Failed(
        f"{what} was not run: {address} shows another host key than the declared connection.hostKey. "
        "Find out whether the host was set up anew or another machine answers there."
    )


def _unreachable(what: str, address: str, tries: int, error: Exception) -> Unreachable:
    reason = str(error) or type(error).__name__
    return Unreachable(
        f"{what} could not connect to {address}: after {tries} failed attempts: {reason}. "
        "Look whether the host is up and accepts that user."
    )
