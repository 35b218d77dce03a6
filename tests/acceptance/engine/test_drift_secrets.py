"""No secret is in a report or beside it, and a rotated one is no drift."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from tests.acceptance.engine.site import Site

pytestmark = pytest.mark.acceptance

OLD, NEW = "canary-first-password", "canary-rotated-password"
PASSWORD_PATH = "strata:ontap.clusters.cluster01.password"


def change_on_cluster(site: Site, password: str) -> None:
    system = site.ontap.emulator.system
    config: Any = dataclasses.replace(system.config, password=password)
    system.config = config
    site.ontap.client.auth = (site.ontap.username, password)


def encrypt(site: Site, password: str) -> None:
    site.project.pulumi("config", "set", "--secret", "--path", PASSWORD_PATH, password)


def test_an_encrypted_password_is_nowhere_and_its_rotation_no_drift(site: Site) -> None:
    change_on_cluster(site, OLD)
    encrypt(site, OLD)
    site.project.up()
    drift = ("python", "-m", "strata.cli.main", "drift", "lab", "--format", "json")
    said = [site.project.run(*drift, expect=0).output]

    change_on_cluster(site, NEW)
    said.append(site.project.run(*drift, expect=1).output)
    assert "401" in said[-1], "the old password is refused, which is no news about the volume"

    encrypt(site, NEW)
    said.append(site.project.run(*drift, expect=0).output)
    site.ontap.request("PATCH", f"/api/storage/volumes/{site.volume()['uuid']}", json={"size": 64424509440})
    said.append(site.project.run(*drift, expect=7).output)
    assert "60GiB" in said[-1]
    assert "strata-lab" not in said[-1], "the passphrase"
    assert "canary" not in "".join(said)
