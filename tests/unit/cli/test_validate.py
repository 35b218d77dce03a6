"""`strata validate` as an operator and as a program calls it."""

from __future__ import annotations

import json
import shutil
import socket
from pathlib import Path

import pytest

from strata.cli.main import main

PROJECT = Path(__file__).parents[3]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with one good and one bad stack, in which the test stands."""
    (tmp_path / "Pulumi.yaml").write_text("name: strata\nruntime: python\n")
    (tmp_path / "stacks").mkdir()
    shutil.copy(PROJECT / "stacks" / "Pulumi.lab.yaml", tmp_path / "stacks")
    (tmp_path / "stacks" / "Pulumi.osaka.yaml").write_text("config:\n  strata:mount: {}\nconfg: 1\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_committed_stacks_are_good(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(PROJECT)
    assert main(["validate", "lab", "tokyo"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "stacks/Pulumi.lab.yaml: good (2 volumes, 2 mounts, 1 Glance host, 1 Swift account, 1 CloudStack zone)",
        (
            "stacks/Pulumi.tokyo.yaml: good (2 shared export policies, 5 volumes, 5 mounts, 2 Glance hosts, "
            "2 Swift accounts, 2 CloudStack zones)"
        ),
    ]


def test_all_stacks_when_none_is_named(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate"]) == 2
    said = capsys.readouterr()
    assert (
        said.out
        == "stacks/Pulumi.lab.yaml: good (2 volumes, 2 mounts, 1 Glance host, 1 Swift account, 1 CloudStack zone)\n"
    )
    assert said.err.splitlines() == [
        "stacks/Pulumi.osaka.yaml:2:3: config.strata:mount: there is no such key. Did you mean strata:mounts?",
        "stacks/Pulumi.osaka.yaml:3:1: confg: there is no such key. Did you mean config?",
        "stacks/Pulumi.osaka.yaml: 2 errors",
    ]


def test_from_a_folder_below(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(project / "stacks")
    assert main(["validate", "lab"]) == 0
    assert capsys.readouterr().out.startswith("Pulumi.lab.yaml: good")


def test_for_a_program(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", "--format", "json"]) == 2
    good, bad = json.loads(capsys.readouterr().out)["files"]
    assert good == {"file": "stacks/Pulumi.lab.yaml", "good": True, "problems": []}
    assert bad["problems"][1] == {
        "file": "stacks/Pulumi.osaka.yaml",
        "line": 3,
        "column": 1,
        "path": "confg",
        "message": "there is no such key. Did you mean config?",
    }


@pytest.mark.parametrize(
    ("named", "sentence", "because"),
    [
        ("oska", "There is no stack file stacks/Pulumi.oska.yaml. Did you mean osaka?", "a misspelt stack"),
        (
            "none/Pulumi.x.yaml",
            "The stack file none/Pulumi.x.yaml can't be read: No such file or directory.",
            "a lost file",
        ),
    ],
)
def test_what_is_not_there_is_one_sentence(
    named: str, sentence: str, because: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["validate", named]) == 2
    assert capsys.readouterr().err == f"strata validate: {sentence}\n", because


def test_outside_of_a_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["validate"]) == 2
    assert "There is no Pulumi.yaml" in capsys.readouterr().err


def test_needs_no_network_and_no_passphrase(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise AssertionError("validate asked the network")

    monkeypatch.setattr(socket, "socket", refused)
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE", raising=False)
    assert main(["validate", "lab"]) == 0


def test_wrong_usage_is_2_and_help_has_examples(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as usage:
        main(["validate", "--format", "xml"])
    assert usage.value.code == 2
    with pytest.raises(SystemExit) as helped:
        main(["validate", "--help"])
    assert helped.value.code == 0
    assert "strata validate tokyo" in capsys.readouterr().out


def test_a_base_is_checked_as_one_and_a_stack_with_it(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "stacks" / "Pulumi.osaka.yaml").write_text("config: {strata:extends: base.yaml}\n")
    base = project / "stacks" / "base.yaml"
    base.write_text("config:\n  strata:hosts: {kobe: {address: kobe.example.org}}\n")
    assert main(["validate", "stacks/base.yaml"]) == 0, "it need not be complete"
    assert capsys.readouterr().out == "stacks/base.yaml: good (for stacks that extend it)\n"
    base.write_text("config:\n  strata:hosts: {kobe: {adress: kobe.example.org}}\n")
    assert main(["validate", "--format", "json"]) == 2
    lab, osaka, alone = json.loads(capsys.readouterr().out)["files"]
    assert (lab["good"], osaka["good"], alone["good"]) == (True, False, False)
    (problem,) = alone["problems"]
    assert problem in osaka["problems"], (
        "what is wrong with a base is shown there, with every stack that extends it"
    )
    assert (problem["file"], problem["line"]) == ("stacks/base.yaml", 2)
