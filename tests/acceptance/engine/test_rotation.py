"""A rotated password changes no resource, and every command takes the new one, a destroy too, which runs no program."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from tests.acceptance.engine.site import Site

pytestmark = pytest.mark.acceptance

NEW = "canary-rotated-password"
PASSWORD_PATH = "strata:ontap.clusters.cluster01.password"


def _rotate(site: Site) -> None:
    """On the cluster and in the file that the stack file names."""
    _change_on_cluster(site)
    site.point(password=NEW)


def _change_on_cluster(site: Site) -> None:
    system = site.ontap.emulator.system
    config: Any = dataclasses.replace(system.config, password=NEW)
    system.config = config
    site.ontap.client.auth = (site.ontap.username, NEW)


def test_after_a_rotation_nothing_is_to_change_and_everything_works(site: Site) -> None:
    site.project.up()
    old = (site.ontap.username, site.ontap.password)
    _rotate(site)
    assert site.ontap.request("GET", "/api/cluster", auth=old).status_code == 401
    before = site.ontap.journal.last

    site.project.preview("--expect-no-changes")
    site.project.drift(expect=0)
    site.project.edit("size: 50GiB", "size: 60GiB")
    site.project.up()
    assert site.volume()["size"] == 60 * 2**30
    # Without the program the engine knows the provider's configuration from the state alone.
    ran = site.project.destroy()

    assert site.volumes() == [], ran
    refused = [one for one in site.ontap.journal.entries(before) if one.status == 401]
    assert refused == []
    assert NEW not in ran.output
    kept = "".join(path.read_text() for path in (site.project.folder / ".state").rglob("*.json*"))
    assert NEW not in kept
    assert site.ontap.password not in kept


def test_a_destroy_goes_where_the_references_lead_now(site: Site) -> None:
    site.project.up()
    port = site.project.folder / "port"
    port.write_text("1\n")
    ran = site.project.destroy(expect=1)
    assert "cannot be reached" in ran.output, "the state holds the reference and not what it stood for"
    site.point()
    site.project.destroy()
    assert site.volumes() == []


def test_an_encrypted_password_is_recorded_by_the_next_up(site: Site) -> None:
    def encrypt(password: str) -> None:
        site.project.pulumi("config", "set", "--secret", "--path", PASSWORD_PATH, password)

    encrypt(site.ontap.password)
    site.project.up()
    _change_on_cluster(site)
    encrypt(NEW)

    site.project.preview("--expect-no-changes")
    refused = site.project.drift(expect=1)
    assert "--run-program" in refused.output, "the engine hands a refresh what the state holds"
    site.project.drift("--run-program", expect=0)
    site.project.up()
    site.project.destroy()
    assert site.volumes() == []
