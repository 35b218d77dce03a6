"""What `strata lab status` says of a lab that never ran, and of one whose guest is missing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lab.environment import ROOT, Lab
from lab.failures import LabFailure
from lab.folder import Wanted, command_line, names
from strata.cli.lab import journal
from strata.cli.main import main


def test_shape(tmp_path: Path) -> None:
    status = Lab("x", tmp_path).status()
    assert {"ontap", "nfs", "host", "glance", "swift", "cloudstack"} <= status.keys()
    for part in ("ontap", "nfs", "host", "glance", "swift", "cloudstack"):
        assert status[part]["running"] is False, part
    emulated = {part for part, each in status.items() if each.get("real") is False}
    assert emulated == {"ontap", "cloudstack"}, "everything else is a real server"
    assert {"url", "username", "password", "ca", "svm", "aggregate", "exports"} <= status["ontap"].keys()
    assert {"address", "port", "user", "key", "host_key"} <= status["host"].keys()
    json.dumps(status)


def test_a_lab_is_there_from_its_first_up_on(tmp_path: Path) -> None:
    assert names(tmp_path) == []
    for name in ("prod", "dev", "cache"):
        (tmp_path / ".lab" / name).mkdir(parents=True)
        (tmp_path / ".lab" / name / "lock").touch()
    (tmp_path / ".lab" / "begun").mkdir()
    assert names(tmp_path) == ["dev", "prod"], "the cache is no lab, nor is what no command has worked on"


def test_what_is_to_be_typed_names_the_lab() -> None:
    assert command_line("lab", "up") == "strata lab up"
    assert command_line("dev", "up") == "strata lab --name dev up"


def test_a_lab_that_is_down_says_how_it_comes_up(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lab", "--name", "never-made", "status"]) == 3
    said = capsys.readouterr().out.splitlines()
    assert said[0] == 'Lab "never-made" is down; `strata lab --name never-made up` starts it.'
    assert main(["lab", "--name", "never-made", "down"]) == 0
    assert capsys.readouterr().out.startswith('Nothing of lab "never-made" was running.')
    assert "never-made" not in names(ROOT), "a question makes no lab"


def test_exports_name_the_directory_behind_each_junction_path(tmp_path: Path) -> None:
    lab = Lab("x", tmp_path)
    lab.folder.ontap.mkdir(parents=True)
    (lab.folder.ontap / "exports.json").write_text('[{"junction_path": "/images", "directory": "/v/1"}]')
    assert lab.status()["ontap"]["exports"] == {"/images": "/v/1"}


def test_running_means_every_part_that_was_asked_for(tmp_path: Path) -> None:
    lab = Lab("x", tmp_path)
    assert not lab.running, "never started"
    lab.folder.path.mkdir(parents=True)
    lab.folder.wanted = Wanted(parts=("ontap",), guests=1)
    assert not lab.running, "asked for and not there"
    assert Lab("x", tmp_path).folder.wanted == Wanted(parts=("ontap",), guests=1)


@pytest.mark.parametrize(
    "asked",
    [
        {"parts": ("ontap", "swfit")},
        {"parts": ("ontap",), "guests": 3},
        {"parts": ("ontap",), "guests": 0},
        {"era": "stone"},
    ],
)
def test_what_there_is_not_is_refused_before_anything_starts(tmp_path: Path, asked: dict[str, Any]) -> None:
    with pytest.raises(LabFailure, match=r"there are|guests"):
        Lab("x", tmp_path).up(**asked)
    assert not (tmp_path / ".lab").exists()


def test_the_emulator_of_a_lab_that_is_down_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(LabFailure, match="strata lab --name x up"):
        Lab("x", tmp_path).ontap()


def test_a_wrong_name_is_a_sentence_and_exit_1(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lab", "--name", "No/No", "status"]) == 1
    assert 'cannot be called "No/No"' in capsys.readouterr().err


def test_the_name_may_stand_before_or_after_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["--name", "never-made", "status", "--json"], ["status", "--json", "--name", "never-made"]):
        assert main(["lab", *words]) == 3
        assert "/never-made/" in json.loads(capsys.readouterr().out)["ontap"]["ca"]


def entry(part: str, **fields: Any) -> dict[str, Any]:
    return {
        "part": part,
        "seq": 3,
        "time": 0,
        "method": "GET",
        "path": "/api/x",
        "query": {},
        "status": None,
        **fields,
    }


def test_journal_line() -> None:
    text = journal.line(entry("ontap", query={"a": "1"}))
    assert text.startswith("ontap ")
    assert text.endswith("lost  GET    /api/x?a=1")


def test_a_line_of_cloudstack_shows_the_command_and_neither_signature_nor_details() -> None:
    query = {
        "command": "addImageStore",
        "provider": "Swift",
        "apiKey": "***",
        "signature": "***",
        "response": "json",
    }
    query |= {
        "signatureVersion": "3",
        "expires": "soon",
        "details[0].key": "account",
        "details[0].value": "test",
    }
    text = journal.line(entry("cloudstack", method="POST", path="/client/api", query=query, status=200))
    assert text.endswith("200  POST   addImageStore?provider=Swift")


def test_two_journals_are_one_by_time() -> None:
    at = {"ontap": [1.0, 3.0], "cloudstack": [2.0]}
    merged = journal.merged(
        {part: [{"time": time, "seq": 1} for time in times] for part, times in at.items()}
    )
    assert [each["part"] for each in merged] == ["ontap", "cloudstack", "ontap"]


def test_the_journal_of_a_lab_that_is_down_is_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lab", "--name", "never-made", "journal"]) == 1
    assert "`strata lab --name never-made up` starts them" in capsys.readouterr().err
