"""A pod of a zone with its addresses, its clusters, their hosts and their primary storage."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi

from components.options import part_of
from strata.resources.cloudstack import (
    Cluster,
    GuestNetwork,
    Host,
    Pod,
    PrimaryStorage,
    PublicIpRange,
    StorageIpRange,
    Zone,
)
from strata.stackfile import model


def ip_range(
    name: str,
    declared: model.AddressRange,
    zone: Zone,
    parent: pulumi.Resource,
    *,
    after: Sequence[pulumi.Resource],
    pod: Pod | None = None,
    network: GuestNetwork | None = None,
) -> PublicIpRange:
    """Public addresses; with a pod and its guest network the guests' addresses of a Basic zone."""
    return PublicIpRange(
        name,
        zone=zone.id,
        gateway=declared.gateway,
        netmask=declared.netmask,
        start_ip=declared.start_ip,
        end_ip=declared.end_ip,
        vlan=declared.vlan or "untagged",
        pod=pod.id if pod else None,
        network=network.id if network else None,
        adopt=declared.adopt,
        opts=part_of(parent, after=after, timeouts=declared.timeouts),
    )


class CloudStackPod(pulumi.ComponentResource):
    """One pod; `parts` are all its custom resources.

    networks: the zone's physical networks, which come before everything that has addresses.
    """

    def __init__(
        self,
        declared: model.Pod,
        inside: model.Zone,
        zone: Zone,
        networks: Sequence[pulumi.Resource],
        guests: GuestNetwork | None,
        parent: pulumi.Resource,
    ) -> None:
        self._name = f"{inside.key}-{declared.key}"
        super().__init__(
            "strata:components:CloudStackPod", self._name, None, pulumi.ResourceOptions(parent=parent)
        )
        self._zone = zone
        self.pod = self._pod(declared, networks)
        self.parts: list[pulumi.Resource] = [self.pod]
        if declared.guest_ip_range is not None and guests is not None:
            self.parts.append(self._guest_range(declared.guest_ip_range, guests))
        if declared.storage_ip_range is not None:
            self.parts.append(self._storage_range(declared.storage_ip_range))
        # The addresses first: CloudStack makes system VMs as soon as there is a host for them.
        addresses = list(self.parts)
        for cluster in declared.clusters.values():
            self._cluster(cluster, addresses)
        self.register_outputs({"pod": self.pod.id})

    def _pod(self, declared: model.Pod, networks: Sequence[pulumi.Resource]) -> Pod:
        return Pod(
            self._name,
            zone=self._zone.id,
            name=declared.name,
            gateway=declared.gateway,
            netmask=declared.netmask,
            start_ip=declared.start_ip,
            end_ip=declared.end_ip,
            adopt=declared.adopt,
            opts=part_of(self, after=[self._zone, *networks], timeouts=declared.timeouts),
        )

    def _guest_range(self, declared: model.AddressRange, guests: GuestNetwork) -> PublicIpRange:
        return ip_range(
            f"{self._name}-guests",
            declared,
            self._zone,
            self,
            after=[self.pod, guests],
            pod=self.pod,
            network=guests,
        )

    def _storage_range(self, declared: model.AddressRange) -> StorageIpRange:
        return StorageIpRange(
            f"{self._name}-storage",
            zone=self._zone.id,
            pod=self.pod.id,
            gateway=declared.gateway,
            netmask=declared.netmask,
            start_ip=declared.start_ip,
            end_ip=declared.end_ip,
            vlan=declared.vlan,
            adopt=declared.adopt,
            opts=part_of(self, after=[self.pod], timeouts=declared.timeouts),
        )

    def _cluster(self, declared: model.HypervisorCluster, addresses: Sequence[pulumi.Resource]) -> None:
        name = f"{self._name}-{declared.key}"
        cluster = Cluster(
            name,
            zone=self._zone.id,
            pod=self.pod.id,
            name=declared.name,
            hypervisor=declared.hypervisor,
            adopt=declared.adopt,
            opts=part_of(self, after=[self.pod], timeouts=declared.timeouts),
        )
        hosts = [
            self._host(f"{name}-{one.key}", one, declared, cluster, addresses)
            for one in declared.hosts.values()
        ]
        # A storage pool needs a host that is up to mount it.
        storage = [
            self._primary_storage(f"{name}-{one.key}", one, declared, cluster, hosts)
            for one in declared.primary_storage.values()
        ]
        self.parts += [cluster, *hosts, *storage]

    def _host(
        self,
        name: str,
        declared: model.HypervisorHost,
        inside: model.HypervisorCluster,
        cluster: Cluster,
        after: Sequence[pulumi.Resource],
    ) -> Host:
        return Host(
            name,
            zone=self._zone.id,
            pod=self.pod.id,
            cluster=cluster.id,
            url=declared.url,
            hypervisor=inside.hypervisor,
            credentials=declared.credentials,
            tags=None if declared.tags is None else list(declared.tags),
            adopt=declared.adopt,
            opts=part_of(self, after=[cluster, *after], timeouts=declared.timeouts),
        )

    def _primary_storage(
        self,
        name: str,
        declared: model.PrimaryStorage,
        inside: model.HypervisorCluster,
        cluster: Cluster,
        hosts: Sequence[Host],
    ) -> PrimaryStorage:
        zone_wide = declared.scope == "zone"
        return PrimaryStorage(
            name,
            zone=self._zone.id,
            pod=None if zone_wide else self.pod.id,
            cluster=None if zone_wide else cluster.id,
            name=declared.name,
            url=declared.url,
            scope=declared.scope,
            hypervisor=inside.hypervisor if zone_wide else None,
            tags=None if declared.tags is None else list(declared.tags),
            adopt=declared.adopt,
            opts=part_of(self, after=[cluster, *hosts], protect=declared.protect, timeouts=declared.timeouts),
        )
