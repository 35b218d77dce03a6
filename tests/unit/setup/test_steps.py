"""How set-up goes through its steps, runs programs and shows progress; the programs are small stand-ins."""

from __future__ import annotations

import io
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tools.setup import __main__ as program
from tools.setup import commands, engine_official, machine
from tools.setup.progress import Progress
from tools.setup.refusal import SetupRefused


class Clock:
    """Seconds that pass only when told."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@dataclass
class StepDouble:
    title: str
    outcome: str | None
    runs: list[str] = field(default_factory=list)

    def finished(self) -> str | None:
        return self.outcome

    def run(self, progress: Progress) -> str:
        self.runs.append(self.title)
        return "made"


def test_finished_steps_are_named_and_skipped(tmp_path: Path) -> None:
    out = io.StringIO()
    steps = [StepDouble("packages", "all 13"), StepDouble("engine", None)]
    program.set_up(steps, Progress(2, out, Clock()), tmp_path)
    assert steps[0].runs == []
    assert steps[1].runs == ["engine"]
    assert out.getvalue().splitlines() == [
        "[1/2] packages: already there, all 13",
        "[2/2] engine …",
        "      done in 0 s: made",
    ]


def test_full_disk_does_not_stop_a_set_up_that_is_complete(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "DISK_NEEDED", 1 << 60)
    done, todo = StepDouble("packages", "all"), StepDouble("engine", None)
    program.set_up([done], Progress(1, io.StringIO(), Clock()), tmp_path)
    with pytest.raises(SetupRefused, match="free some space"):
        program.set_up([todo], Progress(1, io.StringIO(), Clock()), tmp_path)
    assert todo.runs == []


def test_log_gets_a_tick_every_ten_seconds() -> None:
    out, clock = io.StringIO(), Clock()
    progress = Progress(1, out, clock)
    progress.start("engine")
    for clock.now in range(25):
        progress.tick(f"compiled {clock.now}")
    assert out.getvalue().splitlines()[1:] == ["      compiled 10, 10 s", "      compiled 20, 20 s"]


def test_terminal_gets_every_tick_on_one_line_that_is_cleared_again() -> None:
    out = Terminal()
    progress = Progress(1, out, Clock())
    progress.start("engine")
    progress.tick("compiled 1")
    progress.tick("compiled 2")
    progress.done("built")
    assert out.getvalue().count("\n") == 2
    assert "\r\x1b[K      compiled 2, 0 s\r\x1b[K      done" in out.getvalue()


def python(source: str) -> list[str]:
    return [sys.executable, "-c", source]


def test_output_comes_line_by_line_with_errors_and_an_unfinished_last_line() -> None:
    lines: list[str] = []
    source = "import os; os.write(1, b'one\\ntw'); os.write(2, b'o\\n'); os.write(1, b'three')"
    assert commands.run(python(source), on_line=lines.append) == "one\ntwo\nthree"
    assert lines == ["one", "two", "three"]


def test_failure_carries_the_end_of_what_the_program_said() -> None:
    with pytest.raises(commands.CommandFailed) as failed:
        commands.run(python("print('\\n'.join(str(n) for n in range(99))); raise SystemExit(3)"))
    assert failed.value.ended == "ended with code 3"
    assert failed.value.answer.splitlines()[-1] == "98"
    assert len(failed.value.answer.splitlines()) == commands.LINES_KEPT


def test_program_that_is_not_there_fails_in_the_same_way() -> None:
    with pytest.raises(commands.CommandFailed, match="could not be started"):
        commands.run(["/nonexistent/program"])


def test_program_without_an_end_is_ended() -> None:
    with pytest.raises(commands.CommandFailed, match="had no end"):
        commands.run(
            python("import sys; sys.stdin = None; import threading; threading.Event().wait()"), limit=0
        )


def official(folder: Path, *, version: str = "v3.251.0", host: bool = True) -> Path:
    """A folder that holds an engine as the vendor's archive does."""
    folder.mkdir()
    for name in ["pulumi", "pulumi-language-go"] + (["pulumi-language-python"] if host else []):
        (folder / name).write_text(f"#!/bin/sh\necho {version}\n")
        (folder / name).chmod(0o755)
    return folder


def test_fitting_engine_on_path_is_found_and_linked(tmp_path: Path) -> None:
    vendor, own = official(tmp_path / "vendor"), tmp_path / "bin"
    own.mkdir()
    found = engine_official.on_path(f"/nonexistent:{vendor}", without=own)
    assert found == engine_official.Found("v3.251.0", vendor)
    for _ in range(2):
        engine_official.link(found, own)
    assert sorted(file.name for file in own.iterdir()) == ["pulumi", "pulumi-language-python"]
    assert (own / "pulumi").resolve() == vendor / "pulumi"


@pytest.mark.parametrize(
    ("version", "host", "own", "because"),
    [
        ("v3.200.0", True, "elsewhere", "it is too old"),
        ("v3.251.0", False, "elsewhere", "it could not run a Python program"),
        ("v3.251.0", True, "vendor", "what set-up itself installed is not a reason to keep it"),
    ],
)
def test_other_engines_are_passed_over(
    tmp_path: Path, version: str, host: bool, own: str, because: str
) -> None:
    vendor = official(tmp_path / "vendor", version=version, host=host)
    assert engine_official.on_path(str(vendor), without=tmp_path / own) is None, because


def test_engine_of_another_checkout_is_passed_over(tmp_path: Path) -> None:
    environment = tmp_path / "other" / ".venv"
    (environment / "set-up").mkdir(parents=True)
    vendor = official(environment / "bin")
    assert engine_official.on_path(str(vendor), without=tmp_path / "bin") is None
