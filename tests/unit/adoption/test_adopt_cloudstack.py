"""Zones that were made by hand come into the stack file, and the program finds them as they are."""

from __future__ import annotations

from lab.cloudstack import testing
from lab.cloudstack.testing import RunningCloudStack
from lab.ontap.testing import RunningOntap
from lab.swift.testing import RunningSwift
from tests.unit.adoption import by_hand
from tests.unit.adoption.conftest import Site


async def test_an_advanced_zone_with_everything(
    site: Site, cluster: RunningOntap, account: RunningSwift, cloud: RunningCloudStack
) -> None:
    by_hand.volume(cluster, "staging")
    by_hand.swift_store(cloud, account.auth_url)
    by_hand.advanced_zone(cloud, "nfs://10.130.208.55/staging")
    cloud.advance(120)
    before = cloud.journal.last, cluster.journal.last

    adopted = await site.adopt()

    assert (cloud.writes(before[0]), cluster.writes(before[1])) == ([], []), "a look only reads"
    assert adopted.troubles == ()
    assert await site.preview(adopted) == []
    section = site.config["strata:cloudstack"]
    assert section["objectStore"] == {"account": "cloudstack", "name": "swift01"}
    zone = section["zones"]["zone1"]
    assert zone["staging"] == {"volume": "staging", "dataLif": "10.130.208.55"}
    assert zone["physicalNetworks"]["physnet-1"]["vlans"] == "100-199"
    pod = zone["pods"]["pod1"]
    assert pod["storageIpRange"]["vlan"] == 77
    assert list(pod["clusters"]["cluster1"]) == ["hypervisor", "hosts", "primaryStorage"]
    assert "KVM_HOSTS_PASSWORD" in str(adopted.findings[0]), "what CloudStack does not give back is told"


async def test_several_zones_one_basic_one_disabled(
    site: Site, account: RunningSwift, cloud: RunningCloudStack
) -> None:
    by_hand.swift_store(cloud, account.auth_url)
    by_hand.basic_zone(cloud, "nfs://10.0.0.1/staging1")
    by_hand.advanced_zone(cloud, "nfs://10.0.0.1/staging2", "zone2", 16, enabled=False)

    adopted = await site.adopt()

    assert await site.preview(adopted) == []
    zones = site.config["strata:cloudstack"]["zones"]
    assert sorted(zones) == ["basic", "zone2"]
    assert zones["basic"]["guestNetwork"]["name"] == "guests"
    assert zones["basic"]["pods"]["rack-1"]["guestIpRange"]["startIp"] == "172.21.0.10"
    assert "storageIpRange" in zones["zone2"]["pods"]["pod1"]
    assert [one["enabled"] for one in zones.values()] == [False, False]


async def test_a_second_look_adds_only_what_came_meanwhile(
    site: Site, account: RunningSwift, cloud: RunningCloudStack
) -> None:
    by_hand.swift_store(cloud, account.auth_url)
    first = by_hand.advanced_zone(cloud, "nfs://10.0.0.1/staging1")
    cloud.advance(120)
    await site.adopt()
    text = site.file.read_text()
    assert (await site.adopt()).text == text, "nothing is new, so not a byte changes"
    second = by_hand.advanced_zone(cloud, "nfs://10.0.0.1/staging2", "zone2", 16)
    cloud.advance(120)

    adopted = await site.adopt()

    assert list(adopted.entries["strata:cloudstack"]["zones"]) == ["zone2"]
    zones = next(one for one in adopted.imports["resources"] if one["type"] == "strata:cloudstack:ZoneSet")
    assert zones["id"] == f"zones:{first},{second}", "both zones are the stack's"


async def test_what_cannot_be_said_is_left_out_with_the_reason(
    site: Site, account: RunningSwift, cloud: RunningCloudStack
) -> None:
    by_hand.swift_store(cloud, account.auth_url)
    bare = {"dns1": "8.8.8.8", "internaldns1": "10.0.0.2", "networktype": "Advanced"}
    cloud.ask("createZone", name="bare", **bare)
    zone = by_hand.advanced_zone(cloud, "nfs://10.0.0.1/staging", enabled=False)
    (network,) = cloud.ask("listPhysicalNetworks", zoneid=zone)["physicalnetwork"]
    cloud.ask("updatePhysicalNetwork", id=network["id"], vlan="100-199,300-310")

    adopted = await site.adopt()

    said = {one.what: one.why for one in adopted.findings}
    assert "staging store" in said["zone bare of CloudStack"]
    at = "strata:cloudstack.zones.zone1.physicalNetworks.physnet-1.vlans"
    assert said[at].startswith("the stack file can't say it"), said
    assert list(site.config["strata:cloudstack"]["zones"]) == ["zone1"]
    assert await site.preview(adopted) == [], "what is left out is not managed, so it is no change"


async def test_zones_without_a_store_are_named(site: Site, cloud: RunningCloudStack) -> None:
    by_hand.advanced_zone(cloud, "nfs://10.0.0.1/staging", enabled=False)
    adopted = await site.adopt()
    (found,) = adopted.findings
    assert (
        str(found) == "zone zone1 of CloudStack: a zone stands only behind a Swift store for the whole cloud"
    )
    assert adopted.entries == {}


async def test_which_of_two_accounts_it_is_cannot_be_told(
    site: Site, account: RunningSwift, cloud: RunningCloudStack
) -> None:
    accounts = site.sections["strata:swift"]["accounts"]
    accounts["second"] = {
        **accounts["cloudstack"],
        "user": account.user2,
        "key": site.secret("k2", account.key2),
    }
    by_hand.swift_store(cloud, account.auth_url)
    adopted = await site.adopt()
    (found,) = adopted.findings
    assert "several accounts have its authUrl" in found.why
    assert "objectStore" not in site.config["strata:cloudstack"]

    site.sections["strata:cloudstack"]["objectStore"] = {"account": "second", "name": "swift01"}
    site.write()
    adopted = await site.adopt()
    assert adopted.findings == ()
    assert await site.preview(adopted) == [], "the operator says which, and it is imported as that"

    site.sections["strata:cloudstack"]["objectStore"] |= {"readOnly": True}
    site.write()
    (found,) = (await site.adopt()).findings
    assert "its readOnly is False, and would become True" in found.why


async def test_changed_settings_of_storage_and_no_others(
    site: Site, account: RunningSwift, cloud: RunningCloudStack
) -> None:
    cloud.ask("updateConfiguration", name="expunge.delay", value="300")
    cloud.ask("updateConfiguration", name="secstorage.allowed.internal.sites", value="10.0.0.0/8")
    adopted = await site.adopt()
    settings = site.config["strata:cloudstack"]["settings"]
    assert settings == {"expunge.delay": "300", "secstorage.allowed.internal.sites": "10.0.0.0/8"}
    assert await site.preview(adopted) == []


async def test_up_to_4_1_the_store_is_left_to_the_operator(site: Site, cloud: RunningCloudStack) -> None:
    with testing.running(site.folder / "legacy", era="legacy") as legacy:
        site.sections["strata:cloudstack"]["endpoint"] = legacy.endpoint
        adopted = await site.adopt()
    (found,) = adopted.findings
    assert "a restart can't be imported" in found.why
    assert adopted.entries == {}
