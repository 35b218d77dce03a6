"""What is in no stack is in the report of every format, is no drift, and what can't be told of it is never silence."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from strata.adoption import unmanaged as adoption
from strata.adoption.unmanaged import Found, Unmanaged
from strata.cli import drift as command
from strata.cli.main import main
from strata.drift.formats.as_json import as_json
from strata.drift.formats.junit import junit
from strata.drift.formats.markdown import markdown
from strata.drift.formats.sarif import sarif
from strata.drift.formats.table import table
from strata.drift.report import Report
from strata.errors import Failed
from strata.stackfile import StackFile
from tests.unit.drift.recordings import STACK_FILE
from tests.unit.drift.reports import CLEAN, EVERYTHING, STRAYS
from tests.unit.drift.test_drift_command import Engine

SENTENCE = "ontap volume demo-nfs-svm/loose (id cluster01/1d4a) is in no stack"
LOOSE = Unmanaged("ontap", "volume", "cluster01/1d4a", "demo-nfs-svm/loose")


@pytest.mark.parametrize("form", [table, junit, markdown, sarif])
def test_every_format_names_it(form: Callable[[Report], str]) -> None:
    assert SENTENCE in form(STRAYS)
    assert "demo-nfs-svm" not in form(CLEAN)


def test_the_json_tells_nothing_found_from_nothing_asked() -> None:
    def of(report: Report) -> list[Any]:
        return [stack["unmanaged"] for stack in json.loads(as_json(report))["stacks"]]

    assert of(CLEAN) == [None]
    ((loose,),) = of(STRAYS)
    assert loose == {
        "system": "ontap",
        "kind": "volume",
        "id": "cluster01/1d4a",
        "name": "demo-nfs-svm/loose",
    }


def test_it_is_a_class_of_its_own_and_no_drift() -> None:
    assert (STRAYS.exit_code, STRAYS.summary) == (0, "1 stack: 1 as declared.")
    (suite,) = ElementTree.fromstring(junit(STRAYS))
    assert (suite.get("failures"), suite.get("errors"), suite.get("skipped")) == ("0", "0", "1")
    (result,) = json.loads(sarif(STRAYS))["runs"][0]["results"]
    assert (result["ruleId"], result["level"]) == ("unmanaged", "note")
    assert "As declared: osaka." in markdown(STRAYS)


def test_a_name_of_others_commands_no_terminal() -> None:
    assert "\x1b" not in table(EVERYTHING)
    assert "\\u001b[31mzone" in table(EVERYTHING)


Asked = list[tuple[StackFile, Sequence[StackFile]]]


class Systems:
    """What exists, without any system: what a look is told and what it was asked."""

    def __init__(self) -> None:
        self.found = Found([LOOSE])
        self.asked: Asked = []

    async def unmanaged(self, stack: StackFile, connections: object, others: Sequence[StackFile]) -> Found:
        self.asked.append((stack, others))
        return self.found


@pytest.fixture
def systems(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Systems:
    """A project with two stacks, of which osaka has drifted."""
    (tmp_path / "Pulumi.yaml").touch()
    (tmp_path / "stacks").mkdir()
    for stack in ("osaka", "tokyo"):
        (tmp_path / "stacks" / f"Pulumi.{stack}.yaml").write_text(STACK_FILE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(command, "Pulumi", lambda project: Engine())
    systems = Systems()
    monkeypatch.setattr(adoption, "unmanaged", systems.unmanaged)
    return systems


def stacks(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    return {one["stack"]: one for one in json.loads(capsys.readouterr().out)["stacks"]}


@pytest.mark.parametrize(
    ("arguments", "code", "because"),
    [
        (["tokyo"], 0, "what is in no stack is no drift"),
        (["osaka"], 7, "it hides no drift either"),
        (["--all"], 7, "one of them has drifted"),
    ],
)
def test_the_exit_code_stays(arguments: list[str], code: int, because: str, systems: Systems) -> None:
    assert main(["drift", *arguments, "--unmanaged"]) == code, because
    assert systems.asked


def test_nothing_is_asked_without_the_option(systems: Systems, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["drift", "tokyo", "--format", "json"]) == 0
    assert systems.asked == []
    assert stacks(capsys)["tokyo"]["unmanaged"] is None


def test_a_system_that_does_not_answer_is_not_silence(
    systems: Systems, capsys: pytest.CaptureFixture[str]
) -> None:
    systems.found.troubles.append("ONTAP cluster cluster02 cannot be reached.")
    assert main(["drift", "tokyo", "--unmanaged", "--format", "json"]) == 1
    told = stacks(capsys)["tokyo"]
    assert told["status"] == "could not tell"
    (trouble,) = told["troubles"]
    assert (
        trouble["message"]
        == "What is in no stack could not be told: ONTAP cluster cluster02 cannot be reached."
    )
    assert [one["name"] for one in told["unmanaged"]] == ["demo-nfs-svm/loose"], "the others are told"


def test_secrets_that_can_not_be_decrypted_are_not_silence(
    systems: Systems, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused(*arguments: object) -> None:
        raise Failed("The secrets of stack tokyo could not be decrypted.")

    monkeypatch.setattr("strata.verify.configuration.connections", refused)
    assert main(["drift", "tokyo", "--unmanaged", "--format", "json"]) == 1
    told = stacks(capsys)["tokyo"]
    assert "could not be decrypted" in told["troubles"][0]["message"]
    assert told["unmanaged"] is None


def test_the_other_stacks_of_the_project_are_asked_too(systems: Systems) -> None:
    main(["drift", "tokyo", "--unmanaged"])
    ((_, others),) = systems.asked
    assert len(others) == 1, "osaka, which was not named"


def test_another_stack_file_that_can_not_be_read_is_said(
    systems: Systems, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("stacks/Pulumi.osaka.yaml").write_text("config: {strata:ontap: 7}\n")
    assert main(["drift", "tokyo", "--unmanaged", "--format", "json"]) == 0
    (note,) = stacks(capsys)["tokyo"]["notes"]
    assert note.startswith("The stack file of osaka can't be read: ")
