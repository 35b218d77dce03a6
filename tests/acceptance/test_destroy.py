"""Taking it away: not while images would be lost, and then without a trace."""

from __future__ import annotations

import os

import pytest

from tests.acceptance.environment import CONF, Environment

pytestmark = pytest.mark.acceptance


def test_destroy_refuses_while_glance_knows_images_and_names_them(environment: Environment) -> None:
    id = environment.upload("do not lose me", os.urandom(64 * 1024))
    try:
        with environment.no_ontap_writes():
            ran = environment.project.destroy(expect=None)
        assert ran.code != 0
        assert id in ran.output
        assert "do not lose me" in ran.output
        assert environment.download(id), "it still serves its images"
        environment.project.drift(expect=0)
    finally:
        environment.delete_images()


def test_destroy_gives_everything_back_and_up_makes_it_again(environment: Environment) -> None:
    # The backups are the files as they were before Strata came.
    original = environment.host(f"cat /etc/fstab.strata-backup {CONF}.strata-backup | sha256sum")
    environment.project.destroy()
    try:
        assert environment.host(f"cat /etc/fstab {CONF} | sha256sum") == original, "byte for byte"
        left = environment.host("ls -d /glance /etc/systemd/system/glance-api.service.d 2>/dev/null || true")
        assert left == ""
        assert environment.host("systemctl is-active glance-api").strip() == "active"
        with environment.lab.ontap() as client:
            volumes = client.get("/api/storage/volumes", params={"name": "images"}).json()["records"]
            policies = client.get("/api/protocols/nfs/export-policies", params={"name": "images"}).json()[
                "records"
            ]
        assert (volumes, policies) == ([], [])
        assert "/images" not in environment.lab.status()["ontap"]["exports"]
        environment.project.destroy()
    finally:
        environment.project.up()
    environment.project.drift(expect=0)


def test_destroy_of_what_is_gone_already_succeeds(environment: Environment) -> None:
    volume = environment.volume()["uuid"]
    environment.host(
        "systemctl stop glance-api && umount /glance/images && sed -i '/glance.images/d' /etc/fstab"
    )
    environment.change_volume(nas={"path": ""})
    with environment.lab.ontap() as client:
        assert (
            client.delete(f"/api/storage/volumes/{volume}", params={"return_timeout": 15}).status_code < 300
        )
    environment.project.destroy()
    environment.project.up()
    environment.project.drift(expect=0)
