"""The composition root: the one place where systems are joined and edges are drawn.

export policy -> volume -> mount on each host -> the images that are already there -> Glance's store on each Glance host
                        `-> staging store of each zone
Swift account -> CloudStack's object store -> each zone -> its state -> the set of zones
"""

from __future__ import annotations

from typing import Any

import pulumi

from components.cloudstack_object_store import CloudStackObjectStore, CloudStackSettings
from components.cloudstack_zone import CloudStackZone
from components.cloudstack_zones import CloudStackZones
from components.glance_image_store import GlanceImageStore
from components.nfs_mount import NfsMount
from components.ontap_export_policy import OntapExportPolicies
from components.ontap_volume import OntapVolume
from components.swift_account import SwiftAccount
from strata.resources.glance import ImageMigration
from strata.stackfile import model
from strata.stackfile.model import StackFile


class Foundation:
    """Everything that one stack file declares."""

    def __init__(self, stack: StackFile) -> None:
        policies = stack.ontap.export_policies
        shared = OntapExportPolicies(dict(policies)).policies if policies else {}
        self.volumes = {key: OntapVolume(volume, shared) for key, volume in stack.ontap.volumes.items()}
        self.mounts = {
            key: NfsMount(mount, self.volumes[mount.volume] if mount.volume else None)
            for key, mount in stack.mounts.items()
        }
        self.glance: GlanceImageStore | None = None
        if stack.glance is not None:
            self.glance = GlanceImageStore(stack.glance, self.mounts)
        self.accounts = {key: SwiftAccount(account) for key, account in stack.swift.accounts.items()}
        self.object_store: CloudStackObjectStore | None = None
        self.zones: dict[str, CloudStackZone] = {}
        if stack.cloudstack is not None:
            self._cloudstack(stack.cloudstack, stack)

    def _cloudstack(self, cloudstack: model.CloudStack, stack: StackFile) -> None:
        settings = (
            list(CloudStackSettings(cloudstack.settings).settings.values()) if cloudstack.settings else []
        )
        if cloudstack.object_store is None:
            return
        account = self.accounts[cloudstack.object_store.account]
        store = CloudStackObjectStore(cloudstack, cloudstack.object_store, account, stack.hosts, settings)
        self.object_store = store
        for key, zone in cloudstack.zones.items():
            staging = self.volumes[zone.staging.volume] if zone.staging.volume else None
            self.zones[key] = CloudStackZone(zone, store, staging, self._management(cloudstack, zone, stack))
        if self.zones:
            CloudStackZones(list(self.zones.values()), store)

    def _management(
        self, cloudstack: model.CloudStack, zone: model.Zone, stack: StackFile
    ) -> tuple[model.Host, NfsMount] | None:
        if zone.system_vm_template is None or cloudstack.management is None:
            return None
        return stack.hosts[cloudstack.management.host], self.mounts[zone.system_vm_template.mount]

    def outputs(self) -> dict[str, Any]:
        """What `pulumi stack output` shows."""
        volumes = {key: _volume_outputs(component) for key, component in self.volumes.items()}
        stores = (
            {}
            if self.glance is None
            else {host: store.directory for host, store in self.glance.stores.items()}
        )
        found: dict[str, Any] = {"volumes": volumes, "glance": stores}
        if self.glance is not None and self.glance.migration is not None:
            found["migration"] = _migration_outputs(self.glance.migration)
        if self.accounts:
            found["swift"] = {key: {"path": one.account.path} for key, one in self.accounts.items()}
        if self.object_store is not None:
            found["objectStore"] = {"id": self.object_store.store.id, "url": self.object_store.store.url}
        if self.zones:
            found["zones"] = {key: _zone_outputs(component) for key, component in self.zones.items()}
        return found


def _volume_outputs(component: OntapVolume) -> dict[str, pulumi.Output[Any]]:
    volume = component.volume
    return {"size": volume.size, "junctionPath": volume.junction_path, "uuid": volume.uuid}


def _migration_outputs(moved: ImageMigration) -> dict[str, pulumi.Output[Any]]:
    return {
        "images": moved.images,
        "bytes": moved.bytes,
        "downtimeSeconds": moved.downtime_seconds,
        "filesWithoutImage": moved.orphans,
        "imagesWithoutFile": moved.images_without_file,
    }


def _zone_outputs(component: CloudStackZone) -> dict[str, pulumi.Output[Any]]:
    return {
        "id": component.zone.id,
        "state": component.state.state,
        "staging": component.staging_store.url,
        "systemVms": component.state.system_vms,
    }
