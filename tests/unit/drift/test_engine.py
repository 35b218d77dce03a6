"""How the engine is called; a program in its place writes down what it was asked."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from strata.drift.engine import Pulumi
from strata.errors import Failed

PROGRAM = f"""\
#!{sys.executable}
import json, os, signal, sys, time
from pathlib import Path
here = Path(__file__).parent
if (here / "deaf").exists():
    signal.signal(signal.SIGINT, lambda *_: (here / "interrupted").write_text("yes"))
    if plugin := os.fork():
        (here / "started").write_text(str(plugin))
    else:
        os.setpgid(0, 0)
    while True:
        time.sleep(0.02)
if (here / "hang").exists():
    def interrupted(*_):
        (here / "interrupted").write_text("yes")
        sys.exit(1)
    signal.signal(signal.SIGINT, interrupted)
    (here / "started").write_text("yes")
    # No signal.pause(): one that came right before it would never be heard.
    while True:
        time.sleep(0.02)
names = [name for name in os.environ if name.startswith("PULUMI_")]
print(json.dumps({{"arguments": sys.argv[1:], "folder": os.getcwd(), **{{name: os.environ[name] for name in names}}}}))
print("a word", file=sys.stderr)
sys.exit(7)
"""


@pytest.fixture
def bin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "pulumi").write_text(PROGRAM)
    (folder / "pulumi").chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))
    return folder


async def test_the_preview_reads_what_is_there_and_has_the_program_s_connections(
    bin: Path, tmp_path: Path
) -> None:
    ran = await Pulumi(tmp_path).preview("tokyo")
    asked = json.loads(ran.stdout)
    assert asked["arguments"][:5] == ["preview", "--refresh", "--run-program", "--stack", "tokyo"]
    assert "--json" in asked["arguments"]
    assert asked["folder"] == str(tmp_path)
    assert asked["PULUMI_ENABLE_STREAMING_JSON_PREVIEW"] == "true"
    assert asked["PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION"] == "true"
    assert (ran.code, ran.stderr) == (7, "a word\n")


async def test_the_refresh_is_only_a_preview(bin: Path, tmp_path: Path) -> None:
    asked = json.loads((await Pulumi(tmp_path).refresh("tokyo")).stdout)["arguments"]
    assert asked[:4] == ["refresh", "--preview-only", "--stack", "tokyo"]
    assert "--yes" not in asked


async def test_without_an_engine_a_sentence_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Failed, match="isn't on PATH"):
        await Pulumi(tmp_path).preview("tokyo")


async def test_an_interrupt_ends_the_engine_and_waits_for_it(bin: Path, tmp_path: Path) -> None:
    (bin / "hang").touch()
    task = asyncio.create_task(Pulumi(tmp_path).preview("tokyo"))
    await appears(bin / "started")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (bin / "interrupted").exists()
    assert os.environ["PATH"] == str(bin)


async def test_an_engine_that_is_only_just_starting_is_ended_too(
    bin: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (bin / "hang").touch()
    start, running, known = asyncio.create_subprocess_exec, asyncio.Event(), asyncio.Event()

    async def slowly(*words: Any, **more: Any) -> asyncio.subprocess.Process:
        process = await start(*words, **more)
        await appears(bin / "started")
        running.set()
        await known.wait()
        return process

    monkeypatch.setattr(asyncio, "create_subprocess_exec", slowly)
    task = asyncio.create_task(Pulumi(tmp_path).preview("tokyo"))
    await running.wait()
    task.cancel()
    await asyncio.sleep(0)
    known.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (bin / "interrupted").exists()


async def test_a_second_interrupt_ends_what_the_first_did_not_with_all_that_it_started(
    bin: Path, tmp_path: Path
) -> None:
    """The engine gives each plugin a process group of its own."""
    (bin / "deaf").touch()
    task = asyncio.create_task(Pulumi(tmp_path).preview("tokyo"))
    plugin = Path("/proc", await appears(bin / "started"))
    task.cancel()
    await appears(bin / "interrupted")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await goes(plugin)


async def appears(file: Path) -> str:
    return await until(lambda: file.read_text() if file.exists() else "")


async def goes(process: Path) -> None:
    await until(lambda: not process.exists() or "\nState:\tZ" in (process / "status").read_text())


async def until(what: Callable[[], Any]) -> Any:
    async with asyncio.timeout(30):
        while not (found := what()):
            await asyncio.sleep(0.01)
    return found
