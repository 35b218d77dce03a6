"""How what stands on a site of every kind becomes somebody else's: another mark, or another value than the declared one."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from tests.acceptance.engine.every_kind_site import EveryKind
from tests.lifecycle.glance_migration.site import DROP_IN, FOLDER

Change = Callable[[EveryKind], object]


def _record(table: str, name: str | None = None, **values: Any) -> Change:
    return lambda site: site.whole.row(table, name).update(values)


def _on_host(script: str) -> Change:
    return lambda site: site.host.host.sh(script)


def _move(site: EveryKind) -> None:
    file = site.host.path(f"{FOLDER}/record.json")
    file.write_text(json.dumps({**json.loads(file.read_text()), "resource": "strata:tokyo/glance-images"}))


FOREIGN: Final[Mapping[str, Change]] = {
    "ontap:ExportPolicy/images": lambda site: site.whole.policy("/rules/1", superuser=["none"]),
    "ontap:Volume/images": lambda site: site.whole.volume(comment="of another team"),
    "host:Mount/scratch-tkstack": _on_host("sed -i '/scratch/s,nfs defaults,nfs noatime,' /etc/fstab"),
    "glance:ImageMigration/glance-images": _move,
    "glance:FilesystemStore/glance-tkstack": _on_host(
        f"sed -i 's,^# owner: .*,# owner: strata:tokyo/glance-tkstack,' {DROP_IN}; systemctl daemon-reload"
    ),
    "swift:Account/archive": lambda site: site.account().post_account(
        {"X-Account-Meta-Strata-Owner": "strata:tokyo/archive"}
    ),
    "swift:Container/archive-backups": lambda site: site.account().post_container(
        "backups", {"X-Container-Meta-Strata-Owner": "strata:tokyo/archive-backups"}
    ),
    "cloudstack:ImageStore/object-store": _record("image_stores", readonly=True),
    "cloudstack:Zone/zone1": _record("zones", "zone1", dns1="9.9.9.9"),
    "cloudstack:PhysicalNetwork/zone1-physnet1": _record("physical_networks", "physnet1", vlan="100-150"),
    "cloudstack:GuestNetwork/zone2-guests": _record("networks", "defaultGuestNetwork", displaytext="others"),
    "cloudstack:PublicIpRange/zone1-public1": _record("vlans", endip="172.16.0.150"),
    "cloudstack:Pod/zone1-pod1": _record("pods", "pod1", endip="10.130.208.210"),
    "cloudstack:StorageIpRange/zone1-pod1-storage": _record("storage_ranges", endip="10.130.212.60"),
    "cloudstack:Cluster/zone1-pod1-cluster1": _record("clusters", hypervisor="XenServer"),
    "cloudstack:Host/zone1-pod1-cluster1-kvm1": _record("hosts", hosttags="others"),
    "cloudstack:PrimaryStorage/zone1-pod1-cluster1-primary1": _record("pools", tags="others"),
}
BACK: Final[Mapping[str, Change]] = {
    "cloudstack:Cluster/zone1-pod1-cluster1": _record("clusters", hypervisor="KVM"),
}
"""What nobody can make of it by adopting, as nothing but another cluster has another hypervisor."""
NEVER_FOREIGN: Final = {
    "strata:cloudstack:StagingStore": "one of that URL in the zone is all that is declared, and two can't be",
    "strata:cloudstack:ZoneState": "the state is a zone's, and it is the zone that may be somebody's",
    "strata:cloudstack:ZoneSet": "it is a note in the state",
    "strata:cloudstack:GlobalSetting": "the stack file sets it whoever has chosen the value that is there",
}
