"""The step for the lab's Swift: when it counts as done, and what it asks pip for; pip and venv are stand-ins."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from tools.setup import commands
from tools.setup.checkout import Checkout
from tools.setup.progress import Progress
from tools.setup.refusal import SetupRefused
from tools.setup.swift_environment import SwiftEnvironment


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    made = Checkout(tmp_path)
    made.swift_lock.parent.mkdir()
    made.swift_lock.write_text(
        "swift==2.38.3 \\\n    --hash=sha256:00\nsix==1.17.0 \\\n    --hash=sha256:00\n"
    )
    return made


@pytest.fixture
def ran(checkout: Checkout, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Every program that was run; making the environment leaves one that looks usable."""
    seen: list[list[str]] = []

    def run(argv: list[str], **_told: Any) -> str:
        seen.append(argv)
        if "venv" in argv:
            programs = checkout.swift / "bin"
            programs.mkdir(parents=True)
            (programs / "activate").write_text(f"VIRTUAL_ENV={checkout.swift}\n")
            (programs / "python").symlink_to("/bin/true")
        return ""

    monkeypatch.setattr(commands, "run", run)
    return seen


def _progress() -> Progress:
    return Progress(1, io.StringIO())


def test_it_is_made_once_and_made_again_for_another_lock(checkout: Checkout, ran: list[list[str]]) -> None:
    step = SwiftEnvironment(checkout)
    assert step.finished() is None
    assert step.run(_progress()) == step.finished() == "2 packages in .cache/swift"
    checkout.swift_lock.write_text("swift==2.39.0 \\\n    --hash=sha256:00\n")
    assert step.finished() is None
    ran.clear()
    step.run(_progress())
    assert not any("venv" in argv for argv in ran), "the environment itself was good"
    assert step.finished() == "1 packages in .cache/swift"


def test_nothing_comes_without_its_hash_or_as_a_source(checkout: Checkout, ran: list[list[str]]) -> None:
    """And into Swift's environment, not into Strata's."""
    SwiftEnvironment(checkout).run(_progress())
    pip = ran[-1]
    assert {"--require-hashes", "--no-deps", "--only-binary"} <= set(pip)
    assert pip[pip.index("--python") + 1] == str(checkout.swift)


def test_a_run_that_died_half_way_is_not_taken_for_done(
    checkout: Checkout, ran: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    step = SwiftEnvironment(checkout)
    step.run(_progress())

    def dies(argv: list[str], **_told: Any) -> str:
        raise commands.CommandFailed(argv, "ended with code 1", "no network")

    monkeypatch.setattr(commands, "run", dies)
    with pytest.raises(SetupRefused, match="as it installed OpenStack Swift: check the network"):
        step.run(_progress())
    assert step.finished() is None


def test_a_moved_checkout_makes_its_own(checkout: Checkout, ran: list[list[str]]) -> None:
    SwiftEnvironment(checkout).run(_progress())
    moved = checkout.root.with_name(checkout.root.name + "-moved")
    checkout.root.rename(moved)
    assert SwiftEnvironment(Checkout(moved)).finished() is None
