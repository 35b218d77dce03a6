"""A host, worked on over SSH as root or as a user with `sudo -n`.

A script and its input travel by standard input, so no argument list on the host ever shows what they hold. Reading may be
repeated after a lost connection; a write is never handed over twice.
"""

from __future__ import annotations

import asyncio
import hashlib
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from strata.clients import host_script
from strata.clients.host_target import Answer, ConnectionLost, Target
from strata.deadline import Clock, Deadline
from strata.errors import Failed, TimedOut

DEFAULT_SECONDS: Final = 120.0
"""How long a script may run when no deadline is given."""


class CommandFailed(Failed):
    """A script ended with an exit code other than 0; `stderr` is all that it said."""

    def __init__(self, message: str, exit_code: int, stderr: str) -> None:
        super().__init__(message)
        self.exit_code = exit_code
        self.stderr = stderr


class FileChanged(Failed):
    """The file is not as it was when it was read."""


@dataclass(frozen=True)
class HostFile:
    """A file as it was read: `path` with symbolic links followed, `mode` as in `0640`, `sha256` of the content in hex."""

    path: str
    content: bytes
    mode: str
    owner: str
    group: str
    sha256: str


class HostClient:
    """One host of the stack file."""

    def __init__(
        self,
        name: str,
        address: str,
        port: int,
        user: str,
        private_key: str,
        host_key: str,
        clock: Clock | None = None,
    ) -> None:
        from strata.clients.host_connection import Connection  # a run without hosts does without SSH

        self.name = name
        self._target = Target(name, address, port, user, private_key, host_key)
        self._connection = Connection(self._target)
        self._clock = clock or Clock()
        self._editing = asyncio.Lock()

    def __repr__(self) -> str:
        return f"HostClient({self._target})"

    async def run(
        self, script: str, *, doing: str, input: bytes | None = None, deadline: Deadline | None = None
    ) -> bytes:
        """What a shell script, run as root, prints; it ends at its first failing command (`set -eu`).

        doing: what it is for, as `mounting /glance/images`. Raises CommandFailed, TimedOut, Unreachable.
        """
        try:
            return await self._run(script, input or b"", doing, deadline)
        except ConnectionLost as error:
            if error.sent:
                raise
            # The connection had died unnoticed and nothing was handed over: a new one may carry it.
            return await self._run(script, input or b"", doing, deadline)

    async def read(
        self, script: str, *, doing: str, input: bytes | None = None, deadline: Deadline | None = None
    ) -> bytes:
        """`run` for a script that only reads: it is repeated once when the connection is lost on the way."""
        try:
            return await self.run(script, doing=doing, input=input, deadline=deadline)
        except ConnectionLost:
            return await self.run(script, doing=doing, input=input, deadline=deadline)

    async def read_parts(
        self, parts: Mapping[str, str], *, doing: str, before: str = "", deadline: Deadline | None = None
    ) -> dict[str, bytes]:
        """Several reads in one round trip: name -> what that piece of script printed, its failure let pass.

        before: a piece of script that sets variables for all of them.
        """
        mark = host_script.new_mark()
        printed = await self.read(host_script.in_parts(parts, mark, before), doing=doing, deadline=deadline)
        return host_script.parts_of(printed, mark)

    async def read_file(self, path: str) -> HostFile | None:
        """The file, symbolic links followed, or None where there is none."""
        doing = f"reading {path}"
        printed = await self.read(host_script.READ_FILE.format(path=shlex.quote(path)), doing=doing)
        if not printed:
            return None
        head, _, content = printed.partition(b"\n")
        mode, owner, group, real = head.decode("utf-8", "surrogateescape").split(" ", 3)
        return HostFile(real, content, mode.zfill(4), owner, group, hashlib.sha256(content).hexdigest())

    async def replace_file(
        self,
        path: str,
        old_sha256: str | None,
        content: bytes,
        doing: str,
        *,
        backup: bool = True,
        deadline: Deadline | None = None,
    ) -> None:
        """Put new content into a file at one stroke: mode, owner and extended attributes stay, links are followed.

        old_sha256: of the content that was read; None when there was no file. Raises FileChanged when it is otherwise by now.
        backup: leave the first state that Strata ever found as `PATH.strata-backup`; later edits never overwrite it.
        """
        script = host_script.REPLACE_FILE.format(
            path=shlex.quote(path),
            old=old_sha256 or "none",
            new=hashlib.sha256(content).hexdigest(),
            backup="yes" if backup else "no",
        )
        try:
            await self.run(script, doing=doing, input=content, deadline=deadline)
        except CommandFailed as error:
            if error.exit_code != host_script.CHANGED:
                raise
            raise FileChanged(
                f"{path} on host {self.name} was changed by somebody else while Strata was {doing}. Repeat."
            ) from error

    async def edit_file(
        self,
        path: str,
        edit: Callable[[bytes], bytes],
        doing: str,
        *,
        backup: bool = True,
        deadline: Deadline | None = None,
    ) -> bool:
        """Read, `edit` (pure; a missing file is empty) and replace; repeated when somebody else came in between.

        Returns whether anything had to change. Edits of one host never overlap.
        """
        async with self._editing:
            for attempt in range(3):
                file = await self.read_file(path)
                before = file.content if file else b""
                after = edit(before)
                if after == before:
                    return False
                try:
                    await self.replace_file(
                        path, file.sha256 if file else None, after, doing, backup=backup, deadline=deadline
                    )
                    return True
                except FileChanged:
                    if attempt == 2:
                        raise
        raise AssertionError("unreachable")

    async def close(self) -> None:
        """End the connection."""
        await self._connection.close()

    async def _run(self, script: str, input: bytes, doing: str, deadline: Deadline | None) -> bytes:
        deadline = deadline or Deadline(DEFAULT_SECONDS, self._clock)
        command, stdin = host_script.command(script, sudo=self._target.user != "root")
        try:
            async with asyncio.timeout(deadline.remaining()):
                answer = await self._connection.execute(command, stdin + input)
        except TimeoutError as error:
            raise TimedOut(
                f"{_sentence_case(doing)} on host {self.name} was not over after {deadline.seconds:g} s and may still be "
                "going on there. Look at the host, or raise the time under `timeouts` in the stack file, and repeat."
            ) from error
        if answer.exit_code != 0:
            raise self._failure(answer, doing)
        return answer.stdout

    def _failure(self, answer: Answer, doing: str) -> Failed:
        lines = [line.strip() for line in answer.stderr.splitlines() if line.strip()]
        if self._target.user != "root" and any(line.startswith("sudo: ") for line in lines):
            refusal = next(line for line in lines if line.startswith("sudo: ")).removeprefix("sudo: ")
            return Failed(
                f"User {self._target.user} may not use sudo without a password on host {self.name} ({refusal}). Allow it there, "
                f"`{self._target.user} ALL=(root) NOPASSWD: ALL` in a file under /etc/sudoers.d, or log in as root."
            )
        said = f": {lines[-1]}" if lines else ""
        return CommandFailed(
            f"{_sentence_case(doing)} on host {self.name} failed with exit code {answer.exit_code}{said}",
            answer.exit_code,
            answer.stderr,
        )


def _sentence_case(text: str) -> str:
    return text[:1].upper() + text[1:]
