"""`strata drift --unmanaged` with the real engine: what others made on the cluster is named, and counts as no drift."""

from __future__ import annotations

import pytest

from tests.acceptance.engine.site import STACK, Site
from tests.acceptance.engine.test_drift import POLICIES, drift

pytestmark = pytest.mark.acceptance

FOREIGN = {
    "name": "loose",
    "svm": {"name": "demo-nfs-svm"},
    "aggregates": [{"name": "aggr1"}],
    "size": 2**30,
}


def test_what_is_in_no_stack_is_named_and_is_no_drift(site: Site) -> None:
    site.project.up()
    assert drift(site, "--unmanaged", expect=0).stack["unmanaged"] == []
    answer = site.ontap.request("POST", "/api/storage/volumes", json=FOREIGN, params={"return_timeout": 15})
    assert answer.status_code < 300, answer.text
    made = {"name": "strays", "svm": {"name": "demo-nfs-svm"}}
    assert site.ontap.request("POST", POLICIES, json=made).status_code < 300
    writes = len(site.ontap.writes())

    told = drift(site, "--unmanaged", expect=0)
    found = [(one["kind"], one["name"]) for one in told.stack["unmanaged"]]
    assert found == [("export policy", "demo-nfs-svm/strays"), ("volume", "demo-nfs-svm/loose")]
    assert (told.findings, told.stack["status"]) == ({}, "as declared")
    assert len(site.ontap.writes()) == writes, "only looked"

    # Of another stack of the project, and so not astray.
    other = STACK.replace("images:\n", "loose:\n").replace("/images\n", "/loose\n")
    (site.project.folder / "stacks" / "Pulumi.other.yaml").write_text(other)
    left = [one["name"] for one in drift(site, "--unmanaged", expect=0).stack["unmanaged"]]
    assert left == ["demo-nfs-svm/strays"]

    (site.project.folder / "port").write_text("1\n")
    told = drift(site, "--unmanaged", expect=1)
    assert any(one["message"].startswith("What is in no stack") for one in told.stack["troubles"])
