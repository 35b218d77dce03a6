"""`strata drift` as it is typed: exit codes, where the report goes, and what is wrong usage."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from strata.cli import drift as command
from strata.cli.main import main
from strata.drift.engine import Ran
from tests.unit.drift.recordings import STACK_FILE, recorded


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with two stacks, of which osaka has drifted."""
    (tmp_path / "Pulumi.yaml").touch()
    (tmp_path / "stacks").mkdir()
    for stack in ("osaka", "tokyo"):
        (tmp_path / "stacks" / f"Pulumi.{stack}.yaml").write_text(STACK_FILE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(command, "Pulumi", lambda project: Engine())
    return tmp_path


class Engine:
    """Osaka has drifted, everything else is as declared."""

    async def preview(self, stack: str) -> Ran:
        if stack == "down":
            return recorded("unreachable.preview", 1)
        return recorded("changed.preview" if stack == "osaka" else "clean.preview")

    async def refresh(self, stack: str) -> Ran:
        return recorded("unreachable.refresh", 1)


@pytest.mark.parametrize(
    ("arguments", "code", "because"),
    [
        (["tokyo"], 0, "nothing has moved"),
        (["osaka"], 7, "something has"),
        (["--all"], 7, "one of them has"),
        (["osaka", "down"], 1, "what could not be told comes first"),
        (["osaka", "--only", "ontap:Volume/images"], 7, "the volume has"),
        ([], 2, "nothing is named"),
        (["--all", "osaka"], 2, "one of the two"),
        (["kyoto"], 2, "there is no such stack file"),
        (["osaka", "--only", "Volum"], 2, "there is no such kind"),
    ],
)
def test_the_exit_code(arguments: list[str], code: int, because: str, project: Path) -> None:
    if "down" in arguments:
        (project / "stacks" / "Pulumi.down.yaml").write_text(STACK_FILE)
    assert main(["drift", *arguments]) == code, because


def test_the_report_is_alone_on_stdout(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["drift", "--all", "--format", "json"])
    printed = capsys.readouterr()
    assert [one["status"] for one in json.loads(printed.out)["stacks"]] == ["drifted", "as declared"]
    assert printed.err.splitlines().count("tokyo: as declared") == 1


@pytest.mark.parametrize("format", ["table", "json", "junit", "markdown", "sarif"])
def test_the_report_goes_to_a_file(format: str, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["drift", "--all", "--format", format, "--output", "report"]) == 7
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.splitlines()[-1] == "report: 2 stacks: 1 as declared, 1 drifted."
    assert "efficiency.dedupe" in (project / "report").read_text()


def test_one_look_is_written_in_several_forms(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    also = ["--also", "junit=drift.xml", "--also", "markdown=drift.md"]
    assert main(["drift", "osaka", "--format", "json", *also]) == 7
    assert json.loads(capsys.readouterr().out)["stacks"][0]["status"] == "drifted"
    assert (project / "drift.xml").read_text().startswith("<?xml")
    assert (project / "drift.md").read_text().startswith("### Drift: 1 stack: 1 drifted")


@pytest.mark.parametrize("also", ["junit", "junit=", "word=drift.doc"])
def test_another_form_is_named_with_its_file(
    also: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["drift", "osaka", "--also", also])
    assert ended.value.code == 2
    assert "FORMAT=FILE" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--output", "nowhere/report"], "nowhere/report: there is no folder nowhere"),
        (["--output", "stacks"], "stacks: that is a folder"),
        (
            ["--output", "report", "--also", "junit=nowhere/drift.xml"],
            "nowhere/drift.xml: there is no folder",
        ),
    ],
)
def test_a_report_that_can_not_be_written_is_refused_before_the_look(
    arguments: list[str], why: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["drift", "tokyo", *arguments]) == 2
    told = capsys.readouterr().err
    assert why in told
    assert "as declared" not in told, "what was found would be lost"
    assert not (project / "report").exists()


def test_the_second_night_knows_since_when(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["drift", "osaka", "--format", "json", "--output", "first.json", "--earlier", "none.json"])
    first = json.loads((project / "first.json").read_text())
    main(["drift", "osaka", "--format", "json", "--earlier", "first.json"])
    second = json.loads(capsys.readouterr().out)
    assert {one["since"] for one in second["stacks"][0]["findings"]} == {first["checked"]}


@pytest.mark.parametrize("number", ["0", "-1", "many"])
def test_how_many_at_a_time_is_a_number_from_one(
    number: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["drift", "--all", f"--parallel={number}"])
    assert ended.value.code == 2
    assert f"{number} is no number from 1" in capsys.readouterr().err
