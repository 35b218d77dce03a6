"""Who looks at the staging store is asked for the hosts' own hypervisor, in both eras, and is heard."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lab.cloudstack.config import Era
from lab.cloudstack.testing import PASSWORD, RunningCloudStack, running
from lab.http.process import hook
from tests.unit.lab_cloudstack.wire import SWIFT_URL, add_swift, enable, system_vms, whole_zone

ERAS: tuple[Era, ...] = ("modern", "legacy")
NOT_READY = "System VM Template is not ready at zone [1]"


def _zone_of_kvm(cloud: RunningCloudStack) -> str:
    """An enabled zone with a KVM host, a staging store and Swift, some time later."""
    if cloud.emulator.system.legacy:
        cloud.ask("updateConfiguration", name="swift.enable", value="true")
        cloud.ask("addSwift", url=SWIFT_URL, account="test", username="tester", key="testing")
    else:
        add_swift(cloud)
    zone = whole_zone(cloud)
    enable(cloud, zone.id)
    _wait(cloud)
    return zone.id


def _wait(cloud: RunningCloudStack) -> None:
    for _ in range(3):
        cloud.advance(30)


@pytest.mark.parametrize("era", ERAS)
def test_system_vms_wait_for_the_template_of_the_hosts_hypervisor(tmp_path: Path, era: Era) -> None:
    """Another hypervisor's template starts nothing; the right one does, as soon as it is there."""
    there = {("nfs://10.0.0.1/staging-z1", "XenServer"), ("nfs://10.0.0.1/elsewhere", "KVM")}
    with running(tmp_path, era=era, template_seeded=lambda url, kind: (url, kind) in there) as cloud:
        _zone_of_kvm(cloud)
        assert system_vms(cloud) == []
        assert cloud.state()["why_no_system_vms"]["z1"] == NOT_READY
        there.add(("nfs://10.0.0.1/staging-z1", "KVM"))
        _wait(cloud)
        assert system_vms(cloud) == ["Running", "Running"]


@pytest.mark.parametrize("era", ERAS)
def test_they_start_on_a_host_that_has_its_template(tmp_path: Path, era: Era) -> None:
    """The first host of the zone is KVM; only XenServer's template is there, and a XenServer host comes later."""
    with running(tmp_path, era=era, template_seeded=lambda _url, kind: kind == "XenServer") as cloud:
        zone = _zone_of_kvm(cloud)
        pod = cloud.ask("listPods", zoneid=zone)["pod"][0]["id"]
        place = {"zoneid": zone, "podid": pod, "hypervisor": "XenServer"}
        cluster = cloud.ask("addCluster", **place, clustername="x1", clustertype="CloudManaged")["cluster"][0]
        xen = cloud.ask("addHost", **place, clusterid=cluster["id"], url="http://z1-xen")["host"][0]
        _wait(cloud)
        assert [vm["hostid"] for vm in cloud.ask("listSystemVms")["systemvm"]] == [xen["id"]] * 2


def test_the_process_asks_with_url_hypervisor_and_its_folder(tmp_path: Path) -> None:
    """What `--template-seeded` names gets all three; without the option nobody is asked."""
    volume = tmp_path / "volume"
    (volume / "template/tmpl/1/3").mkdir(parents=True)
    (volume / "template/tmpl/1/3/template.properties").touch()
    (tmp_path / "exports.json").write_text(json.dumps({"/staging": str(volume)}))
    (tmp_path / "exports").write_text(str(tmp_path / "exports.json"))
    ask = hook("lab.cloudstack.ssvm:seeded", tmp_path)
    assert ask is not None
    assert ask("nfs://10.0.0.1/staging", "KVM")
    assert not ask("nfs://10.0.0.1/staging", "XenServer")
    assert hook(None, tmp_path) is None


@pytest.mark.parametrize("era", ERAS)
def test_the_installer_is_told_the_same_uuid_before_and_after_the_first_cluster(
    tmp_path: Path, era: Era
) -> None:
    """It names its file by it: a template that is seeded anew must replace the one that lies in Swift by now."""
    with running(tmp_path, era=era) as cloud:

        def told() -> str:
            asked = cloud.client.post(
                "/_lab/systemtemplate", json={"hypervisor": "kvm"}, auth=("admin", PASSWORD)
            )
            return str(asked.raise_for_status().json()["uuid"])

        before = told()
        whole_zone(cloud)
        shown = cloud.ask("listTemplates", templatefilter="all", hypervisor="KVM")["template"]
        assert told() == before
        assert before in [one["id"] for one in shown if one["templatetype"] == "SYSTEM"]
        assert len({one["id"] for one in shown}) == 2, "the builtin one has its own"
