"""What others change on a whole site: every managed property of every kind that needs no guest, and the finding that it makes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from swiftclient import Connection  # type: ignore[import-untyped]

from tests.acceptance.engine.whole_site import WholeSite

Change = Callable[[WholeSite], object]


@dataclass(frozen=True)
class Outside:
    """One change: `finding` is the resource and the property that a look must name, and it alone."""

    finding: str
    change: Change

    @property
    def managed(self) -> str:
        """`ontap:Volume size`: the kind and the property that it covers."""
        resource, _, path = self.finding.partition(" ")
        return f"{resource.split('/')[0]} {path.split('.')[0].split('[')[0]}"


def volume(finding: str, **changes: Any) -> Outside:
    return Outside(f"ontap:Volume/images {finding}", lambda whole: whole.volume(**changes))


def rule(finding: str, **changes: Any) -> Outside:
    return Outside(
        f"ontap:ExportPolicy/images rules[0].{finding}", lambda whole: whole.policy("/rules/1", **changes)
    )


def record(finding: str, table: str, name: str | None = None, **changes: Any) -> Outside:
    """A change in CloudStack's own records, also of what its API could not change."""
    return Outside(f"cloudstack:{finding}", lambda whole: whole.row(table, name).update(changes))


def swift(finding: str, container: str | None = None, **headers: str) -> Outside:
    """A change of the account's or a container's metadata, `X_Account_Meta_Owner` for the header of that name."""

    def change(whole: WholeSite) -> None:
        account = finding.partition("/")[2].partition(" ")[0].partition("-")[0]
        user, key = {
            "cloudstack": (whole.swift.reseller, whole.swift.reseller_key),
            "archive": (whole.swift.user2, whole.swift.key2),
        }[account]
        connection = Connection(authurl=whole.swift.auth_url, user=user, key=key)
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if container is None:
            connection.post_account(given)
        else:
            connection.post_container(container, given)

    return Outside(f"swift:{finding}", change)


def traffic(whole: WholeSite) -> None:
    """Another bridge for the guests of zone1."""
    network = whole.row("physical_networks", "physnet1")
    (guest,) = [
        row
        for row in whole.cloudstack.emulator.system.rows("traffic_types")
        if (row["traffictype"], row["physicalnetworkid"]) == ("Guest", network["uuid"])
    ]
    guest["labels"] = {"kvmnetworklabel": "cloudbr7"}


def provider(whole: WholeSite) -> None:
    """The virtual router of zone1 is disabled."""
    network = whole.row("physical_networks", "physnet1")
    (router,) = [
        row
        for row in whole.cloudstack.emulator.system.rows("providers")
        if (row["name"], row["physicalnetworkid"]) == ("VirtualRouter", network["uuid"])
    ]
    router["state"] = "Disabled"


def move(whole: WholeSite, aggregate: str = "aggr2") -> None:
    """The volume lies on another aggregate; the emulator has no move, so its record is changed."""
    ontap = whole.site.ontap
    (other,) = ontap.request("GET", "/api/storage/aggregates", params={"name": aggregate}).json()["records"]
    stored = ontap.emulator.system.store.find("volumes", "name", whole.site.volume()["name"])
    stored["aggregates"] = [{"name": other["name"], "uuid": other["uuid"]}]


def rename(table: str, name: str) -> Change:
    """Something of CloudStack's is called otherwise."""
    return lambda whole: whole.row(table, name).update(name=f"{name}-of-others")


GIB: Final = 2**30

OUTSIDE: Final = (
    Outside("ontap:Volume/images aggregate", move),
    volume("autosize.growThreshold", autosize={"grow_threshold": 90}),
    volume("autosize.maximum", autosize={"maximum": 120 * GIB}),
    volume("autosize.minimum", autosize={"minimum": 40 * GIB}),
    volume("autosize.shrinkThreshold", autosize={"shrink_threshold": 40}),
    volume("autosize.mode", autosize={"mode": "grow_shrink"}),
    volume("comment", comment="somebody's note"),
    volume("efficiency.compaction", efficiency={"compaction": "inline"}),
    volume("efficiency.compression", efficiency={"compression": "inline"}),
    volume("efficiency.crossVolumeDedupe", efficiency={"cross_volume_dedupe": "inline"}),
    volume("efficiency.dedupe", efficiency={"dedupe": "both"}),
    volume("exportPolicy", nas={"export_policy": {"name": "default"}}),
    volume("gid", nas={"gid": 7}),
    volume("guarantee", guarantee={"type": "volume"}),
    volume("junctionPath", nas={"path": "/elsewhere"}),
    volume("securityStyle", nas={"security_style": "mixed"}),
    volume("name", name="images_of_others"),
    # Up to the maximum of autosize it would be ONTAP's own doing.
    volume("size", size=200 * GIB),
    volume("snapshotPolicy", snapshot_policy={"name": "none"}),
    volume("snapshotReserve", space={"snapshot": {"reserve_percent": 10}}),
    volume("uid", nas={"uid": 7}),
    volume("unixPermissions", nas={"unix_permissions": "777"}),
    rule("allowDeviceCreation", allow_device_creation=False),
    rule("allowSuid", allow_suid=False),
    rule("anonymousUser", anonymous_user="65534"),
    rule("clients", clients=[{"match": "0.0.0.0/0"}]),
    rule("protocols", protocols=["any"]),
    rule("readOnly", ro_rule=["any"]),
    rule("readWrite", rw_rule=["any"]),
    rule("superuser", superuser=["none"]),
    # Last of the policy's: it is found by its name.
    Outside("ontap:ExportPolicy/images name", lambda whole: whole.policy("", name="others")),
    swift("Account/cloudstack metadata", X_Account_Meta_Owner="others"),
    swift("Account/cloudstack quota", X_Account_Meta_Quota_Bytes="1000000"),
    swift("Account/archive tempUrlKey", X_Account_Meta_Temp_URL_Key="another"),
    swift("Container/archive-backups metadata", "backups", X_Container_Meta_Owner="others"),
    swift("Container/archive-backups quota", "backups", X_Container_Meta_Quota_Bytes="1000000"),
    swift("Container/archive-backups readAcl", "backups", X_Container_Read=".r:*,.rlistings"),
    swift("Container/archive-backups writeAcl", "backups", X_Container_Write=""),
    Outside("cloudstack:Cluster/zone1-pod1-cluster1 name", rename("clusters", "cluster1")),
    record("GlobalSetting/expunge.delay value", "configuration", "expunge.delay", value="20"),
    record("GuestNetwork/zone2-guests displayText", "networks", "defaultGuestNetwork", displaytext="others"),
    record("Host/zone1-pod1-cluster1-kvm1 tags", "hosts", hosttags="gpu,fast"),
    Outside("cloudstack:ImageStore/object-store name", rename("image_stores", "swift01")),
    record("ImageStore/object-store readOnly", "image_stores", readonly=True),
    Outside("cloudstack:PhysicalNetwork/zone1-physnet1 providers", provider),
    record("PhysicalNetwork/zone1-physnet1 state", "physical_networks", "physnet1", state="Disabled"),
    record("PhysicalNetwork/zone1-physnet1 tags", "physical_networks", "physnet1", tags="slow"),
    Outside("cloudstack:PhysicalNetwork/zone1-physnet1 traffic[2].kvm", traffic),
    record("PhysicalNetwork/zone1-physnet1 vlans", "physical_networks", "physnet1", vlan="100-150"),
    record("Pod/zone1-pod1 endIp", "pods", "pod1", endip="10.130.208.210"),
    record("Pod/zone1-pod1 gateway", "pods", "pod1", gateway="10.130.208.254"),
    record("Pod/zone1-pod1 netmask", "pods", "pod1", netmask="255.255.0.0"),
    record("Pod/zone1-pod1 startIp", "pods", "pod1", startip="10.130.208.190"),
    Outside("cloudstack:Pod/zone1-pod1 name", rename("pods", "pod1")),
    Outside("cloudstack:PrimaryStorage/zone1-pod1-cluster1-primary1 name", rename("pools", "primary1")),
    record("PrimaryStorage/zone1-pod1-cluster1-primary1 tags", "pools", tags="hdd"),
    record("PublicIpRange/zone1-public1 endIp", "vlans", endip="172.16.0.150"),
    record("PublicIpRange/zone1-public1 gateway", "vlans", gateway="172.16.0.254"),
    record("PublicIpRange/zone1-public1 netmask", "vlans", netmask="255.255.0.0"),
    record("PublicIpRange/zone1-public1 startIp", "vlans", startip="172.16.0.90"),
    record("StorageIpRange/zone1-pod1-storage endIp", "storage_ranges", endip="10.130.212.60"),
    record("StorageIpRange/zone1-pod1-storage netmask", "storage_ranges", netmask="255.255.0.0"),
    record("StorageIpRange/zone1-pod1-storage startIp", "storage_ranges", startip="10.130.212.40"),
    record("StorageIpRange/zone1-pod1-storage vlan", "storage_ranges", vlan="213"),
    record("Zone/zone1 dns", "zones", "zone1", dns1="9.9.9.9"),
    record("Zone/zone1 domain", "zones", "zone1", domain="others.example.org"),
    record("Zone/zone1 guestCidr", "zones", "zone1", guestcidraddress="10.9.0.0/16"),
    record("Zone/zone1 internalDns", "zones", "zone1", internaldns1="10.130.208.9"),
    record("Zone/zone1 localStorage", "zones", "zone1", localstorageenabled=True),
    Outside("cloudstack:Zone/zone1 name", rename("zones", "zone1")),
    record("ZoneState/zone2 state", "zones", "zone2", allocationstate="Disabled"),
)
