"""`strata new`, with a pulumi that only notes what it is asked for: what is refused, and that nothing half made is left."""

from __future__ import annotations

import json
import os
import stat
import sys
from pathlib import Path
from typing import Any

import pytest

from strata.cli.main import main
from strata.environments import making
from strata.errors import Failed

PULUMI = """\
#!{python}
import json, os, pathlib, sys
here = pathlib.Path({folder!r})
asked = sys.argv[1:]
given = sys.stdin.read()
told = dict(asked=asked, given=given, backend=os.environ.get("PULUMI_BACKEND_URL"), cwd=os.getcwd())
with (here / "calls").open("a") as calls:
    calls.write(json.dumps(told) + "\\n")
if (here / "fail").exists() and (here / "fail").read_text() == " ".join(asked[:2]):
    sys.exit("error: it was told to fail")
(file,) = pathlib.Path("stacks").glob("*") if asked[:2] == ["config", "set"] else [None]
if asked[:2] == ["stack", "init"]:
    pathlib.Path(f"stacks/Pulumi.{{asked[2]}}.yaml").write_text("encryptionsalt: v1:NEWSALT\\n")
if file:
    path = asked[asked.index("--path") + 1].split(".")
    lines = ["  " * i + step + ":" for i, step in enumerate(["config", *path])]
    lines.append("  " * len(lines) + "secure: v1:" + "A" * len(given) + "==:BBBB")
    file.write_text("encryptionsalt: v1:NEWSALT\\n" + "\\n".join(lines) + "\\n")
"""
MODEL = """\
# yaml-language-server: $schema=../schemas/stack.schema.json

# The salt of the passphrase, Pulumi's own.
encryptionsalt: v1:OLDSALT
config:
  strata:ontap:
    clusters:
      # The only one.
      c1: {hostname: c1.example.org, username: admin, password: {secure: v1:OLD0:OLD0}}

    volumes:
      images: {svm: nas, aggregate: aggr1, size: 50GiB}
"""
PASSWORD = "strata:ontap.clusters.c1.password"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "bin").mkdir()
    pulumi = tmp_path / "bin" / "pulumi"
    pulumi.write_text(PULUMI.format(python=sys.executable, folder=str(tmp_path / "bin")))
    pulumi.chmod(pulumi.stat().st_mode | stat.S_IXUSR)
    (tmp_path / "Pulumi.yaml").write_text("name: strata\nbackend: {url: file://./.state}\n")
    (tmp_path / "stacks").mkdir()
    (tmp_path / "stacks" / "Pulumi.model.yaml").write_text(MODEL)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "canary-passphrase")
    monkeypatch.delenv("PULUMI_BACKEND_URL", raising=False)
    return tmp_path


def calls(project: Path) -> list[dict[str, Any]]:
    file = project / "bin" / "calls"
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def new(*flags: str) -> int:
    return main(["new", "osaka", "--from", "model", "--non-interactive", *flags])


def nothing_is_left(project: Path) -> bool:
    return [file.name for file in (project / "stacks").iterdir()] == ["Pulumi.model.yaml"]


def test_a_new_environment_by_flags_alone(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert new("--set", "strata:ontap.volumes.images.size=1TiB", "--secret", f"{PASSWORD}=env:OSAKA") == 0
    made = (project / "stacks" / "Pulumi.osaka.yaml").read_text()
    assert made == MODEL.replace("OLDSALT", "NEWSALT").replace("50GiB", "1TiB").replace(
        "{secure: v1:OLD0:OLD0}", "{env: OSAKA}"
    ), "comments, empty lines and layout are the model's"
    (init,) = calls(project)
    assert init["asked"][:3] == ["stack", "init", "osaka"]
    assert init["backend"] == f"file://{project}/.state", "the project's own, wherever pulumi runs"
    assert "Next: pulumi preview --diff --stack osaka" in capsys.readouterr().out
    assert oct((project / "stacks" / "Pulumi.osaka.yaml").stat().st_mode & 0o777) != oct(0o600)


def test_a_typed_secret_goes_through_standard_input_alone(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("strata.environments.questions.RealTerminal.ask", lambda *_: "")
    monkeypatch.setattr("strata.environments.questions.RealTerminal.secret", lambda *_: "canary")
    assert main(["new", "osaka", "--from", "model"]) == 0
    init, encrypted = calls(project)
    assert encrypted["given"] == "canary"
    assert encrypted["asked"][:5] == ["config", "set", "--secret", "--path", PASSWORD]
    assert "canary" not in json.dumps([init, encrypted["asked"]])
    made = (project / "stacks" / "Pulumi.osaka.yaml").read_text()
    assert "password: {secure: v1:AAAAAA==:BBBB}" in made
    said = capsys.readouterr()
    assert "canary" not in made + said.out + said.err


@pytest.mark.parametrize("asked", ["stack init", "config set"])
def test_nothing_half_made_is_left(
    asked: str, project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "bin" / "fail").write_text(asked)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("strata.environments.questions.RealTerminal.ask", lambda *_: "")
    monkeypatch.setattr("strata.environments.questions.RealTerminal.secret", lambda *_: "canary")
    assert main(["new", "osaka", "--from", "model"]) == 2
    said = capsys.readouterr().err
    assert f"`pulumi {asked}` answered: it was told to fail." in said
    assert "canary" not in said
    assert nothing_is_left(project)
    removed = [call["asked"][:3] for call in calls(project) if call["asked"][:2] == ["stack", "rm"]]
    assert removed == ([["stack", "rm", "osaka"]] if asked == "config set" else []), (
        "only a stack that it made"
    )


def test_an_interrupted_one_leaves_nothing_either(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(making, "write", interrupted)
    assert new("--secret", f"{PASSWORD}=env:OSAKA") == 130
    assert nothing_is_left(project)
    assert calls(project)[-1]["asked"][:3] == ["stack", "rm", "osaka"]


REFUSED = [
    (
        "what another passphrase encrypted",
        (),
        f"encrypted with its passphrase or made by the lab. Say what they are here:\n  --secret {PASSWORD}=env:NAME",
    ),
    (
        "a value that does not fit, before anything is made",
        ("--secret", f"{PASSWORD}=env:A", "--set", "strata:ontap.volumes.images.size=50"),
        'stacks/Pulumi.osaka.yaml:12:44: config.strata:ontap.volumes.images.size: found "50"; allowed: ',
    ),
    (
        "a misspelt path",
        ("--secret", f"{PASSWORD}=env:A", "--set", "strata:ontap.volumes.imags.size=1TiB"),
        "config.strata:ontap.volumes.imags: aggregate is missing",
    ),
    ("a secret on the command line", ("--set", f"{PASSWORD}=canary"), f"use --secret {PASSWORD}=ask."),
    ("a secret as a source", ("--secret", f"{PASSWORD}=canary"), "takes env:NAME, file:PATH or ask."),
    ("nobody to ask", ("--secret", f"{PASSWORD}=ask"), f"Nobody is there to type {PASSWORD}"),
    ("what is no secret", ("--secret", "strata:ontap.volumes.images.size=env:A"), "is no secret: use --set."),
    ("no value", ("--set", "strata:ontap.volumes.images.size"), "--set takes PATH=…"),
]


@pytest.mark.parametrize(("because", "flags", "sentence"), REFUSED, ids=[one[0] for one in REFUSED])
def test_refusals(
    because: str, flags: tuple[str, ...], sentence: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert new(*flags) == 2
    said = capsys.readouterr().err
    assert sentence in said, because
    assert "canary" not in said
    assert nothing_is_left(project)
    assert calls(project) == []


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ["new", "model", "--from", "model"],
            "stacks/Pulumi.model.yaml is there already, and nothing was changed",
        ),
        (["new", "a b", "--from", "model"], "'a b' can't be the name of a stack"),
        (["new", "../a", "--from", "model"], "'../a' can't be the name of a stack"),
        (
            ["new", "osaka", "--from", "modle"],
            "There is no stack file stacks/Pulumi.modle.yaml. Did you mean model?",
        ),
    ],
)
def test_names(
    arguments: list[str], sentence: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*arguments, "--non-interactive"]) == 2
    assert sentence in capsys.readouterr().err
    assert nothing_is_left(project)
    assert (project / "stacks" / "Pulumi.model.yaml").read_text() == MODEL


def test_without_a_passphrase(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE")
    assert new("--secret", f"{PASSWORD}=env:A") == 2
    assert (
        "The passphrase of osaka is not set: put it into PULUMI_CONFIG_PASSPHRASE" in capsys.readouterr().err
    )
    assert calls(project) == []


def test_a_file_that_comes_into_being_meanwhile_is_left(tmp_path: Path) -> None:
    file = tmp_path / "Pulumi.x.yaml"
    file.write_text("somebody's\n")
    with pytest.raises(Failed, match="left as it is"):
        making.write("mine\n", file)
    assert [(one.name, one.read_text()) for one in tmp_path.iterdir()] == [("Pulumi.x.yaml", "somebody's\n")]


def test_what_is_said_by_a_flag_may_lie_in_a_lab(project: Path) -> None:
    lab = (
        "--set",
        "strata:ontap.clusters.c1.caFile=.lab/x/ca.pem",
        "--secret",
        f"{PASSWORD}=file:.lab/x/password",
    )
    assert new(*lab) == 0
    made = (project / "stacks" / "Pulumi.osaka.yaml").read_text()
    assert "password: {file: .lab/x/password}, caFile: .lab/x/ca.pem}" in made


def test_another_lab_needs_only_what_is_encrypted(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lab = (Path(__file__).parents[3] / "stacks" / "Pulumi.lab.yaml").read_text()
    (project / "stacks" / "Pulumi.lab.yaml").write_text(lab)
    other = ("new", "dev", "--from", "lab", "--lab", "dev", "--non-interactive")
    assert main(list(other)) == 2
    needed = [line for line in capsys.readouterr().err.splitlines() if line.startswith("  --")]
    xen = "strata:cloudstack.hypervisorCredentials.xen.password"
    assert needed == [f"  --secret {xen}=env:NAME"]
    assert main([*other, "--secret", f"{xen}=env:XEN"]) == 0
    made = (project / "stacks" / "Pulumi.dev.yaml").read_text()
    assert lab.count(".lab/lab/") == made.count(".lab/dev/") > 10
    assert ".lab/lab/" not in made
    assert made.count("protect: false") == lab.count("protect: false"), "a lab may lose what it has"


def test_what_the_model_inherits_is_inherited_and_can_be_set(project: Path) -> None:
    config, volumes = MODEL[MODEL.index("config:") :].split("    volumes:")
    base = config.replace("{secure: v1:OLD0:OLD0}", "{env: C1}")
    (project / "stacks" / "base.yaml").write_text(base)
    (project / "stacks" / "Pulumi.model.yaml").write_text(
        f"config:\n  strata:extends: base.yaml\n  strata:ontap:\n    volumes:{volumes}"
    )
    assert new("--set", "strata:ontap.clusters.c1.hostname=osaka.example.org") == 0
    made = (project / "stacks" / "Pulumi.osaka.yaml").read_text()
    assert made.startswith("# yaml-language-server: $schema=../schemas/")
    assert "strata:extends: base.yaml" in made
    assert "hostname: osaka.example.org" in made
    assert "username" not in made, "what is inherited stays inherited"
