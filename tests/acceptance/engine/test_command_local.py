"""`command.local.Command` through the real engine, with whichever plugin is there (command_site.py says how to choose)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.acceptance.engine.command_site import Commands
from tests.acceptance.engine.site import happens


@pytest.fixture
def commands(tmp_path: Path) -> Commands:
    return Commands.make(tmp_path / "project")


def test_state_holds_inputs_with_the_default_and_outputs_without_a_line_feed(commands: Commands) -> None:
    commands.declare(c=("local", {"create": "echo out; echo; echo err >&2"}))
    commands.project.up()
    state = commands.state("c")
    inputs = {"addPreviousOutputInEnv": True, "create": "echo out; echo; echo err >&2"}
    assert state["inputs"] == inputs
    assert state["outputs"] == {**inputs, "stdout": "out\n", "stderr": "err"}
    assert re.fullmatch(r"c[0-9a-f]{8}", state["id"])
    assert state["type"] == "command:local:Command"


def test_second_run_does_nothing_and_a_refresh_finds_nothing(commands: Commands) -> None:
    log = commands.project.folder / "log"
    commands.declare(c=("local", {"create": f"echo run >> {log}"}))
    commands.project.up()
    commands.project.preview("--expect-no-changes")
    commands.project.drift(expect=0)
    commands.project.up()
    assert log.read_text() == "run\n"


def test_changed_create_runs_again_in_place(commands: Commands) -> None:
    commands.declare(c=("local", {"create": "echo one"}))
    commands.project.up()
    id = commands.state("c")["id"]
    commands.declare(c=("local", {"create": "echo two"}))
    assert commands.changes("c") == ("update", {"create": "update"})
    commands.project.up()
    assert commands.state("c")["id"] == id
    assert commands.outputs()["c"]["stdout"] == "two"


def test_update_command_is_run_in_place_of_create_and_sees_what_was_printed(commands: Commands) -> None:
    commands.declare(c=("local", {"create": "echo one", "update": "echo after $PULUMI_COMMAND_STDOUT"}))
    commands.project.up()
    again = {"create": "echo one", "update": "echo after $PULUMI_COMMAND_STDOUT", "stdin": "x"}
    commands.declare(c=("local", again))
    assert commands.changes("c") == ("update", {"stdin": "add"})
    commands.project.up()
    assert commands.outputs()["c"]["stdout"] == "after one"


def test_previous_output_stays_out_of_the_environment_on_demand(commands: Commands) -> None:
    args = {
        "create": "echo one",
        "update": "echo after $PULUMI_COMMAND_STDOUT",
        "add_previous_output_in_env": False,
    }
    commands.declare(c=("local", args))
    commands.project.up()
    commands.declare(c=("local", {**args, "stdin": "x"}))
    commands.project.up()
    assert commands.outputs()["c"]["stdout"] == "after"


def test_delete_is_run_with_the_last_output_and_only_then(commands: Commands) -> None:
    log = commands.project.folder / "log"
    commands.declare(
        c=("local", {"create": "echo one", "delete": f"echo bye $PULUMI_COMMAND_STDOUT > {log}"})
    )
    commands.project.up()
    assert not log.exists()
    commands.project.destroy()
    assert log.read_text() == "bye one\n"


def test_changed_trigger_replaces_whether_there_is_an_update_command_or_not(commands: Commands) -> None:
    args = {"create": "echo made", "update": "echo updated", "triggers": ["one", {"two": 2}]}
    commands.declare(c=("local", args))
    commands.project.up()
    id = commands.state("c")["id"]
    commands.declare(c=("local", {**args, "triggers": ["other", {"two": 2}]}))
    shown = commands.project.preview().output
    assert "triggers" in shown
    assert "1 to replace" in shown
    commands.project.up()
    assert commands.state("c")["id"] != id
    assert commands.outputs()["c"]["stdout"] == "made"


def test_environment_changes_are_shown_by_variable(commands: Commands) -> None:
    args = {"create": "echo $A$B", "environment": {"A": "1", "B": "2"}}
    commands.declare(c=("local", args))
    commands.project.up()
    assert commands.outputs()["c"]["stdout"] == "12"
    commands.declare(c=("local", {**args, "environment": {"A": "1", "B": "3", "C": "4"}}))
    assert commands.changes("c") == ("update", {"environment.B": "update", "environment.C": "add"})


def test_stdin_interpreter_and_directory(commands: Commands, tmp_path: Path) -> None:
    args = {
        "create": "import sys, os; print(sys.stdin.read() + os.getcwd())",
        "stdin": "in ",
        "dir": str(tmp_path),
    }
    commands.declare(c=("local", {**args, "interpreter": ["python3", "-c"]}))
    commands.project.up()
    assert commands.outputs()["c"]["stdout"] == f"in {tmp_path}"


def test_without_a_directory_it_is_the_project(commands: Commands) -> None:
    commands.declare(c=("local", {"create": "pwd"}))
    commands.project.up()
    assert commands.outputs()["c"]["stdout"] == str(commands.project.folder)


def test_failing_create_is_a_failed_resource_with_status_and_words(commands: Commands) -> None:
    commands.declare(c=("local", {"create": "echo partly; echo why >&2; exit 3"}))
    failed = commands.project.up(expect=1)
    assert "exit status 3" in failed.output
    assert "why" in failed.output
    assert "corrupt" not in failed.output
    assert [
        each["type"] for each in commands.project.resources() if each["type"].startswith("command:")
    ] == []


def test_failing_update_keeps_the_old_state(commands: Commands) -> None:
    commands.declare(c=("local", {"create": "echo one"}))
    commands.project.up()
    commands.declare(c=("local", {"create": "exit 4"}))
    assert "exit status 4" in commands.project.up(expect=1).output
    assert commands.state("c")["outputs"]["create"] == "echo one"
    assert commands.changes("c") == ("update", {"create": "update"})


def test_preview_runs_nothing_and_does_not_know_the_output(commands: Commands) -> None:
    log = commands.project.folder / "log"
    commands.declare(c=("local", {"create": f"echo run | tee {log}"}))
    shown = commands.project.preview().output
    assert not log.exists()
    assert "[unknown]" in shown


def test_secret_input_is_sealed_in_the_state(commands: Commands) -> None:
    commands.declare(
        c=(
            "local",
            {"create": "cat", "stdin": "canary-1", "logging": "none"},
            {"secret": ["stdin"], "additional_secret_outputs": ["stdout"]},
        )
    )
    ran = commands.project.up()
    assert "canary-1" not in ran.output
    state = commands.state("c")
    assert "ciphertext" in state["inputs"]["stdin"]
    assert "ciphertext" in state["outputs"]["stdout"]
    assert commands.outputs()["c"]["stdout"] == "canary-1"
    commands.project.preview("--expect-no-changes")


@pytest.mark.parametrize(
    ("logging", "shown", "because"),
    [
        (None, {"to-out", "to-err"}, "both are logged unless something else is declared"),
        ("stdout", {"to-out"}, "stderr is kept out"),
        ("stderr", {"to-err"}, "stdout is kept out"),
        ("none", set(), "nothing is logged"),
    ],
)
def test_logging_says_which_stream_is_shown(
    commands: Commands, logging: str | None, shown: set[str], because: str
) -> None:
    args = {"create": "printf 'to-%s\\n' out; printf 'to-%s\\n' err >&2"}
    commands.declare(c=("local", args | ({"logging": logging} if logging else {})))
    lines = commands.project.pulumi("up", "--yes", "--skip-preview", "--suppress-outputs").output
    assert {word for word in ("to-out", "to-err") if word in lines} == shown, because
    assert set(commands.outputs()["c"].values()) == {"to-out", "to-err"}


def test_files_are_returned_as_assets(commands: Commands, tmp_path: Path) -> None:
    folder = tmp_path / "made"
    (folder / "sub").mkdir(parents=True)
    args = {"create": "echo a > a.txt; echo b > sub/b.txt; echo c > secret.txt", "dir": str(folder)}
    commands.declare(c=("local", {**args, "asset_paths": ["**.txt", "!secret.*"]}))
    commands.project.up()
    assert commands.outputs()["c assets"] == ["a.txt", "sub/b.txt"]
    assets = commands.state("c")["outputs"]["assets"]
    assert assets["a.txt"]["hash"] == "87428fc522803d31065e7bce3cf03fe475096631e5e07bbd7a0fde60c4cf25c7"


def test_run_runs_every_time_previews_too(commands: Commands) -> None:
    log = commands.project.folder / "log"
    (commands.project.folder / "run.json").write_text(f'{{"command": "echo run >> {log}; echo ran"}}')
    commands.project.preview()
    commands.project.up()
    assert log.read_text() == "run\nrun\n"
    assert commands.outputs()["run"] == "ran"


def test_wrong_type_is_refused_before_anything_is_run(commands: Commands) -> None:
    commands.declare(c=("local", {"create": "true", "environment": "no map"}))
    assert "environment" in commands.project.up(expect=1).output


def test_interrupted_run_ends_the_command_and_says_so(commands: Commands) -> None:
    folder = commands.project.folder
    commands.declare(c=("local", {"create": f"echo $$ > {folder}/pid; exec sleep 600"}))
    running = commands.project.start(
        "pulumi", "up", "--yes", "--skip-preview", "--non-interactive", "--color", "never"
    )
    try:
        happens(lambda: (folder / "pid").exists() and (folder / "pid").read_text().strip())
        running.interrupt()
        ended = running.end(timeout=30)
    finally:
        running.kill()
    assert ended.code != 0
    pid = (folder / "pid").read_text().strip()
    happens(lambda: not Path(f"/proc/{pid}").exists())
    assert all(each["type"] != "command:local:Command" for each in commands.project.resources())
