"""Swift first, then the zone: the edges by which the engine keeps that order, in every stack."""

from __future__ import annotations

from pathlib import Path

import pytest

from strata.stackfile import load
from tests.unit.components.registered import DECRYPTED, ROOT, Registered, key_of, registered

STACKS = ("lab", "lab-legacy", "tokyo")
STORE, ZONES = "cloudstack:ImageStore object-store", "cloudstack:ZoneSet zones"
SECRET = "4dabf18193072939515e22adb298388d"
"""The key by which the protocol of the engine marks a secret value."""


@pytest.fixture(scope="module")
def stacks(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Registered]:
    return {
        name: registered(ROOT / "stacks" / f"Pulumi.{name}.yaml", tmp_path_factory.mktemp(name))
        for name in STACKS
    }


def zones(name: str) -> list[str]:
    cloudstack = load(ROOT / "stacks" / f"Pulumi.{name}.yaml").cloudstack
    assert cloudstack is not None
    return sorted(cloudstack.zones)


def everything_before(found: Registered, key: str) -> set[str]:
    """What has to be there before it, directly or not."""
    seen: set[str] = set()
    todo = [key]
    while todo:
        for before in found.after(todo.pop()) - seen:
            seen.add(before)
            todo.append(before)
    return seen


@pytest.mark.parametrize("name", STACKS)
def test_every_zone_comes_after_the_object_store(name: str, stacks: dict[str, Registered]) -> None:
    found = stacks[name]
    assert found.names("cloudstack:Zone") == zones(name)
    for zone in zones(name):
        assert STORE in found.after(f"cloudstack:Zone {zone}"), "from custom resource to custom resource"
        asked = found.requests[f"cloudstack:Zone {zone}"].propertyDependencies["imageStore"]
        assert [key_of(urn) for urn in asked.urns] == [STORE], "and the zone's kind asks for this very store"


@pytest.mark.parametrize("name", STACKS)
def test_whatever_lies_in_a_zone_comes_after_swift(name: str, stacks: dict[str, Registered]) -> None:
    found = stacks[name]
    parts = [
        key
        for key in found.requests
        if key.startswith("cloudstack:") and not key.startswith(("cloudstack:GlobalSetting", STORE))
    ]
    assert len(parts) >= 10
    for key in parts:
        assert {STORE, "swift:Account cloudstack"} <= everything_before(found, key), key


@pytest.mark.parametrize("name", STACKS)
def test_a_zone_is_enabled_when_all_of_it_is_there(name: str, stacks: dict[str, Registered]) -> None:
    found = stacks[name]
    for zone in zones(name):
        before = everything_before(found, f"cloudstack:ZoneState {zone}")
        for key in found.requests:
            kind, part = key.split()
            its = part == zone or part.startswith(f"{zone}-")
            if its and kind.startswith(("cloudstack:", "command:")) and kind != "cloudstack:ZoneState":
                assert key in before, key


@pytest.mark.parametrize("name", STACKS)
def test_the_set_of_zones_is_last(name: str, stacks: dict[str, Registered]) -> None:
    found = stacks[name]
    states = {f"cloudstack:ZoneState {zone}" for zone in zones(name)}
    assert states < found.after(ZONES), "so that it is the first to be deleted, and to be changed"
    assert not [key for key in found.requests if ZONES in found.after(key)]
    asked = {key_of(urn) for urn in found.requests[ZONES].propertyDependencies["zones"].urns}
    assert asked == {f"cloudstack:Zone {zone}" for zone in zones(name)}


def test_the_order_within_an_advanced_zone(stacks: dict[str, Registered]) -> None:
    found, zone = stacks["tokyo"], "cloudstack:Zone tokyo1"
    networks = {
        "cloudstack:PhysicalNetwork tokyo1-guests",
        "cloudstack:PhysicalNetwork tokyo1-management",
    }
    pod, cluster = "cloudstack:Pod tokyo1-rack1", "cloudstack:Cluster tokyo1-rack1-kvm"
    hosts = {f"cloudstack:Host tokyo1-rack1-kvm-kvm{number}" for number in (1, 2)}
    assert all(found.after(network) == {zone} for network in networks)
    assert found.after(pod) == {zone, *networks}
    assert networks <= found.after("cloudstack:PublicIpRange tokyo1-office")
    assert pod in found.after("cloudstack:StorageIpRange tokyo1-rack1-storage")
    assert pod in found.after(cluster)
    assert all({cluster, pod} <= found.after(host) for host in hosts)
    assert hosts < found.after("cloudstack:PrimaryStorage tokyo1-rack1-kvm-primary1"), (
        "a storage pool needs a host that mounts it"
    )


def test_guests_of_a_basic_zone_share_a_network_with_addresses_in_each_pod(
    stacks: dict[str, Registered],
) -> None:
    found = stacks["tokyo"]
    addresses = "cloudstack:PublicIpRange tokyo2-rack2-guests"
    assert {"cloudstack:Pod tokyo2-rack2", "cloudstack:GuestNetwork tokyo2-guests"} <= found.after(addresses)
    assert found.inputs(addresses)["vlan"] == "untagged"
    providers = found.inputs("cloudstack:PhysicalNetwork tokyo2-all")["providers"]
    assert providers == ["VirtualRouter", "SecurityGroupProvider"], "as the wizard does"
    assert found.inputs("cloudstack:ZoneState tokyo2")["state"] == "Disabled"


def test_the_staging_store_is_the_volume(stacks: dict[str, Registered]) -> None:
    found, staging = stacks["lab"], "cloudstack:StagingStore zone1"
    assert found.inputs(staging)["url"] == "nfs://10.130.208.55/secondary"
    asked = found.requests[staging].propertyDependencies["url"]
    assert [key_of(urn) for urn in asked.urns] == ["ontap:Volume secondary"], "it follows the junction path"
    assert {"ontap:Volume secondary", "cloudstack:Zone zone1"} <= found.after(staging)


def test_the_first_era_sets_then_restarts_then_adds_swift(stacks: dict[str, Registered]) -> None:
    found = stacks["lab-legacy"]
    setting, restart = "cloudstack:GlobalSetting swift.enable", "command:remote:Command restart-tkstack"
    assert found.inputs(setting)["value"] == "true"
    assert found.after(setting) == {"swift:Account cloudstack"}, (
        "no restart for a Swift that refuses the credentials"
    )
    assert found.after(restart) == {setting}
    assert found.requests[setting].retainOnDelete, "what the store needs stays with it"
    assert restart in found.after(STORE)
    assert found.inputs(restart)["triggers"] == ["true"], "restarted again only when the setting changes"
    assert found.requests[STORE].retainOnDelete is True, "that era can't take Swift away again"
    assert found.inputs(STORE)["afterRestart"] == "cloudstack-management", "then it waits for the API"
    assert "systemctl restart cloudstack-management" in found.inputs(restart)["create"]


def test_a_modern_cloud_restarts_nothing(stacks: dict[str, Registered]) -> None:
    assert "cloudstack:GlobalSetting swift.enable" not in stacks["lab"].requests
    assert stacks["lab"].names("command:remote:Command") == ["zone1-system-vm-template"]
    assert stacks["lab"].requests[STORE].retainOnDelete is False


def test_the_system_vm_template_comes_after_its_mount(stacks: dict[str, Registered]) -> None:
    found, template = stacks["lab"], "command:remote:Command zone1-system-vm-template"
    assert {"host:Mount secondary-tkstack", "cloudstack:StagingStore zone1"} <= found.after(template)
    assert template in found.after("cloudstack:ZoneState zone1")
    script = found.inputs(template)["create"]
    assert script.endswith(
        "cloud-install-sys-tmplt -m /mnt/secondary -f /usr/share/strata-lab/systemvmtemplate.vhd.bz2 -h xenserver -F"
    )
    downloads = stacks["tokyo"].inputs("command:remote:Command tokyo1-system-vm-template")["create"]
    assert " -u https://download.example.org/" in downloads
    assert found.inputs(STORE)["seedsTemplate"] is True
    assert found.inputs("cloudstack:ZoneState zone1")["seeded"]


@pytest.mark.parametrize("name", STACKS)
def test_a_command_keeps_its_connection_secret_and_is_not_run_again_for_it(
    name: str, stacks: dict[str, Registered]
) -> None:
    found = stacks[name]
    commands = [key for key in found.requests if key.startswith("command:")]
    assert commands
    for key in commands:
        inputs = found.inputs(key)
        assert inputs["update"] == "true", "a rotated key is recorded and restarts nothing"
        assert inputs["logging"] == "none"
        assert DECRYPTED not in str({**inputs, "connection": None}), "no secret in a command or a trigger"
        assert SECRET in inputs["connection"], "the engine encrypts it in the state"
        connection = inputs["connection"]["value"]
        assert connection["hostKey"], "without it any host would be believed"
        assert connection["privateKey"]


@pytest.mark.parametrize(
    ("name", "protected", "because"),
    [
        ("lab", False, "the lab gives its object store up, and with it the zones"),
        ("tokyo", True, "a real site's are protected unless it says otherwise"),
    ],
)
def test_zones_are_protected_as_the_object_store_is(
    name: str, protected: bool, because: str, stacks: dict[str, Registered]
) -> None:
    found = stacks[name]
    assert found.requests[STORE].protect is protected, because
    for zone in zones(name):
        assert found.requests[f"cloudstack:Zone {zone}"].protect is protected, because
        assert found.inputs(f"cloudstack:Zone {zone}")["removeStore"] is not protected, because


def test_swift_accounts_come_with_their_containers(stacks: dict[str, Registered]) -> None:
    found = stacks["tokyo"]
    assert found.names("swift:Account") == ["archive", "cloudstack"]
    assert found.inputs("swift:Account archive")["tempUrlKey"] is True, "whether it is set, never the key"
    assert found.after("swift:Container archive-backups") == {"swift:Account archive"}
    assert found.requests["swift:Container archive-scratch"].protect is False


@pytest.mark.parametrize("name", STACKS)
def test_every_resource_of_cloudstack_is_found_again_after_a_plain_import(
    name: str, stacks: dict[str, Registered]
) -> None:
    for key, request in stacks[name].requests.items():
        assert any(alias.spec.noParent for alias in request.aliases), key


def test_swift_alone_is_a_foundation_too(tmp_path: Path) -> None:
    file = tmp_path / "Pulumi.x.yaml"
    file.write_text(
        "config:\n  strata:swift:\n    accounts:\n"
        '      team: {authUrl: "http://swift01/auth/v1.0", user: team:user, key: {env: KEY}, containers: {a: {}}}\n'
    )
    found = registered(file, tmp_path)
    assert sorted(found.requests) == ["swift:Account team", "swift:Container team-a"]


SECOND_CLUSTER = """              kvm-b:
                hypervisor: KVM
                hosts: {kvm9: {address: 10.130.208.69, credentials: kvm}}
                primaryStorage: {primary9: {url: "nfs://10.130.208.56/primary9"}}
"""


def test_clusters_of_a_pod_do_not_wait_for_each_other(tmp_path: Path) -> None:
    text = (ROOT / "stacks" / "Pulumi.tokyo.yaml").read_text()
    end = '                  primary1: {url: "nfs://10.130.208.56/primary1", tags: [ssd]}\n'
    assert end in text
    (tmp_path / "Pulumi.two.yaml").write_text(text.replace(end, end + SECOND_CLUSTER))
    found = registered(tmp_path / "Pulumi.two.yaml", tmp_path)
    (ninth,) = (key for key in found.requests if key.startswith("cloudstack:Host") and key.endswith("kvm9"))
    before = everything_before(found, ninth)
    assert any(key.endswith("-kvm-b") for key in before)
    assert not any(key.endswith(("-kvm", "-kvm1", "-kvm2", "primary1")) for key in before), before


def test_settings_are_in_force_before_the_store_and_all_that_follows(stacks: dict[str, Registered]) -> None:
    found = stacks["tokyo"]
    settings = {key for key in found.requests if key.startswith("cloudstack:GlobalSetting")}
    assert settings
    assert settings <= found.after(STORE)


def test_the_template_is_put_again_onto_a_store_or_volume_that_was_made_anew(
    stacks: dict[str, Registered],
) -> None:
    found = stacks["lab"]
    (command,) = (key for key in found.requests if key.endswith("system-vm-template"))
    asked = {key_of(urn) for urn in found.requests[command].propertyDependencies["triggers"].urns}
    assert asked == {"cloudstack:StagingStore zone1", "ontap:Volume secondary"}
