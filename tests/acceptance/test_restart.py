"""The host starts again: with its NFS server all is back without help, without it Glance stays down and writes nowhere else."""

from __future__ import annotations

import os

import pytest

from tests.acceptance.environment import Environment

pytestmark = pytest.mark.acceptance


def test_after_a_reboot_all_of_it_is_back(environment: Environment) -> None:
    id = environment.upload("before the reboot", os.urandom(256 * 1024))
    try:
        environment.lab.host.reboot()
        environment.lab.host.wait_for_ssh()
        environment.lab.host.wait_for_glance()
        assert environment.host("findmnt -n -o SOURCE /glance/images").strip() == "10.130.208.55:/images"
        assert environment.download(id)
        environment.project.drift(expect=0)
    finally:
        environment.delete_images()


def test_without_the_nfs_server_glance_does_not_start_and_writes_nowhere(environment: Environment) -> None:
    lab = environment.lab
    lab.ganesha.stop()
    try:
        # The reset button: a shutdown would wait for the server as well, and prove nothing.
        environment.host("sync --file-system /var/lib/glance")
        lab.host.reset()
        lab.host.wait_for_ssh()
        # `is-system-running --wait` ends when the boot has, with the mount tried and given up.
        state = lab.ssh("timeout 240 systemctl is-system-running --wait", timeout=300).output.strip()
        assert state == "degraded", "the mount must have failed by now"
        assert lab.ssh("systemctl is-active glance-api").output.strip() != "active"
        result = "systemctl show -P Result -P ActiveState glance-images.mount; systemctl show -P ActiveState glance-api"
        assert "failed" in environment.host(result).split()
        assert environment.host("findmnt -n /glance/images || true").strip() == ""
        assert environment.host("ls -A /glance/images").strip() == ""
        refused = lab.ssh("runuser -u glance -- touch /glance/images/beside")
        assert refused.code != 0, "the directory under the mount takes no file of Glance's"
    finally:
        lab.ganesha.start()
    environment.project.up("--refresh")
    environment.project.drift(expect=0)
    id = environment.upload("after the repair", os.urandom(64 * 1024))
    assert (environment.exported() / id).exists()
    environment.delete_images()
