"""What keeps what: the words are those of a real server, the order the one that works there."""

from __future__ import annotations

import pytest

from lab.cloudstack.testing import RunningCloudStack
from tests.unit.lab_cloudstack.wire import Zone, add_swift, bare_zone, enable, refused, whole_zone


def test_a_region_wide_store_keeps_even_an_empty_zone(cloud: RunningCloudStack) -> None:
    """530, until the store is gone; a staging store keeps nothing and is left behind."""
    store = add_swift(cloud)
    zone = bare_zone(cloud)
    cloud.ask("createSecondaryStagingStore", zoneid=zone, url="nfs://10.0.0.1/staging")
    text = "The zone cannot be deleted because there are Secondary storages in this zone"
    assert refused(cloud, "deleteZone", id=zone) == (530, 4250, text)
    cloud.ask("deleteImageStore", id=store)
    assert cloud.ask("deleteZone", id=zone) == {"success": True}
    left = cloud.ask("listSecondaryStagingStores")["imagestore"][0]
    assert left["zoneid"] == zone
    assert "zonename" not in left


def test_the_era_before_did_not_look_at_stores(legacy: RunningCloudStack) -> None:
    """4.1 deletes a zone whatever Swift there is."""
    legacy.ask("updateConfiguration", name="swift.enable", value="true")
    legacy.ask("addSwift", url="http://127.0.0.1:8080/auth/v1.0")
    assert legacy.ask("deleteZone", id=bare_zone(legacy)) == {"success": True}


def test_the_order_that_works(cloud: RunningCloudStack) -> None:
    """Everything of a zone, one after the other; each step is refused a step too early."""
    store = add_swift(cloud)
    zone = whole_zone(cloud)
    cloud.configure(system_vms="always")
    enable(cloud, zone.id)
    cloud.advance(30)
    cloud.advance(30)
    cloud.ask("updateZone", id=zone.id, allocationstate="Disabled")
    assert "private IP addresses allocated" in refused(cloud, "deletePod", id=zone.pod)[2]
    for vm in cloud.ask("listSystemVms")["systemvm"]:
        cloud.ask("destroySystemVm", id=vm["id"])
    assert refused(cloud, "deleteStoragePool", id=zone.pool)[:2] == (431, 4350)
    cloud.ask("enableStorageMaintenance", id=zone.pool)
    cloud.ask("deleteStoragePool", id=zone.pool)
    _delete_hosts_and_below(cloud, zone)
    cloud.ask("deleteSecondaryStagingStore", id=zone.staging)
    cloud.ask("deleteImageStore", id=store)
    cloud.ask("deleteZone", id=zone.id)
    assert cloud.ask("listZones") == {}
    assert refused(cloud, "deleteZone", id=zone.id) == (431, 4350, "A zone with ID: 1 does not exist.")


def _delete_hosts_and_below(cloud: RunningCloudStack, zone: Zone) -> None:
    assert "is not in maintenance mode" in refused(cloud, "deleteHost", id=zone.host)[2]
    pending = cloud.ask("prepareHostForMaintenance", id=zone.host)
    assert pending["jobstatus"] == 0
    cloud.advance(3)
    assert (
        refused(cloud, "deleteCluster", id=zone.cluster)[2]
        == "Cluster: 1 cannot be removed. Cluster still has hosts"
    )
    cloud.ask("deleteHost", id=zone.host)
    assert refused(cloud, "deletePod", id=zone.pod)[2].endswith("there are clusters in this pod.")
    cloud.ask("deleteCluster", id=zone.cluster)
    cloud.ask("deletePod", id=zone.pod)
    assert refused(cloud, "deleteZone", id=zone.id)[2].endswith("there are physical networks in this zone.")
    cloud.ask("deletePhysicalNetwork", id=zone.network)


def test_a_guest_network_keeps_a_physical_network(cloud: RunningCloudStack) -> None:
    """The job fails, with the network's own words."""
    zone = bare_zone(cloud, networktype="Basic")
    network = cloud.ask("createPhysicalNetwork", zoneid=zone, name="pn1")["physicalnetwork"]["id"]
    cloud.ask("addTrafficType", physicalnetworkid=network, traffictype="Guest")
    offering = cloud.ask("listNetworkOfferings", name="DefaultSharedNetworkOfferingWithSGService")
    made = cloud.ask(
        "createNetwork", zoneid=zone, networkofferingid=offering["networkoffering"][0]["id"], name="g"
    )
    failed = cloud.ask("deletePhysicalNetwork", id=network)
    assert (failed["jobstatus"], failed["errorcode"]) == (2, 530)
    cloud.ask("deleteNetwork", id=made["network"]["id"])
    assert cloud.ask("deletePhysicalNetwork", id=network)["success"] is True


@pytest.mark.parametrize(
    ("command", "params", "because"),
    [
        ("updateImageStore", {"name": "other"}, "a removed store can't be renamed"),
        ("deleteImageStore", {}, "its delete tells so in its own words"),
    ],
)
def test_what_is_removed_is_gone(
    cloud: RunningCloudStack, command: str, params: dict[str, str], because: str
) -> None:
    """431, and it does not come back."""
    store = add_swift(cloud)
    cloud.ask("deleteImageStore", id=store)
    assert refused(cloud, command, id=store, **params)[0] == 431, because
    assert cloud.ask("listImageStores") == {}


@pytest.mark.parametrize("what", ["templates", "volumes", "snapshots"])
def test_a_store_that_holds_users_things_stays(cloud: RunningCloudStack, what: str) -> None:
    """431/4350, and the store is still listed."""
    store = add_swift(cloud)
    cloud.emulator.system.add(f"user_{what}", name="theirs", store=store, shown={"id": "1", "name": "theirs"})
    assert refused(cloud, "deleteImageStore", id=store)[:2] == (431, 4350)
    assert cloud.ask("listImageStores")["count"] == 1
