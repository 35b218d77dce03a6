"""4.1 and before: a flag, a row, and nothing else known of stores."""

from __future__ import annotations

from lab.cloudstack.testing import RunningCloudStack
from tests.unit.lab_cloudstack.wire import SWIFT_URL, bare_zone, enable, refused, system_vms, whole_zone

ACCESS = {"url": SWIFT_URL, "account": "test", "username": "tester", "key": "testing"}


def _api_names(cloud: RunningCloudStack) -> set[str]:
    return {each["name"] for each in cloud.ask("listApis")["api"]}


def test_the_eras_know_each_other_by_their_commands(
    cloud: RunningCloudStack, legacy: RunningCloudStack
) -> None:
    """listApis tells which it is; a command of the other era is as unknown as any."""
    assert "addImageStore" in _api_names(cloud)
    assert "addImageStore" not in _api_names(legacy)
    assert "addSwift" in _api_names(legacy)
    assert refused(legacy, "addImageStore", provider="Swift")[0] == 401


def test_without_the_flag_swift_is_refused(legacy: RunningCloudStack) -> None:
    """530 with the exception's class in the text, and no row."""
    status, _, text = refused(legacy, "addSwift", **ACCESS)
    assert status == 530
    assert text.startswith("Failed to add Swift due to ")
    assert text.endswith(": Swift is not enabled")
    assert legacy.ask("listSwifts") == {}


def test_the_flag_is_read_at_each_call(legacy: RunningCloudStack) -> None:
    """addSwift works right after the update, before the restart that the procedure asks for."""
    shown = legacy.ask("updateConfiguration", name="swift.enable", value="true")["configuration"]
    assert shown == {
        "category": "Advanced",
        "name": "swift.enable",
        "value": "true",
        "description": "enable swift ",
    }
    made = legacy.ask("addSwift", **ACCESS)["swift"]
    assert (made["url"], made["account"]) == (SWIFT_URL, "tester"), (
        "the user name stands where the account should"
    )
    assert "testing" not in legacy.call("listSwifts").text


def test_the_setting_is_unknown_today(cloud: RunningCloudStack) -> None:
    """Neither spelling is there."""
    for name in ("swift.enable", "enable.swift"):
        assert cloud.ask("listConfigurations", name=name) == {}
        assert refused(cloud, "updateConfiguration", name=name, value="true")[:2] == (431, 4350)


def test_keys_come_at_once(legacy: RunningCloudStack) -> None:
    """Older releases answered registerUserKeys without a job; the new keys are the ones that count."""
    user = legacy.ask("listUsers")["user"][0]["id"]
    keys = legacy.ask("registerUserKeys", id=user)["userkeys"]
    assert set(keys) == {"apikey", "secretkey"}
    assert refused(legacy, "listZones")[0] == 401


def test_a_legacy_zone_says_which_swift_it_has_and_gets_its_system_vms(legacy: RunningCloudStack) -> None:
    """The whole procedure of the seed: flag, restart, Swift, zone; the system template was on NFS already."""
    legacy.ask("updateConfiguration", name="swift.enable", value="true")
    legacy.restart(5)
    legacy.advance(5)
    legacy.ask("addSwift", **ACCESS)
    zone = whole_zone(legacy)
    enable(legacy, zone.id)
    legacy.advance(30)
    legacy.advance(30)
    assert system_vms(legacy) == ["Running", "Running"]
    assert legacy.ask("listHosts", type="SecondaryStorage")["host"][0]["zoneid"] == zone.id
    wanted = ["updateConfiguration", "addSwift", "createZone"]
    assert [each for each in legacy.commands(writes=True) if each in wanted] == wanted


def test_secondary_storage_is_a_host_that_goes_without_maintenance(legacy: RunningCloudStack) -> None:
    """It keeps its zone; the second delete finds it gone, and a host of the hypervisor is judged as ever."""
    zone = whole_zone(legacy)
    assert "is not in maintenance mode" in refused(legacy, "deleteHost", id=zone.host)[2]
    bare = bare_zone(legacy, "bare")
    secondary = legacy.ask("addSecondaryStorage", zoneid=bare, url="nfs://10.0.0.1/bare")["secondarystorage"]
    assert refused(legacy, "deleteZone", id=bare)[2].endswith("there are servers in this zone.")
    assert legacy.ask("deleteHost", id=secondary["id"]) == {"success": True}
    kept = legacy.ask("listHosts", type="SecondaryStorage")["host"]
    assert [row["id"] for row in kept] == [zone.staging]
    assert refused(legacy, "deleteHost", id=secondary["id"])[0] == 431
    assert legacy.ask("deleteZone", id=bare) == {"success": True}


def test_what_is_no_host_is_none(legacy: RunningCloudStack) -> None:
    """The words of every id that names nothing."""
    nothing = "11111111-2222-3333-4444-555555555555"
    assert f"Invalid parameter id value={nothing}" in refused(legacy, "deleteHost", id=nothing)[2]
