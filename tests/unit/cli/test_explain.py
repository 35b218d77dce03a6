"""`strata explain`: the file and line of every value, and never a secret."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from strata.cli.main import main

FAR = """\
config:
  strata:ontap:
    clusters:
      c1: {hostname: c1.example.org, username: {env: WHO}, password: {env: C1}, caFile: far.pem}
    volumes:
      images: {svm: nas, aggregate: aggr1, size: 50GiB, exportPolicy: {rules: [{clients: [10.0.0.0/8]}]}}
"""
NEAR = """\
config:
  strata:extends: far.yaml
  strata:ontap:
    volumes: {images: {size: 60GiB, protect: false}}
"""
OWN = """\
config:
  strata:extends: near.yaml
  aws:token: {secure: v1:canary:canary}
  strata:cloudstack: {settings: {expunge.delay: 1}}
  strata:ontap:
    clusters: {c1: {caFile: null, password: {secure: v1:canary:canary}}}
    volumes:
      images: {size: 70GiB, protect: null, exportPolicy: {rules: [{clients: [10.0.0.0/9]}]}}
"""
IMAGES = "strata:ontap.volumes.images"
CLUSTER = "strata:ontap.clusters.c1"


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "Pulumi.yaml").write_text("name: strata\n")
    (tmp_path / "stacks").mkdir()
    for name, text in (("far", FAR), ("near", NEAR), ("Pulumi.x", OWN)):
        (tmp_path / "stacks" / f"{name}.yaml").write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def explained(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    assert main(["explain", "x", *arguments]) == 0
    return capsys.readouterr().out.splitlines()


SINGLE = [
    (
        "each file that has a say, the nearest first",
        f"{IMAGES}.size",
        [
            f"{IMAGES}.size: 70GiB",
            "    stacks/Pulumi.x.yaml:8:16",
            "    over 60GiB in stacks/near.yaml:4:24",
            "    over 50GiB in stacks/far.yaml:6:44",
        ],
    ),
    ("one file alone has it", f"{IMAGES}.svm", [f"{IMAGES}.svm: nas", "    stacks/far.yaml:6:16"]),
    (
        "a default that nobody touched",
        f"{IMAGES}.deletion",
        [f"{IMAGES}.deletion: recoveryQueue", "    the default; no file says it"],
    ),
    (
        "null brings the default back",
        f"{IMAGES}.protect",
        [
            f"{IMAGES}.protect: taken away, so the default counts: true",
            "    stacks/Pulumi.x.yaml:8:29",
            "    over false in stacks/near.yaml:4:37",
        ],
    ),
    (
        "null without a default",
        f"{CLUSTER}.caFile",
        [
            f"{CLUSTER}.caFile: taken away",
            "    stacks/Pulumi.x.yaml:6:21",
            "    over far.pem in stacks/far.yaml:4:81",
        ],
    ),
    (
        "a secret is where it comes from",
        f"{CLUSTER}.password",
        [
            f"{CLUSTER}.password: encrypted",
            "    stacks/Pulumi.x.yaml:6:35",
            "    over from the environment variable C1 in stacks/far.yaml:4:60",
        ],
    ),
    (
        "nor does the path into it show the ciphertext",
        f"{CLUSTER}.password.secure",
        [f"{CLUSTER}.password.secure: encrypted", "    stacks/Pulumi.x.yaml:6:46"],
    ),
    (
        "another program's secret",
        "aws:token",
        ["aws:token: encrypted", "    stacks/Pulumi.x.yaml:3:3"],
    ),
    (
        "an address from outside",
        f"{CLUSTER}.username",
        [f"{CLUSTER}.username: from the environment variable WHO", "    stacks/far.yaml:4:38"],
    ),
    (
        "with an entry of a list goes the whole list",
        f"{IMAGES}.exportPolicy.rules[0].clients[0]",
        [
            f"{IMAGES}.exportPolicy.rules[0].clients[0]: 10.0.0.0/9",
            "    stacks/Pulumi.x.yaml:8:78",
            '    over [{"clients": ["10.0.0.0/8"]}] in stacks/far.yaml:6:72',
        ],
    ),
    (
        "what nobody declared is not managed, and the schema says what it would be",
        f"{IMAGES}.snapshotPolicy",
        [f"{IMAGES}.snapshotPolicy: left out", "    Snapshot policy; none for no snapshots."],
    ),
    (
        "a key with a dot",
        'strata:cloudstack.settings["expunge.delay"]',
        ['strata:cloudstack.settings["expunge.delay"]: 1', "    stacks/Pulumi.x.yaml:4:34"],
    ),
]


@pytest.mark.parametrize(("because", "path", "lines"), SINGLE, ids=[one[0] for one in SINGLE])
def test_one_value(because: str, path: str, lines: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert explained(capsys, path) == lines, because


def test_an_object_is_everything_in_it(capsys: pytest.CaptureFixture[str]) -> None:
    values = [line for line in explained(capsys, IMAGES) if not line.startswith(" ")]
    assert values == [
        f"{IMAGES}.svm: nas",
        f"{IMAGES}.aggregate: aggr1",
        f"{IMAGES}.size: 70GiB",
        f'{IMAGES}.exportPolicy.rules: [{{"clients": ["10.0.0.0/9"]}}]',
        f"{IMAGES}.exportPolicy.adopt: false",
        f"{IMAGES}.protect: taken away, so the default counts: true",
        f"{IMAGES}.adopt: false",
        f"{IMAGES}.deletion: recoveryQueue",
    ]


def test_without_a_path_it_is_the_whole_stack_and_no_secret(capsys: pytest.CaptureFixture[str]) -> None:
    said = "\n".join(explained(capsys))
    assert "canary" not in said
    for some in (
        "aws:token: encrypted",
        f"{CLUSTER}.port: 443",
        f"{IMAGES}.size: 70GiB",
        "strata:extends: near.yaml",
    ):
        assert some in said
    main(["explain", "x", "--json"])
    assert "canary" not in capsys.readouterr().out


def test_a_secret_in_the_open_is_not_shown_either(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = project / "stacks" / "Pulumi.x.yaml"
    file.write_text(OWN.replace("{secure: v1:canary:canary}", "canary"))
    said = "\n".join(explained(capsys, CLUSTER))
    assert "a secret written openly" in said
    assert "canary" not in said


def test_for_a_program(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "x", f"{IMAGES}.protect", "--json"]) == 0
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert told["version"] == 1
    assert told["values"] == [
        {
            "path": f"{IMAGES}.protect",
            "state": "taken away",
            "value": True,
            "secret": False,
            "from": {"file": "stacks/Pulumi.x.yaml", "line": 8, "column": 29},
            "over": [
                {"file": "stacks/near.yaml", "line": 4, "column": 37, "value": False, "takesAway": False}
            ],
        }
    ]


@pytest.mark.parametrize(
    ("path", "sentence", "because"),
    [
        (
            "strata:ontap.volumes.imags.size",
            "There is no imags in strata:ontap.volumes. Did you mean images?",
            "a misspelt name",
        ),
        (f"{IMAGES}.sise", f"There is no sise in {IMAGES}. Did you mean size?", "a misspelt key"),
        (
            f"{IMAGES}.exportPolicy.rules[7]",
            f"There is no [7] in {IMAGES}.exportPolicy.rules.",
            "a list that is shorter",
        ),
        (
            "strata:ontop",
            "There is no strata:ontop in the stack file. Did you mean strata:ontap?",
            "a misspelt section",
        ),
        ("a..b", "'a..b' is no path", "no path"),
    ],
)
def test_a_path_that_nothing_has(
    path: str, sentence: str, because: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["explain", "x", path]) == 2
    assert sentence in capsys.readouterr().err, because


def test_files_that_cannot_be_read_are_said(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "stacks" / "far.yaml").write_text("config: {\n")
    assert main(["explain", "x"]) == 2
    assert "stacks/far.yaml:2:1: this is not YAML" in capsys.readouterr().err


def test_the_page_shows_what_the_command_says(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = (Path(__file__).parents[3] / "docs" / "environments.md").read_text()
    base, tokyo = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    (project / "stacks" / "base.yaml").write_text(base)
    (project / "stacks" / "Pulumi.tokyo.yaml").write_text(tokyo)
    assert main(["validate", "tokyo", "stacks/base.yaml"]) == 0
    capsys.readouterr()
    command, said = re.findall(r"```\n\$ strata (.*?)\n(.*?)```", page, re.DOTALL)[0]
    assert main(command.split()) == 0
    assert capsys.readouterr().out == said
