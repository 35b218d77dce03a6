"""System VMs take time, or never come; the secondary storage VM's work is handed out once."""

from __future__ import annotations

from ipaddress import IPv4Address
from pathlib import Path

from lab.cloudstack.config import SsvmWork
from lab.cloudstack.testing import RunningCloudStack, running
from tests.unit.lab_cloudstack.wire import SWIFT_URL, add_swift, enable, system_vms, whole_zone


def test_swift_first_leaves_the_zone_without_system_vms(cloud: RunningCloudStack) -> None:
    """On 4.23 the system template is asked for when the store is added, and never again."""
    add_swift(cloud)
    zone = whole_zone(cloud)
    enable(cloud, zone.id)
    cloud.advance(1000)
    assert system_vms(cloud) == []
    assert cloud.state()["why_no_system_vms"]["z1"] == "System VM Template is not ready at zone [1]"


def test_a_seeded_template_brings_them(cloud: RunningCloudStack) -> None:
    """After the installer script they start, run, and the agent comes up, each in its time."""
    add_swift(cloud)
    zone = whole_zone(cloud)
    enable(cloud, zone.id)
    cloud.seed_template(zone.id)
    cloud.advance(0)
    assert system_vms(cloud) == []
    cloud.advance(30)
    assert system_vms(cloud) == ["Starting", "Starting"]
    cloud.advance(20)
    assert system_vms(cloud) == ["Running", "Running"]
    assert cloud.ask("listHosts", type="SecondaryStorageVM") == {}
    cloud.advance(3)
    assert cloud.ask("listHosts", type="SecondaryStorageVM")["host"][0]["state"] == "Up"


def test_a_second_add_after_staging_asks_for_the_template(cloud: RunningCloudStack) -> None:
    """The other way out that was seen: a store added once cluster and staging store are there."""
    add_swift(cloud)
    zone = whole_zone(cloud)
    enable(cloud, zone.id)
    add_swift(cloud, "again")
    cloud.advance(60)
    cloud.advance(60)
    assert system_vms(cloud) == ["Running", "Running"]


def test_never_means_never(cloud: RunningCloudStack) -> None:
    """A lab can be told to keep them away."""
    cloud.configure(system_vms="never")
    zone = whole_zone(cloud)
    add_swift(cloud)
    enable(cloud, zone.id)
    cloud.advance(1000)
    assert system_vms(cloud) == []


def _work_of(tmp_path: Path, era: str) -> list[SsvmWork]:
    done: list[SsvmWork] = []
    with running(
        tmp_path, era=era, on_ssvm=done.append, template_seeded=lambda url, hypervisor: hypervisor == "KVM"
    ) as cloud:
        if era == "legacy":
            cloud.ask("updateConfiguration", name="swift.enable", value="true")
            cloud.ask("addSwift", url=SWIFT_URL, account="test", username="tester", key="testing")
        else:
            add_swift(cloud)
        zone = whole_zone(cloud)
        enable(cloud, zone.id)
        for _ in range(6):
            cloud.advance(20)
        assert _ready(cloud) == {True}
    return done


def test_the_secondary_storage_vm_hands_its_work_out_once(tmp_path: Path) -> None:
    """Where templates are staged, the Swift to bring them to, and their numbers; in both eras."""
    for era in ("modern", "legacy"):
        (work,) = _work_of(tmp_path / era, era)
        assert work.staging_urls == ("nfs://10.0.0.1/staging-z1",)
        assert [(swift.url, swift.details["account"]) for swift in work.swifts] == [(SWIFT_URL, "test")]
        assert [template.number for template in work.templates] == [3, 4]
        assert "testing" not in repr(work)


def test_work_that_fails_is_told_and_not_taken_for_done(tmp_path: Path) -> None:
    """The management server goes on, its templates are not ready, and it is tried again until it works."""
    tried: list[SsvmWork] = []

    def broken(work: SsvmWork) -> None:
        tried.append(work)
        if len(tried) < 3:
            raise ConnectionError("no Swift there")

    with running(tmp_path, on_ssvm=broken) as cloud:
        cloud.configure(system_vms="always")
        enable(cloud, whole_zone(cloud).id)
        cloud.advance(30)
        cloud.advance(23)
        assert cloud.state()["ssvm_error"] == "ConnectionError: no Swift there"
        assert _ready(cloud) == {False}
        for _ in range(3):
            cloud.advance(30)
        assert cloud.state()["ssvm_error"] is None
        assert _ready(cloud) == {True}
        assert len(tried) == 3


def _ready(cloud: RunningCloudStack) -> set[bool]:
    return {each["isready"] for each in cloud.ask("listTemplates", templatefilter="all")["template"]}


def test_a_store_added_later_is_work_for_a_vm_that_runs(tmp_path: Path) -> None:
    """The zone first and Swift after it: the running VM is handed the new store."""
    done: list[SsvmWork] = []
    with running(tmp_path, on_ssvm=done.append) as cloud:
        cloud.configure(system_vms="always")
        enable(cloud, whole_zone(cloud).id)
        cloud.advance(30)
        cloud.advance(23)
        add_swift(cloud)
        cloud.advance(0)
        assert [len(work.swifts) for work in done] == [0, 1]


def test_a_destroyed_system_vm_comes_back_while_the_zone_is_enabled(cloud: RunningCloudStack) -> None:
    """And stays away once it is disabled."""
    cloud.configure(system_vms="always")
    zone = whole_zone(cloud)
    enable(cloud, zone.id)
    for wanted in (2, 0):
        cloud.advance(30)
        cloud.advance(30)
        for vm in cloud.ask("listSystemVms").get("systemvm", []):
            cloud.ask("destroySystemVm", id=vm["id"])
        if wanted == 0:
            cloud.ask("updateZone", id=zone.id, allocationstate="Disabled")
        cloud.advance(30)
        cloud.advance(30)
        assert len(system_vms(cloud)) == wanted


def test_a_cluster_without_staging_is_not_enough_at_the_add(cloud: RunningCloudStack) -> None:
    """Swift added while no staging store is there asks for nothing, and a staging store made later changes nothing."""
    zone = whole_zone(cloud)
    cloud.ask("deleteSecondaryStagingStore", id=zone.staging)
    add_swift(cloud)
    cloud.ask("createSecondaryStagingStore", zoneid=zone.id, url="nfs://10.0.0.1/later")
    enable(cloud, zone.id)
    cloud.advance(100)
    assert system_vms(cloud) == []


def test_without_a_public_range_the_addresses_are_the_pods_own(cloud: RunningCloudStack) -> None:
    """Whether the pod's range is long or has four addresses: all differ and none is outside."""
    cloud.configure(system_vms="always")
    for name, net, last in (("long", "172.16.15", 100), ("short", "172.16.16", 13)):
        zone = whole_zone(cloud, name, net)
        for each in cloud.ask("listVlanIpRanges", zoneid=zone.id)["vlaniprange"]:
            cloud.ask("deleteVlanIpRange", id=each["id"])
        cloud.ask("updatePod", id=zone.pod, endip=f"{net}.{last}")
        enable(cloud, zone.id)
        cloud.advance(0)
        cloud.advance(30)
        vms = cloud.ask("listSystemVms", zoneid=zone.id)["systemvm"]
        given = {IPv4Address(vm[kind]) for vm in vms for kind in ("publicip", "privateip")}
        assert len(given) == 4
        assert IPv4Address(f"{net}.10") <= min(given)
        assert max(given) <= IPv4Address(f"{net}.{last}")
