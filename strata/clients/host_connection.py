"""One SSH connection to a host: opened when it is needed, shared, opened again when it died. asyncssh lives only here.

The host key is mandatory and is compared with the one key that the stack file gives; no file of the machine that runs Strata
(known_hosts, an SSH configuration, an agent) plays a part.
"""

from __future__ import annotations

import asyncio
from typing import Final

import asyncssh

from strata.clients.host_target import Answer, ConnectionLost, Target
from strata.errors import Failed, Unreachable

CONNECT_SECONDS: Final = 20.0
KEEPALIVE_SECONDS: Final = 15
SESSIONS: Final = 6
"""Commands at one time on one connection; sshd refuses more than ten (MaxSessions)."""


class _HostKeyCheck(asyncssh.SSHClient):
    """Accepts one host key, and remembers another one that the host showed."""

    def __init__(self, expected: asyncssh.SSHKey) -> None:
        self._expected = expected
        self.shown: asyncssh.SSHKey | None = None

    def validate_host_public_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:
        self.shown = key
        return bool(key.public_data == self._expected.public_data)


class Connection:
    """The shared connection to one target."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._open: asyncssh.SSHClientConnection | None = None
        self._opening = asyncio.Lock()
        self._sessions = asyncio.Semaphore(SESSIONS)

    async def execute(self, command: str, stdin: bytes) -> Answer:
        """Run a command with that input.

        Raises ConnectionLost when the host was lost before the command ended, Unreachable or Failed when it can't be had at all.
        """
        async with self._sessions:
            connection = await self._connected()
            try:
                process = await connection.create_process(command, encoding=None, stdin=asyncssh.PIPE)
            except (asyncssh.Error, OSError) as error:
                self._drop(connection)
                raise ConnectionLost(self._lost(error), sent=False) from error
            try:
                result = await _communicate(process, stdin)
            except (asyncssh.Error, OSError) as error:
                self._drop(connection)
                raise ConnectionLost(self._lost(error), sent=True) from error
            if result is None:
                self._drop(connection)
                raise ConnectionLost(self._lost(None), sent=True)
            return result

    def _drop(self, connection: asyncssh.SSHClientConnection) -> None:
        if self._open is connection:
            self._open = None
        connection.abort()

    def _lost(self, error: Exception | None) -> str:
        reason = f": {error}" if error and str(error) else ""
        return (
            f"The SSH connection to {self._target} was lost{reason}. Look whether the host is up, and repeat."
        )

    async def close(self) -> None:
        """End the connection, if there is one."""
        if self._open is not None:
            self._open.close()
            await self._open.wait_closed()
            self._open = None

    async def _connected(self) -> asyncssh.SSHClientConnection:
        async with self._opening:
            if self._open is None or self._open.is_closed():
                self._open = await self._connect()
            return self._open

    async def _connect(self) -> asyncssh.SSHClientConnection:
        target = self._target
        expected, key = self._expected_host_key(), self._private_key()
        check = _HostKeyCheck(expected)
        try:
            return await asyncssh.connect(
                target.address,
                target.port,
                username=target.user,
                client_keys=[key],
                known_hosts=([], [], []),
                client_factory=lambda: check,
                server_host_key_algs=_algorithms(expected),
                config=None,
                agent_path=None,
                preferred_auth="publickey",
                connect_timeout=CONNECT_SECONDS,
                login_timeout=CONNECT_SECONDS,
                keepalive_interval=KEEPALIVE_SECONDS,
                keepalive_count_max=4,
            )
        except (asyncssh.Error, OSError, TimeoutError) as error:
            raise _refusal(target, expected, check.shown, error) from error

    def _expected_host_key(self) -> asyncssh.SSHKey:
        try:
            return asyncssh.import_public_key(self._target.host_key)
        except (asyncssh.KeyImportError, ValueError) as error:
            raise Failed(
                f"The hostKey of host {self._target.name} is not an OpenSSH public key. Put in the line that "
                f"`ssh-keyscan -t ed25519 {self._target.address}` prints, without the host's name, for example "
                "`ssh-ed25519 AAAA…`, after comparing its fingerprint on the host's console."
            ) from error

    def _private_key(self) -> asyncssh.SSHKey:
        try:
            return asyncssh.import_private_key(self._target.private_key.strip() + "\n")
        except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError, ValueError):
            # Without the cause: its words may quote the key.
            raise Failed(
                f"The privateKey of host {self._target.name} cannot be used: it must be the whole text of an OpenSSH private "
                "key without a passphrase (`-----BEGIN OPENSSH PRIVATE KEY-----` …), given as {env: …}, {file: …} or {secure: …}."
            ) from None


async def _communicate(process: asyncssh.SSHClientProcess[bytes], stdin: bytes) -> Answer | None:
    """Feed and drain a process; None when the connection ended without an exit status."""

    async def feed() -> None:
        try:
            process.stdin.write(stdin)
            process.stdin.write_eof()
            await process.stdin.drain()
        except (BrokenPipeError, ConnectionResetError, asyncssh.ConnectionLost):
            # A command that does not want all of its input is no failure; a lost connection shows below.
            return

    feeding = asyncio.create_task(feed())
    try:
        done = await process.wait(check=False)
    except asyncio.CancelledError:
        process.close()
        raise
    finally:
        feeding.cancel()
    if done.exit_status is None:
        return None
    # A signal's exit status is -1 in SSH, 128 and more in a shell.
    code = done.exit_status if done.exit_status >= 0 else 255
    return Answer(code, _as_bytes(done.stdout), _as_bytes(done.stderr).decode("utf-8", "replace"))


def _as_bytes(output: bytes | str | None) -> bytes:
    """What a session without an encoding printed; asyncssh's types leave open which of the two it is."""
    return output.encode() if isinstance(output, str) else output or b""


def _algorithms(key: asyncssh.SSHKey) -> list[str]:
    """Signatures that go with the expected key, so that a host with several keys shows that one."""
    algorithm = key.get_algorithm()
    return ["rsa-sha2-512", "rsa-sha2-256"] if algorithm == "ssh-rsa" else [algorithm]


def _refusal(
    target: Target, expected: asyncssh.SSHKey, shown: asyncssh.SSHKey | None, error: BaseException
) -> Failed:
    """The sentence for a connection that did not come about."""
    if isinstance(error, asyncssh.HostKeyNotVerifiable):
        seen = shown.get_fingerprint() if shown else "another one"
        return Failed(
            f"Host {target} is not the one that the stack file names: it shows the host key {seen}, expected is "
            f"{expected.get_fingerprint()}. Nothing was sent. If the host was installed anew, compare the new key on its "
            f"console (`ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub`) and put it into strata:hosts.{target.name}.hostKey; "
            "if not, somebody may stand in between."
        )
    if isinstance(error, asyncssh.KeyExchangeFailed):
        return Failed(
            f"Host {target} has no host key of the expected sort ({expected.get_algorithm()}), or its SSH server is too old: "
            f"{error}. Put the key that it has into strata:hosts.{target.name}.hostKey."
        )
    if isinstance(error, asyncssh.PermissionDenied):
        return Failed(
            f"Host {target} refused the key of user {target.user}: {error.reason}. Put its public half into "
            f"~{target.user}/.ssh/authorized_keys on the host, or correct strata:hosts.{target.name}.user or privateKey."
        )
    slow = isinstance(error, TimeoutError)
    reason = f"no answer within {CONNECT_SECONDS:g} s" if slow else str(error) or type(error).__name__
    return Unreachable(
        f"Host {target} could not be reached by SSH: {reason}. Whether anything on it has changed is unknown. Look whether it "
        f"is up and whether strata:hosts.{target.name}.address and port are right."
    )
