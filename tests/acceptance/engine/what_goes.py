"""What others can take away on a site of every kind, and how."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from lab.cloudstack.commands import remove
from tests.acceptance.engine.every_kind_site import EveryKind
from tests.lifecycle.glance_migration.site import CONF, DROP_IN, FOLDER

TABLES = (
    *(
        "pools",
        "hosts",
        "clusters",
        "storage_ranges",
        "pods",
        "vlans",
        "networks",
        "providers",
        "traffic_types",
    ),
    *("physical_networks", "staging_stores", "zones", "image_stores"),
)
Way = Callable[[EveryKind], object]
COMPONENTS: Final = 15
"""Resources that are only brackets around others, and the stack itself."""


def _record(table: str, name: str | None = None) -> Way:
    """A record of CloudStack's is not there any more; by its name where there are several."""

    def go(site: EveryKind) -> None:
        remove(site.whole.row(table, name))

    return go


def _on_host(script: str) -> Way:
    return lambda site: site.host.host.sh(script)


def _volume_and_policy(site: EveryKind) -> None:
    """A policy can't go before the volume that has it."""
    ontap = site.whole.site.ontap
    for one in site.whole.site.volumes():
        path = f"/api/storage/volumes/{one['uuid']}"
        ontap.request("PATCH", path, json={"nas": {"path": ""}}, params={"return_timeout": 15})
        assert ontap.request("DELETE", path, params={"return_timeout": 15}).status_code < 300
    policies = "/api/protocols/nfs/export-policies"
    for one in ontap.request("GET", policies, params={"name": "images"}).json()["records"]:
        assert ontap.request("DELETE", f"{policies}/{one['id']}").status_code < 300


def _staging_store(site: EveryKind) -> None:
    (store,) = [
        row
        for row in site.whole.cloudstack.emulator.system.rows("staging_stores")
        if row["url"].endswith("/two")
    ]
    remove(store)


def _container(site: EveryKind) -> None:
    account = site.account()
    for one in account.get_container("backups")[1]:
        account.delete_object("backups", one["name"])
    account.delete_container("backups")


WAYS: Final[Mapping[str, Way]] = {
    "ontap:Volume/images": _volume_and_policy,
    "ontap:ExportPolicy/images": lambda site: None,
    "host:Mount/scratch-tkstack": _on_host("umount /mnt/scratch; sed -i '/scratch/d' /etc/fstab"),
    "glance:FilesystemStore/glance-tkstack": _on_host(
        f"sed -i '/^filesystem_store_datadir = /d' {CONF}; rm {DROP_IN}; systemctl daemon-reload"
    ),
    "glance:ImageMigration/glance-images": _on_host(f"rm {FOLDER}/record.json"),
    "swift:Container/archive-backups": _container,
    "cloudstack:GuestNetwork/zone2-guests": _record("networks", "defaultGuestNetwork"),
    "cloudstack:Host/zone1-pod1-cluster1-kvm1": _record("hosts"),
    "cloudstack:PrimaryStorage/zone1-pod1-cluster1-primary1": _record("pools"),
    "cloudstack:PublicIpRange/zone1-public1": _record("vlans"),
    "cloudstack:StagingStore/zone2": _staging_store,
    "cloudstack:StorageIpRange/zone1-pod1-storage": _record("storage_ranges"),
}
ALONE: Final = tuple(WAYS)
IN_THE_CLOUD: Final = (
    "cloudstack:ImageStore/object-store",
    "cloudstack:StagingStore/zone1",
    *(f"cloudstack:{kind}/{zone}" for zone in ("zone1", "zone2") for kind in ("Zone", "ZoneState")),
    "cloudstack:PhysicalNetwork/zone1-physnet1",
    "cloudstack:PhysicalNetwork/zone2-all",
    "cloudstack:Pod/zone1-pod1",
    "cloudstack:Pod/zone2-pod2",
    "cloudstack:Cluster/zone1-pod1-cluster1",
    *(name for name in WAYS if name.startswith("cloudstack:")),
)
"""What goes with the zones, and the store, without which no zone can come."""
NEVER_GONE: Final = {
    "strata:swift:Account": "Swift has every account; what can be taken away are its values, which is drift",
    "strata:cloudstack:GlobalSetting": "settings come with the release",
    "strata:cloudstack:ZoneSet": "there is always the set of all zones, be it empty",
}
STAYING: Final = (
    "swift:Account/cloudstack",
    "swift:Account/archive",
    "cloudstack:GlobalSetting/expunge.delay",
    "cloudstack:ZoneSet/zones",
    "host:Mount/glance-images-tkstack",
    "host:Mount/staging-tkstack",
    "command:remote:Command/zone1-system-vm-template",
)
RESOURCES: Final = (*STAYING, *{*ALONE, *IN_THE_CLOUD})
"""Every resource of the site."""


def images(site: EveryKind) -> None:
    """Glance's images: while there are any, the store is not given up whatever else is gone."""
    for image, where in site.host.locations().items():
        site.host.path(where.removeprefix("file://")).unlink()
        with site.host.database() as database:
            database.execute("UPDATE images SET deleted = 1 WHERE id = ?", (image,))
            database.execute("UPDATE image_locations SET deleted = 1 WHERE image_id = ?", (image,))


def the_cloud(site: EveryKind) -> None:
    """Zones with everything in them, and the store."""
    system = site.whole.cloudstack.emulator.system
    for table in TABLES:
        for row in system.rows(table):
            remove(row)
