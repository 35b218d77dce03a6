"""Output as it is gathered, files as they are chosen, and connections as they are tried again."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from strata.errors import Failed, Unreachable
from tools.command import local_run
from tools.command.actions import create
from tools.command.output import Output
from tools.command.properties import LOCAL_COMMAND
from tools.command.remote_connection import Says, connected


class Heard:
    """Everything that was said, and every pause that was asked for."""

    def __init__(self) -> None:
        self.progress: list[str] = []
        self.warnings: list[str] = []
        self.pauses: list[float] = []
        self.says = Says(self._progress, self._warning, self._sleep)

    async def _progress(self, line: str) -> None:
        self.progress.append(line)

    async def _warning(self, line: str) -> None:
        self.warnings.append(line)

    async def _sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)


async def test_lines_are_logged_when_they_are_whole() -> None:
    heard = Heard()
    output = Output(heard.says.progress)
    for chunk in (b"on", b"e\ntw", b"o\n\nlast", b""):
        await output.take("stdout", chunk)
    assert heard.progress == ["one", "two", "", "last"]
    assert output.texts() == {"stdout": "one\ntwo\n\nlast", "stderr": ""}


async def test_one_trailing_line_feed_goes_and_no_more() -> None:
    output = Output(Heard().says.progress)
    await output.take("stdout", b"a\n\n")
    assert output.texts()["stdout"] == "a\n"


@pytest.mark.parametrize(
    ("patterns", "chosen", "because"),
    [
        (["*.js"], ["top.js"], "one star stays in its folder"),
        (["**.js"], ["src/a.js", "src/secret.js", "top.js"], "two stars do not"),
        (["src/**", "!**secret.*"], ["src/a.js"], "an exclusion after the inclusion"),
        (["!**secret.*", "src/**"], ["src/a.js", "src/secret.js"], "the last that fits decides"),
        (["nothing"], [], "a name that is not there"),
    ],
)
def test_files_are_chosen_by_patterns_in_their_order(
    patterns: list[str], chosen: list[str], because: str
) -> None:
    assert local_run.matching(["src/a.js", "src/secret.js", "top.js"], patterns) == chosen, because


async def test_missing_directory_is_a_sentence() -> None:
    with pytest.raises(Failed, match=r"local\.Command c could not be started .* in /nowhere"):
        await create(LOCAL_COMMAND, "c", {"create": "true", "dir": "/nowhere"}, Heard().says)


async def test_cancelled_command_is_ended_and_says_so(tmp_path: Path) -> None:
    heard = Heard()
    started = asyncio.Event()

    async def progress(line: str) -> None:
        started.set()

    says = Says(progress, heard.says.warning)
    running = asyncio.ensure_future(
        create(LOCAL_COMMAND, "c", {"create": "echo on; exec cat < /dev/zero > /dev/null"}, says)
    )
    await started.wait()
    running.cancel()
    with pytest.raises(Failed, match="was cancelled"):
        await running


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


async def _connect(to: dict[str, Any], heard: Heard) -> None:
    async with connected("remote.Command c", to, heard.says):
        raise AssertionError("nobody should answer")


async def test_dialling_pauses_longer_each_time_and_ends_at_the_limit() -> None:
    heard = Heard()
    with pytest.raises(Unreachable, match="after 4 failed attempts"):
        await _connect({"host": "127.0.0.1", "port": _free_port(), "dialErrorLimit": 3.0}, heard)
    assert heard.pauses == pytest.approx([0.1, 0.15, 0.225])
    assert heard.progress == [f"Dial {number}/3 failed: retrying" for number in (1, 2, 3)]


@pytest.mark.parametrize(
    ("more", "warned", "because"),
    [
        ({}, 1, "nobody knows who answers"),
        (
            {"hostKey": asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode()},
            0,
            "the key is known",
        ),
    ],
)
async def test_missing_host_key_is_warned_of(more: dict[str, str], warned: int, because: str) -> None:
    heard = Heard()
    with pytest.raises(Unreachable):
        await _connect({"host": "127.0.0.1", "port": _free_port(), "dialErrorLimit": 0.0, **more}, heard)
    assert len(heard.warnings) == warned, because


async def test_broken_private_key_is_refused_without_quoting_it() -> None:
    with pytest.raises(Failed) as refused:
        await _connect({"host": "127.0.0.1", "privateKey": "canary-in-a-key"}, Heard())
    assert "privateKey" in str(refused.value)
    assert "canary" not in str(refused.value)
    assert refused.value.__cause__ is None


async def test_broken_host_key_is_refused_before_anything_is_dialled() -> None:
    heard = Heard()
    with pytest.raises(Failed, match="hostKey"):
        await _connect({"host": "127.0.0.1", "hostKey": "no key"}, heard)
    assert heard.pauses == []
