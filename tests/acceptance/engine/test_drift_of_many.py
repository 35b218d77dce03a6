"""Several environments of one project at a time: one has drifted, one is unreachable, and these are what is told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.acceptance.engine.site import STACK, Site

pytestmark = pytest.mark.acceptance

ENVIRONMENTS = ("dev", "prod", "remote", "test")


def text(environment: str) -> str:
    """A stack file whose volume and connection are the environment's own."""
    own = STACK.replace("/images\n", f"/{environment}\n").replace(
        "{file: port}", f"{{file: {environment}.port}}"
    )
    return own.replace("      images:\n", f"      {environment}:\n")


def make(site: Site) -> Path:
    """All environments, up on the one cluster; the project's first stack goes."""
    folder = site.project.folder
    for environment in ENVIRONMENTS:
        (folder / "stacks" / f"Pulumi.{environment}.yaml").write_text(text(environment))
        (folder / f"{environment}.port").write_text((folder / "port").read_text())
        site.project.pulumi("stack", "init", environment)
        site.project.up("--stack", environment)
    site.project.stack_file.unlink()
    return folder


def test_all_environments_are_told_side_by_side(site: Site) -> None:
    folder = make(site)
    (volume,) = [one for one in site.volumes() if one["name"] == "prod"]
    site.ontap.request("PATCH", f"/api/storage/volumes/{volume['uuid']}", json={"size": 64424509440})
    (folder / "remote.port").write_text("1\n")
    drift = ("python", "-m", "strata.cli.main", "drift", "--all", "--format")

    ran = site.project.run(*drift, "json", "--output", "report.json", expect=1)
    report = json.loads((folder / "report.json").read_text())
    assert {one["stack"]: one["status"] for one in report["stacks"]} == {
        "dev": "as declared",
        "prod": "drifted",
        "remote": "could not tell",
        "test": "as declared",
    }
    assert report["summary"] in ran.output
    (size,) = report["stacks"][1]["findings"]
    assert (size["resource"], size["property"], size["actual"]) == ("ontap:Volume/prod", "size", "60GiB")
    assert size["place"] == {"file": "stacks/Pulumi.prod.yaml", "line": 17}

    (folder / "remote.port").write_text((folder / "dev.port").read_text())
    ran = site.project.run(*drift, "markdown", "--output", "drift.md", "--only", "Volume", expect=7)
    written = (folder / "drift.md").read_text()
    assert "| `ontap:Volume/prod` | `size` | `50GiB` | `60GiB` | both |" in written
    assert "As declared: dev, remote, test." in written
