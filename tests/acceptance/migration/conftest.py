"""A Glance as it comes on the lab's guest, for each file of tests; the guest is afterwards as it was before."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lab.environment import Lab
from tests.acceptance.migration.site import VOLUME, Site
from tests.acceptance.project import Project

PARTS = ("ontap", "nfs", "host")


@pytest.fixture(scope="package")
def lab() -> Iterator[Lab]:
    """A lab of these tests' own, which is down before the other tests' comes up: two emulated guests are too many.

    A guest that is switched off and set back would take the others' ground away.
    """
    lab = Lab("migration")
    lab.down()
    # A run that was killed may have left a guest whose Glance cannot start.
    lab.reset(parts=PARTS)
    yield lab
    lab.down()


@pytest.fixture(scope="module")
def site(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Nothing but the volume is there."""
    host = lab.host
    # A server that has seen the future does not know a client that comes back from before it.
    host.ssh("umount --all --types nfs,nfs4", timeout=60)
    host.go_back()
    project = Project.make(tmp_path_factory.mktemp("migration") / "project", VOLUME.format(lab=lab.name))
    try:
        project.up()
        yield Site(lab, project)
    finally:
        host.ssh("systemctl stop glance-api; umount --all --types nfs,nfs4", timeout=60)
        _take_away(lab)


def _take_away(lab: Lab) -> None:
    """The volume goes by the cluster's own hand: a test that failed may have left a state that no run can end."""
    with lab.ontap(60) as client:
        wait = {"return_timeout": 15}
        for record in client.get("/api/storage/volumes", params={"name": "moved"}).json()["records"]:
            path = f"/api/storage/volumes/{record['uuid']}"
            client.patch(path, json={"nas": {"path": ""}}, params=wait)
            client.delete(path, params={**wait, "force": "true"})
        policies = client.get("/api/protocols/nfs/export-policies", params={"name": "moved"}).json()[
            "records"
        ]
        for record in policies:
            client.delete(f"/api/protocols/nfs/export-policies/{record['id']}", params=wait)
