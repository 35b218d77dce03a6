"""The lab itself, with the real guest: up, exports, reboot, outage, reset, and down that leaves nothing."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from lab.cloudstack import auth
from lab.cloudstack.ssvm import seeded
from lab.environment import Lab
from lab.host import SERVICE, Ran
from lab.ports import answers
from lab.processes import Identity, wait_until
from tests.acceptance.lab.command_lines import command_lines_of

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(600)]

FSTAB = "10.130.208.55:/images /glance/images nfs defaults 0 0"
POLICY = "/api/protocols/nfs/export-policies"


class Svm:
    """The few calls of the REST API that these tests need."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        with self.lab.ontap() as client:
            answer = client.request(method, path, json=body)
            assert answer.is_success, answer.text
            result: dict[str, Any] = answer.json() if answer.content else {}
            if "job" in result:
                job = f"/api/cluster/jobs/{result['job']['uuid']}"
                assert wait_until(lambda: client.get(job).json()["state"] not in ("queued", "running"), 20)
                assert client.get(job).json()["state"] == "success", client.get(job).text
            return result

    def policy(self) -> str:
        rule = {"clients": [{"match": "10.130.208.0/24"}], "ro_rule": ["sys"], "rw_rule": ["sys"]}
        rule["superuser"] = ["sys"]
        self.call("POST", POLICY, {"name": "glance", "svm": {"name": "demo-nfs-svm"}, "rules": [rule]})
        number = self.call("GET", f"{POLICY}?name=glance")["records"][0]["id"]
        return f"{POLICY}/{number}/rules/1"

    def volume(self) -> str:
        nas = {"path": "/images", "export_policy": {"name": "glance"}}
        body = {"name": "images", "svm": {"name": "demo-nfs-svm"}, "aggregates": [{"name": "aggr1"}]}
        self.call("POST", "/api/storage/volumes", {**body, "size": 50 * 2**30, "nas": nas})
        uuid = self.call("GET", "/api/storage/volumes?name=images")["records"][0]["uuid"]
        return f"/api/storage/volumes/{uuid}"


@pytest.fixture(scope="module")
def whole_lab() -> Iterator[Lab]:
    lab = Lab("test-lab")
    lab.up()
    yield lab
    lab.down()


@pytest.fixture
def lab(whole_lab: Lab) -> Lab:
    """As new, whatever the test before did."""
    whole_lab.reset()
    return whole_lab


@pytest.fixture
def svm(lab: Lab) -> Svm:
    return Svm(lab)


def mount(lab: Lab) -> None:
    ran = lab.ssh(f"mkdir -p /glance/images && echo '{FSTAB}' >> /etc/fstab && mount /glance/images")
    assert ran.code == 0, ran.errors


def write(lab: Lab) -> Ran:
    return lab.ssh("timeout 30 touch /glance/images/probe")


def processes(lab: Lab) -> list[Identity | None]:
    servers = [lab.cluster.process, lab.ganesha.process, lab.swift.process, lab.management.process]
    return [*servers, lab.host.process]


def test_what_runs_is_left_alone(lab: Lab) -> None:
    before = processes(lab)
    assert None not in before
    began = time.monotonic()
    assert lab.up() == []
    assert time.monotonic() - began < 5
    assert processes(lab) == before
    assert lab.running


def test_a_part_that_died_is_started_again(lab: Lab) -> None:
    process = lab.cluster.process
    assert process is not None
    os.kill(process.pid, signal.SIGKILL)
    assert wait_until(lambda: lab.cluster.process is None, 5)
    assert not lab.running
    assert lab.up() == ["ontap"]
    assert lab.running


def test_the_guest_is_a_real_machine_with_an_operator(lab: Lab) -> None:
    assert lab.ssh("systemctl is-system-running; hostname").output.split() == ["running", "tkstack"]
    assert lab.ssh("sudo -n id -u", user="operator").output == "0\n"
    assert lab.ssh("ls -d /glance").code != 0, "the mount point is the operator's to make"
    assert lab.ssh("grep -c ^filesystem_store_datadir /etc/glance/glance-api.conf").output == "1\n"


def test_nothing_leaves_the_guest_but_nfs(lab: Lab) -> None:
    assert lab.ssh("nc -z -w 5 10.130.208.55 2049").code == 0
    nfs = lab.ganesha.port
    for target in (f"10.130.208.2 {nfs}", "10.130.208.55 22", "192.0.2.1 80"):
        assert lab.ssh(f"nc -z -w 2 {target}").code != 0, target


def test_the_seeds_fstab_line_mounts_the_volume(lab: Lab, svm: Svm) -> None:
    svm.policy()
    svm.volume()
    mount(lab)
    assert lab.ssh("findmnt -no SOURCE,FSTYPE /glance/images").output.split() == [
        "10.130.208.55:/images",
        "nfs4",
    ]
    assert lab.ssh("echo kept > /glance/images/file && sync").code == 0
    directory = lab.status()["ontap"]["exports"]["/images"]
    assert (Path(directory) / "file").read_text() == "kept\n"


def test_rules_hold_for_a_mounted_client(lab: Lab, svm: Svm) -> None:
    rule = svm.policy()
    svm.volume()
    mount(lab)
    steps: list[tuple[dict[str, Any], bool, str]] = [
        ({"rw_rule": ["never"]}, False, "read only"),
        ({"rw_rule": ["sys"]}, True, "writable again"),
        ({"superuser": ["none"]}, False, "root is nobody, and the directory is root's"),
        ({"superuser": ["any"]}, True, "root is root"),
        ({"clients": [{"match": "10.130.208.21"}]}, False, "for another guest"),
        ({"clients": [{"match": "tkstack"}]}, True, "for this one by its name"),
    ]
    for change, allowed, because in steps:
        svm.call("PATCH", rule, change)
        assert (write(lab).code == 0) is allowed, because


def test_exports_follow_the_junction_path(lab: Lab, svm: Svm) -> None:
    svm.policy()
    volume = svm.volume()
    mount(lab)
    svm.call("PATCH", volume, {"nas": {"path": "/moved"}})
    assert lab.ssh("mount -t nfs 10.130.208.55:/moved /mnt && umount /mnt").code == 0
    assert lab.ssh("mount -t nfs 10.130.208.55:/images /mnt").code != 0
    assert write(lab).code == 0, "what is mounted goes on"
    svm.call("PATCH", volume, {"nas": {"path": ""}})
    assert "Stale file handle" in write(lab).errors
    svm.call("PATCH", volume, {"nas": {"path": "/images"}})
    assert write(lab).code == 0


def test_an_outage_of_the_nfs_server_is_a_pause(lab: Lab, svm: Svm) -> None:
    svm.policy()
    svm.volume()
    mount(lab)
    assert lab.ganesha.stop() is not None
    assert lab.ssh("timeout 3 touch /glance/images/late").code == 124, "a hard mount waits"
    lab.ganesha.start()
    assert write(lab).code == 0
    assert lab.ssh("stat /glance/images/probe").code == 0


def test_a_reboot_brings_the_mount_back(lab: Lab, svm: Svm) -> None:
    svm.policy()
    svm.volume()
    mount(lab)
    lab.host.reboot()
    lab.host.wait_for_ssh()
    assert lab.ssh("systemctl start remote-fs.target; findmnt -no FSTYPE /glance/images").output == "nfs4\n"


INSTALLER = "/usr/share/cloudstack-common/scripts/storage/secondary/cloud-install-sys-tmplt"
SOURCE = "/usr/share/strata-lab/systemvmtemplate.vhd.bz2"
SETTING = "enforce.post.requests.and.timestamps"


def ask(lab: Lab, command: str, **params: str) -> httpx.Response:
    """One signed request to the API where `status` says that it is."""
    told = lab.status()["cloudstack"]
    pairs = {"command": command, "response": "json", "apiKey": told["api_key"], **params}
    pairs["signature"] = auth.signature(pairs.items(), told["secret_key"])
    # Sixty through an emulated guest on a busy machine: slow is not lost.
    return httpx.post(told["endpoint"], data=pairs, trust_env=False, timeout=60)


def test_the_management_server_is_a_service_of_the_guest(lab: Lab) -> None:
    assert str(lab.host.ports.management) in lab.status()["cloudstack"]["endpoint"]
    assert ask(lab, "updateConfiguration", name=SETTING, value="true").status_code == 200
    assert ask(lab, "listZones").status_code == 200, "the setting waits for the restart"
    for name in (SERVICE, "cloud-management"):
        assert lab.ssh(f"systemctl stop {name}").code == 0
        assert not lab.running
        with pytest.raises(httpx.TransportError):
            ask(lab, "listZones")
        assert lab.ssh(f"systemctl start {name}").code == 0
        assert wait_until(lab.management.answers, 60, every=0.2)
    assert ask(lab, "listZones").status_code == 401, "unsigned by version 3: the setting is in force"


def test_many_connections_at_once_come_through(lab: Lab) -> None:
    with ThreadPoolExecutor(20) as pool:
        told = list(pool.map(lambda _: ask(lab, "listZones").status_code, range(60)))
    assert told == [200] * 60


def test_another_era_takes_the_place_of_this_one_and_comes_back(lab: Lab) -> None:
    lab.up(era="legacy")
    assert "4.1" in ask(lab, "listCapabilities").text
    lab.up()
    assert "4.23" in ask(lab, "listCapabilities").text


def test_the_installer_puts_the_system_template_on_the_staging_store(lab: Lab, svm: Svm) -> None:
    svm.policy()
    svm.volume()
    mount(lab)
    line = f"{INSTALLER} -m /glance/images -f {SOURCE} -h xenserver"
    assert lab.ssh(f"{line} -F").code == 0
    assert lab.ssh(line).code == 4, "there already, and no -F"
    lines = lab.ssh("cat /glance/images/template/tmpl/1/1/template.properties").output.splitlines()
    properties = dict(each.split("=", 1) for each in lines)
    size = lab.ssh(f"stat -c %s /glance/images/template/tmpl/1/1/{properties['filename']}").output.strip()
    assert properties["size"] == properties["vhd.size"] == size
    assert seeded("nfs://10.130.208.55/images", "XenServer", lab.folder.cloudstack / "modern")


def test_a_reset_forgets_everything_but_keys_and_addresses(lab: Lab, svm: Svm) -> None:
    svm.policy()
    svm.volume()
    mount(lab)
    kept = {name: (lab.host.directory / name).read_text() for name in ("key", "host_key", "port")}
    url = lab.status()["ontap"]["url"]
    lab.reset()
    assert {name: (lab.host.directory / name).read_text() for name in kept} == kept
    assert lab.status()["ontap"]["url"] == url
    assert "/images" not in lab.status()["ontap"]["exports"]
    assert svm.call("GET", "/api/storage/volumes?name=images")["num_records"] == 0
    assert lab.ssh("ls -d /glance; grep -c nfs /etc/fstab").output == "0\n"
    assert abs(float(lab.ssh("date +%s").output) - time.time()) < 10, "the snapshot's clock was set"


def test_down_leaves_nothing_and_a_lab_beside_it_alone(lab: Lab, svm: Svm) -> None:
    svm.policy()
    svm.volume()
    mount(lab)
    beside = Lab("test-beside")
    beside.up(parts=("ontap", "nfs"))
    try:
        inside = lab.host.ports
        assert inside.management is not None
        ports = [lab.ganesha.port, lab.swift.port, lab.management.port]
        ports += [inside.ssh, inside.glance, inside.management]
        ended = lab.down()
        assert len(ended) == 5, ended
        assert not [port for port in ports if answers(port)]
        assert command_lines_of(lab) == []
        assert lab.down() == []
        assert beside.running
    finally:
        beside.down()
    assert command_lines_of(beside) == []
