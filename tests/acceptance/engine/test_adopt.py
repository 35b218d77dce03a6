"""An environment that was built by hand comes into a stack file and a state, and then there is nothing left to do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from lab.http.clock import RealClock
from lab.ontap.testing import running
from tests.acceptance.engine.site import STACK, Site, new_project

pytestmark = pytest.mark.acceptance

CONNECTIONS = STACK[: STACK.index("    volumes:")]
RULE = {
    "clients": [{"match": "10.130.208.0/24"}],
    "ro_rule": ["sys"],
    "rw_rule": ["sys"],
    "superuser": ["sys"],
}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A cluster, and a stack file that says how to reach it and nothing more."""
    with running(tmp_path / "ontap", RealClock()) as ontap:
        site = Site(ontap, new_project(tmp_path / "project", CONNECTIONS))
        site.point()
        yield site
        ontap.calm()


def by_hand(site: Site, path: str, body: dict[str, Any]) -> None:
    """What another tool makes."""
    answer = site.ontap.request("POST", path, json=body, params={"return_timeout": 15})
    assert answer.status_code < 300, answer.text


def test_adopt_import_preview(site: Site) -> None:
    by_hand(
        site,
        "/api/protocols/nfs/export-policies",
        {"name": "images", "svm": {"name": "demo-nfs-svm"}, "rules": [RULE]},
    )
    by_hand(
        site,
        "/api/protocols/nfs/export-policies",
        {"name": "both", "svm": {"name": "demo-nfs-svm"}, "rules": [RULE]},
    )
    for name, policy in (("images", "images"), ("one", "both"), ("two", "both"), ("three", "default")):
        nas = {"path": f"/{name}", "export_policy": {"name": policy}}
        volume = {
            "name": name,
            "svm": {"name": "demo-nfs-svm"},
            "aggregates": [{"name": "aggr1"}],
            "size": 2**30,
        }
        by_hand(site, "/api/storage/volumes", {**volume, "nas": nas, "comment": f"made by hand: {name}"})
    before, text = site.ontap.journal.last, site.project.stack_file.read_text()

    ran = site.project.run(
        "python", "-m", "strata.cli.main", "adopt", "lab", "--write", "--import-file", "found.json"
    )

    assert "6 resources" in ran.output, ran
    assert site.project.stack_file.read_text().startswith(text), "what stood there stays, to the byte"
    volumes = yaml.safe_load(site.project.stack_file.read_text())["config"]["strata:ontap"]["volumes"]
    assert sorted(volumes) == ["images", "one", "three", "two"]
    site.project.run("python", "-m", "strata.cli.main", "validate", "lab")
    site.project.pulumi(
        "import",
        "--file",
        "found.json",
        "--yes",
        "--generate-code=false",
        "--protect=false",
        "--skip-preview",
    )
    site.project.preview("--expect-no-changes")
    site.settled()
    assert site.ontap.writes(before) == [], "neither the look nor the import writes anything"
    imported = {one["urn"].split("::", 2)[2] for one in site.project.resources()}
    assert "strata:components:OntapVolume$strata:ontap:Volume::images" in imported
    assert len(json.loads((site.project.folder / "found.json").read_text())["resources"]) == 11
