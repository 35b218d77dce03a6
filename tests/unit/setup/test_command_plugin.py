"""The stand-in for the plugin of pulumi-command is there exactly where the official one is not."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from tools.setup.checkout import Checkout
from tools.setup.command_plugin import PROGRAM, CommandPlugin
from tools.setup.progress import Progress


@pytest.fixture
def step(tmp_path: Path) -> CommandPlugin:
    """A checkout with an empty environment; the engine's folder and PATH hold no plugin."""
    checkout = Checkout(tmp_path / "checkout")
    checkout.stamps.mkdir(parents=True)
    checkout.bin.mkdir()
    return CommandPlugin(checkout, path=str(checkout.bin), home=tmp_path / "home")


def _run(step: CommandPlugin) -> str:
    return step.run(Progress(1, io.StringIO()))


def _executable(path: Path, text: str = "official") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


def test_stand_in_is_put_where_there_is_none_and_once(step: CommandPlugin) -> None:
    assert step.finished() is None
    assert "stand-in" in _run(step)
    assert "tools.command" in (step.checkout.bin / PROGRAM).read_text()
    assert step.finished() == "the stand-in of tools/command"


def test_stand_in_of_a_moved_checkout_is_written_again(step: CommandPlugin) -> None:
    _executable(step.checkout.bin / PROGRAM, "#!/bin/sh\n# tools.command.__main__ of another folder\n")
    assert step.finished() is None


def test_official_plugin_of_the_engine_is_left_alone(step: CommandPlugin) -> None:
    official = _executable(step.home / "plugins" / "resource-command-v1.2.1" / PROGRAM)
    assert step.finished() == f"the official one, {official.parent}"


def test_stand_in_goes_when_the_official_one_has_come_because_path_would_win(step: CommandPlugin) -> None:
    _run(step)
    _executable(step.home / "plugins" / "resource-command-v1.2.1" / PROGRAM)
    assert step.finished() is None
    assert "removed" in _run(step)
    assert not (step.checkout.bin / PROGRAM).exists()
    assert (step.finished() or "").startswith("the official one")


def test_official_plugin_on_path_counts_and_one_of_another_checkout_does_not(
    step: CommandPlugin, tmp_path: Path
) -> None:
    other = tmp_path / "other" / ".venv"
    (other / "set-up").mkdir(parents=True)
    _executable(other / "bin" / PROGRAM)
    on_path = CommandPlugin(step.checkout, path=str(other / "bin"), home=step.home)
    assert on_path.finished() is None
    official = _executable(tmp_path / "usr" / "bin" / PROGRAM)
    on_path = CommandPlugin(step.checkout, path=str(official.parent), home=step.home)
    assert on_path.finished() == f"the official one, {official}"
