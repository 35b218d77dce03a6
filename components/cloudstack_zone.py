"""A CloudStack zone behind the cloud-wide object store: its networks, its staging store, its pods, and then that it is enabled.

object store -> zone -> physical networks -> pods, addresses -> clusters -> hosts -> primary storage -> enabled
                zone -> staging store -> system VM template -> enabled
"""

from __future__ import annotations

from typing import Any

import pulumi
from pulumi_command import remote

from components.cloudstack_object_store import CloudStackObjectStore
from components.cloudstack_pod import CloudStackPod, ip_range
from components.nfs_mount import NfsMount
from components.on_host import PRIVILEGES, command, quoted
from components.ontap_volume import OntapVolume
from components.options import part_of
from components.wire import wire
from strata.resources.cloudstack import GuestNetwork, PhysicalNetwork, StagingStore, Zone, ZoneState
from strata.stackfile import model

INSTALLER = "/usr/share/cloudstack-common/scripts/storage/secondary/cloud-install-sys-tmplt"
"""CloudStack's documented way to put the system VM template onto secondary storage."""


class CloudStackZone(pulumi.ComponentResource):
    """One zone of the stack file; without an object store it can't be written.

    zone     the custom resource of the zone itself
    state    the custom resource that enables it, which comes after everything else in the zone

    staging     the volume of the staging store; None for another server's export
    management  the management server's own host, and the mount of the staging volume on it, for the system VM template
    """

    def __init__(
        self,
        declared: model.Zone,
        object_store: CloudStackObjectStore,
        staging: OntapVolume | None,
        management: tuple[model.Host, NfsMount] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("strata:components:CloudStackZone", declared.key, None, opts)
        self._declared, self._staging = declared, staging
        self.zone = self._zone(object_store)
        self.networks = {key: self._physical_network(one) for key, one in declared.physical_networks.items()}
        networks = list(self.networks.values())
        self.staging_store = self._staging_store()
        self.guest_network = self._guest_network(declared.guest_network) if declared.guest_network else None
        self.public_ip_ranges = {
            key: ip_range(f"{declared.key}-{key}", one, self.zone, self, after=networks)
            for key, one in declared.public_ip_ranges.items()
        }
        self.pods = {
            key: CloudStackPod(one, declared, self.zone, networks, self.guest_network, self)
            for key, one in declared.pods.items()
        }
        self.template: remote.Command | None = None
        if declared.system_vm_template is not None and management is not None:
            self.template = self._template(declared.system_vm_template, *management)
        self.state = self._state()
        self.register_outputs({"zone": self.zone.id})

    def _template(
        self, declared: model.SystemVmTemplate, host: model.Host, mount: NfsMount
    ) -> remote.Command:
        volume = [self._staging.volume.uuid] if self._staging else []
        from_where = "-u" if declared.source.startswith("http") else "-f"
        words = quoted(
            INSTALLER, "-m", declared.path, from_where, declared.source, "-h", declared.hypervisor, "-F"
        )
        return command(
            f"{self._declared.key}-system-vm-template",
            host,
            f"{PRIVILEGES}; $root {words}",
            # The ids, not the URL: a store or volume that was made anew is empty.
            [declared.source, declared.hypervisor, self.staging_store.id, *volume],
            self,
            after=[mount.mounts[host.name], self.staging_store],
            timeouts=self._declared.timeouts,
        )

    def _state(self) -> ZoneState:
        declared = self._declared
        return ZoneState(
            declared.key,
            zone=self.zone.id,
            state="Enabled" if declared.enabled else "Disabled",
            wait_for_system_vms=declared.enabled and declared.wait_for_system_vms,
            seeded=f"systemVmTemplate of {declared.key}" if self.template else "",
            opts=part_of(self, after=self._parts(), timeouts=declared.timeouts),
        )

    def _parts(self) -> list[pulumi.Resource]:
        parts: list[pulumi.Resource] = [self.zone, self.staging_store, *self.networks.values()]
        parts += [self.guest_network] if self.guest_network else []
        parts += [*self.public_ip_ranges.values(), *([self.template] if self.template else [])]
        for pod in self.pods.values():
            parts += pod.parts
        return parts

    def _zone(self, object_store: CloudStackObjectStore) -> Zone:
        declared, store = self._declared, object_store.store
        return Zone(
            declared.key,
            name=declared.name,
            network_type=declared.network_type,
            dns=list(declared.dns),
            internal_dns=list(declared.internal_dns),
            domain=declared.domain,
            guest_cidr=declared.guest_cidr,
            security_groups=declared.security_groups,
            local_storage=declared.local_storage,
            image_store=store.id,
            # CloudStack deletes no zone while there is a cloud-wide store, so the last one takes it along if that may go.
            remove_store=not object_store.declared.protect and not object_store.legacy,
            adopt=declared.adopt,
            opts=part_of(self, after=[store], protect=declared.protect, timeouts=declared.timeouts),
        )

    def _physical_network(self, declared: model.PhysicalNetwork) -> PhysicalNetwork:
        return PhysicalNetwork(
            f"{self._declared.key}-{declared.key}",
            zone=self.zone.id,
            name=declared.name,
            traffic=[wire(one) for one in declared.traffic],
            isolation=_list(declared.isolation),
            vlans=declared.vlans,
            tags=_list(declared.tags),
            providers=list(declared.providers),
            adopt=declared.adopt,
            opts=part_of(self, after=[self.zone], timeouts=declared.timeouts),
        )

    def _staging_store(self) -> StagingStore:
        declared, volume = self._declared, self._staging
        url: pulumi.Input[str] = declared.staging.url
        if volume is not None:
            # From the volume itself, so that it is there first and its new junction path counts at once.
            url = pulumi.Output.concat("nfs://", str(declared.staging.server), volume.volume.junction_path)
        return StagingStore(
            declared.key,
            zone=self.zone.id,
            url=url,
            adopt=declared.adopt,
            opts=part_of(
                self,
                after=[self.zone, *([volume.volume] if volume else [])],
                timeouts=declared.timeouts,
            ),
        )

    def _guest_network(self, declared: model.GuestNetwork) -> GuestNetwork:
        chosen = self.networks[declared.physical_network].id if declared.physical_network else None
        return GuestNetwork(
            f"{self._declared.key}-guests",
            zone=self.zone.id,
            name=declared.name,
            display_text=declared.display_text,
            offering=declared.offering,
            physical_network=chosen,
            adopt=declared.adopt,
            opts=part_of(self, after=list(self.networks.values()), timeouts=declared.timeouts),
        )


def _list(values: tuple[Any, ...] | None) -> list[Any] | None:
    return None if values is None else list(values)
