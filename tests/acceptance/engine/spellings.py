"""What is no drift on a site of every kind: the same said otherwise, in the file or by the system, and what nobody manages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from tests.acceptance.engine.every_kind_site import EveryKind
from tests.lifecycle.glance_migration.site import CONF, FOLDER, NEW

Change = Callable[[EveryKind], object]


class Spelling(NamedTuple):
    """Two texts of the stack file that mean the same for a kind."""

    kind: str
    old: str
    new: str


def _record(table: str, name: str | None = None, **values: Any) -> Change:
    return lambda site: site.whole.row(table, name).update(values)


def _on_host(script: str) -> Change:
    return lambda site: site.host.host.sh(script)


def _staging(site: EveryKind) -> None:
    for row in site.whole.cloudstack.emulator.system.rows("staging_stores"):
        row["url"] = f"{row['url']}/"


def _disabled_provider(site: EveryKind) -> None:
    """One that zone1 does not declare."""
    network = site.whole.row("physical_networks", "physnet1")
    for row in site.whole.cloudstack.emulator.system.rows("providers"):
        if row["physicalnetworkid"] == network["uuid"] and row["name"] == "VpcVirtualRouter":
            row["state"] = "Enabled"


def _more_zones_first(text: str) -> str:
    before, _, zones = text.partition("      zone1:\n")
    first, _, second = zones.partition("      zone2:\n")
    second, _, after = second.partition("  strata:hosts:\n")
    return f"{before}      zone2:\n{second}      zone1:\n{first}  strata:hosts:\n{after}"


IN_THE_FILE: Final = (
    Spelling("ontap:Volume", "size: 50GiB", "size: 51200MiB"),
    Spelling("ontap:Volume", "maximum: 100GiB", "maximum: 102400MiB"),
    Spelling("ontap:Volume", 'unixPermissions: "0755"', 'unixPermissions: "755"'),
    Spelling("ontap:ExportPolicy", "- clients: [10.130.208.0/24]", '- clients: ["10.130.208.0/24"]'),
    Spelling(
        "host:Mount", "export: /moved, path: /mnt/scratch,", "export: /moved, path: /mnt/scratch, type: nfs,"
    ),
    Spelling("glance:FilesystemStore", 'mode: "0750"', 'mode: "750"'),
    Spelling("glance:ImageMigration", "{keepSource: false}", "{keepSource: false, workers: 4, proof: auto}"),
    Spelling("swift:Account", "quota: 10TiB", "quota: 10240GiB"),
    Spelling("swift:Account", "metadata: {Owner: cloud}", "metadata: {owner: cloud}"),
    Spelling("swift:Container", 'readAcl: ".r:*"', 'readAcl: " .r:* "'),
    Spelling("swift:Container", "quota: 2TiB", "quota: 2048GiB"),
    Spelling("cloudstack:GlobalSetting", "expunge.delay: 86400", 'expunge.delay: "86400"'),
    Spelling("cloudstack:ImageStore", "readOnly: false, ", ""),
    Spelling("cloudstack:ZoneState", "      zone2:\n", "      zone2:\n        enabled: true\n"),
)
"""Another unit, another case, quotes, the default said or left out."""

BY_THE_SYSTEM: Final[Mapping[str, Change]] = {
    "host:Mount": _on_host("sed -i '/scratch/s, ,\\t\\t,g' /etc/fstab"),
    "glance:FilesystemStore": _on_host(f"sed -i 's,datadir = {NEW},datadir={NEW}/,' {CONF}"),
    "cloudstack:Host": _record("hosts", hosttags=" gpu,gpu"),
    "cloudstack:PrimaryStorage": _record("pools", tags="ssd ,ssd", path="/primary1/"),
    "cloudstack:StagingStore": _staging,
    "cloudstack:PhysicalNetwork": _record("physical_networks", "physnet1", vlan="100-150,151-199"),
    "cloudstack:Cluster": _record("clusters", hypervisor="kvm"),
    "cloudstack:StorageIpRange": _record("storage_ranges", vlan=212),
    "cloudstack:ImageStore": _record("image_stores", readonly=None),
}
"""Blanks and slashes, another case, a list in pieces or with repeats, a number for a text, a default that is not told."""

ONE_SPELLING: Final = {
    "cloudstack:Pod": "addresses, a netmask and names",
    "cloudstack:PublicIpRange": "addresses and a netmask",
    "cloudstack:GuestNetwork": "text as it was given",
    "cloudstack:Zone": "addresses and names; the network of its guests comes back as it was given",
}
"""The schema takes, and the system gives, one form only."""

UNMANAGED: Final[Mapping[str, Change]] = {
    "ontap:Volume": lambda site: (site.whole.site.ontap.directory("images") / "used").write_bytes(
        b"x" * 1_000_000
    ),
    "ontap:ExportPolicy": lambda site: site.whole.site.ontap.request(
        "POST",
        "/api/protocols/nfs/export-policies",
        json={"name": "of-others", "svm": {"name": "demo-nfs-svm"}},
    ),
    "host:Mount": _on_host(
        "echo '/dev/vdb /mnt/of-others ext4 defaults 0 0' >>/etc/fstab; touch /mnt/scratch/file"
    ),
    "glance:FilesystemStore": _on_host(f"sed -i 's/^password = .*/password = rotated/' {CONF}"),
    "glance:ImageMigration": lambda site: (
        site.host.upload("third", folder=NEW),
        site.host.path(f"{FOLDER}/a-note").write_text("of others"),
    ),
    "swift:Account": lambda site: (
        site.account().put_container("of-others"),
        site.account().post_account({"X-Account-Meta-Other": "of another team"}),
    ),
    "swift:Container": lambda site: (
        site.account().put_object("backups", "one", b"x" * 1000),
        site.account().post_container("backups", {"X-Container-Meta-Other": "of another team"}),
    ),
    "cloudstack:GlobalSetting": _record("configuration", "storage.template.cleanup.enabled", value="false"),
    "cloudstack:ImageStore": _record("image_stores", disksizeused=4711),
    "cloudstack:Zone": _record("zones", "zone2", domain="of-others.example.org", localstorageenabled=True),
    "cloudstack:ZoneState": lambda site: site.whole.cloudstack.configure(system_vms="always"),
    "cloudstack:ZoneSet": lambda site: site.whole.cloudstack.ask(
        "createZone", name="of-others", dns1="8.8.8.8", internaldns1="10.0.0.2", networktype="Advanced"
    ),
    "cloudstack:StagingStore": lambda site: [
        row.update(disksizeused=4711) for row in site.whole.cloudstack.emulator.system.rows("staging_stores")
    ],
    "cloudstack:PhysicalNetwork": _disabled_provider,
    "cloudstack:GuestNetwork": _record(
        "networks", "defaultGuestNetwork", networkdomain="of-others.example.org"
    ),
    "cloudstack:PublicIpRange": _record("vlans", forsystemvms=True),
    "cloudstack:StorageIpRange": _record("storage_ranges", gateway="10.130.212.1"),
    "cloudstack:Pod": _record("pods", "pod1", allocationstate="Disabled"),
    "cloudstack:Cluster": _record("clusters", allocationstate="Disabled"),
    "cloudstack:Host": _record("hosts", resourcestate="Disabled"),
    "cloudstack:PrimaryStorage": _record("pools", disksizeused=4711, capacityiops=9),
}
"""Bytes and objects, what belongs to others, and the properties that the stack file leaves out."""

in_another_order = _more_zones_first
