"""Thirty environments of one project, each with a cluster of its own: one has drifted, one is unreachable, and these are told."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from lab.http.clock import RealClock
from lab.ontap.testing import running
from strata.drift.formats.markdown import LARGEST
from tests.acceptance.engine.site import STACK, Site, new_project
from tests.acceptance.project import Project, Ran

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(600)]

ENVIRONMENTS = tuple(f"site{number:02}" for number in range(1, 31))
DRIFTED, UNREACHABLE = "site11", "site23"
SIDE_BY_SIDE = 3
"""Runs of the engine at the same time: each waits a good part of its time, two processors are busy with three."""
NOBODY_LISTENS = 1

SALT, _, SHARED = STACK.partition("config:\n")
BASE = "config:\n" + SHARED.replace("        port: {file: port}\n", "")
OWN = f"""{SALT}config:
  strata:extends: base.yaml
  strata:ontap: {{clusters: {{cluster01: {{port: {{file: ports/{{environment}}}}}}}}}}
"""


@dataclass(frozen=True)
class Sites:
    """The environments of one project, each with its cluster."""

    project: Project
    sites: dict[str, Site]

    def point(self, environment: str, port: int | None = None) -> None:
        """Where the environment's cluster is looked for: at its own port, or at another one."""
        (self.project.folder / "ports" / environment).write_text(
            f"{port or self.sites[environment].ontap.port}\n"
        )

    def up(self, environment: str) -> None:
        (self.project.folder / "stacks" / f"Pulumi.{environment}.yaml").write_text(
            OWN.replace("{environment}", environment)
        )
        self.project.pulumi("stack", "init", environment, "--no-select")
        self.project.up("--stack", environment)

    def drift(self, *arguments: str, expect: int) -> tuple[Ran, dict[str, Any]]:
        """`strata drift`, and its report."""
        command = ("python", "-m", "strata.cli.main", "drift", *arguments)
        forms = ("--format", "json", "--output", "drift.json", "--also", "markdown=drift.md")
        ran = self.project.run(*command, *forms, expect=expect)
        return ran, json.loads((self.project.folder / "drift.json").read_text())

    @property
    def markdown(self) -> str:
        """The Markdown of the last look."""
        return (self.project.folder / "drift.md").read_text()

    def stored(self) -> dict[Path, bytes]:
        """Every file of Pulumi's state, locks included."""
        return {
            file: file.read_bytes() for file in (self.project.folder / ".state").rglob("*") if file.is_file()
        }

    def writes(self) -> int:
        """How many requests have changed anything on any cluster."""
        return sum(len(site.ontap.writes()) for site in self.sites.values())


@pytest.fixture
def thirty(tmp_path: Path) -> Iterator[Sites]:
    """All of them, up."""
    with ExitStack() as clusters:
        project = new_project(tmp_path / "project")
        project.stack_file.unlink()
        sites = {
            name: Site(clusters.enter_context(running(tmp_path / name, RealClock())), project)
            for name in ENVIRONMENTS
        }
        sites[DRIFTED].point()
        (project.folder / "stacks" / "base.yaml").write_text(BASE)
        (project.folder / "ports").mkdir()
        thirty = Sites(project, sites)
        for name in ENVIRONMENTS:
            thirty.point(name)
        with ThreadPoolExecutor(SIDE_BY_SIDE) as engines:
            list(engines.map(thirty.up, ENVIRONMENTS))
        yield thirty


def test_of_thirty_environments_the_two_are_told(thirty: Sites) -> None:
    drifted = thirty.sites[DRIFTED]
    resized = f"/api/storage/volumes/{drifted.volume()['uuid']}"
    drifted.ontap.request("PATCH", resized, json={"size": 64424509440})
    thirty.point(UNREACHABLE, NOBODY_LISTENS)
    stored, writes = thirty.stored(), thirty.writes()

    began = time.monotonic()
    ran, report = thirty.drift("--all", "--parallel", str(SIDE_BY_SIDE), expect=1)
    print(f"{len(ENVIRONMENTS)} environments: {time.monotonic() - began:.1f} s")

    told = {one["stack"]: one["status"] for one in report["stacks"]}
    expected = dict.fromkeys(ENVIRONMENTS, "as declared")
    assert told == {**expected, DRIFTED: "drifted", UNREACHABLE: "could not tell"}
    summary = "30 stacks: 28 as declared, 1 drifted, 1 could not tell."
    assert report["summary"] == summary
    assert summary in ran.output

    (one,) = [one for stack in report["stacks"] for one in stack["findings"]]
    assert (one["resource"], one["property"]) == ("ontap:Volume/images", "size")
    assert (one["declared"], one["actual"]) == ("50GiB", "60GiB")
    assert one["place"]["file"] == "stacks/base.yaml"
    why = next(stack["troubles"] for stack in report["stacks"] if stack["stack"] == UNREACHABLE)
    assert why
    assert all(f"ONTAP cluster cluster01 at 127.0.0.1:{NOBODY_LISTENS}" in each["message"] for each in why)

    fits_a_pull_request(thirty.markdown, summary)
    assert thirty.stored() == stored, "the state is as it was, and no lock was taken"
    assert thirty.writes() == writes, "no system was written to"

    thirty.point(UNREACHABLE)
    drifted.ontap.request("PATCH", resized, json={"size": 53687091200})
    _, report = thirty.drift(DRIFTED, UNREACHABLE, expect=0)
    assert report["summary"] == "2 stacks: 2 as declared."


def fits_a_pull_request(markdown: str, summary: str) -> None:
    """What is wrong is in the first lines, and what is right in one."""
    assert len(markdown.encode("utf-16-le")) // 2 <= LARGEST
    lines = markdown.splitlines()
    assert lines[0] == f"### Drift: {summary}"
    headings = [line for line in lines if line.startswith("#### ")]
    assert headings == [f"#### {UNREACHABLE}: could not tell", f"#### {DRIFTED}: drifted"]
    assert "| `ontap:Volume/images` | `size` | `50GiB` | `60GiB` | both |" in lines
    (good,) = [line for line in lines if line.startswith("As declared: ")]
    named = good.removeprefix("As declared: ").rstrip(".").split(", ")
    assert named == [one for one in ENVIRONMENTS if one not in (DRIFTED, UNREACHABLE)]
    assert len(lines) < 30
