"""The connections of a command outside the engine are those of the engine: with what the stack file extends."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from strata.verify import configuration
from strata.verify.configuration import connections

BASE = """\
config:
  strata:swift: {accounts: {a: {authUrl: http://base/auth, user: t:t, key: {file: key}}}}
  strata:ontap: {clusters: {c1: {hostname: base.example.org, username: admin, password: {file: key}}}}
"""
OWN = """\
config:
  strata:extends: base.yaml
  strata:ontap: {clusters: {c1: {hostname: own.example.org, password: PASSWORD}}}
  strata:swift:
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "stacks").mkdir()
    (tmp_path / "stacks" / "base.yaml").write_text(BASE)
    (tmp_path / "key").write_text("canary\n")
    return tmp_path


@pytest.mark.parametrize(
    "password", ["{file: key}", "{secure: v1:AAAA:BBBB}"], ids=["from outside", "encrypted"]
)
def test_what_is_inherited_lies_under_the_stacks_own(
    password: str, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def pulumi(*_: Any, **__: Any) -> subprocess.CompletedProcess[str]:
        own = json.dumps({"clusters": {"c1": {"hostname": "own.example.org", "password": "canary"}}})
        config = {
            "strata:extends": {"value": "base.yaml"},
            "strata:ontap": {"value": own},
            "strata:swift": {"value": ""},
        }
        return subprocess.CompletedProcess([], 0, json.dumps(config), "")

    told: dict[str, Any] = {}

    def noted(clusters: Any, *_: Any, swift: Any, **__: Any) -> None:
        told.update(clusters=clusters, swift=swift)

    monkeypatch.setattr(configuration, "Connections", noted)
    monkeypatch.setattr(subprocess, "run", pulumi)
    file = project / "stacks" / "Pulumi.x.yaml"
    file.write_text(OWN.replace("PASSWORD", password))
    connections(file, "x", project)
    assert told["clusters"]["c1"]["hostname"] == "own.example.org", "the nearer goes over"
    assert told["clusters"]["c1"]["username"] == "admin", "the rest is inherited"
    assert told["swift"] == {}, "a section that is null takes the base's away"
