"""What a stack file allows is what the kinds take: neither says yes where the other says no."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from strata.provider import codec, fields
from strata.provider.kinds.cloudstack_cluster import ClusterArgs
from strata.provider.kinds.cloudstack_guest_network import GuestNetworkArgs
from strata.provider.kinds.cloudstack_host_args import HostArgs
from strata.provider.kinds.cloudstack_image_store_args import ImageStoreArgs
from strata.provider.kinds.cloudstack_physical_network_args import PhysicalNetworkArgs, Traffic
from strata.provider.kinds.cloudstack_pod import PodArgs
from strata.provider.kinds.cloudstack_primary_storage_args import PrimaryStorageArgs
from strata.provider.kinds.cloudstack_public_ip_range import PublicIpRangeArgs
from strata.provider.kinds.cloudstack_storage_ip_range import StorageIpRangeArgs
from strata.provider.kinds.cloudstack_zone_args import ZoneArgs
from strata.provider.kinds.glance_filesystem_store_args import StoreArgs
from strata.provider.kinds.glance_image_migration_args import MigrationArgs
from strata.provider.kinds.host_mount_args import MountArgs
from strata.provider.kinds.ontap_export_policy import ExportPolicyArgs
from strata.provider.kinds.ontap_export_rules import ExportRule
from strata.provider.kinds.ontap_volume_args import Autosize, Efficiency, VolumeArgs
from strata.provider.kinds.swift_account import AccountArgs
from strata.provider.kinds.swift_container_args import ContainerArgs
from strata.stackfile import load, model
from strata.stackfile.shape import SCHEMA_FILE

STACKS = Path(__file__).parents[3] / "stacks"
DEFINITIONS: dict[str, dict[str, Any]] = json.loads(SCHEMA_FILE.read_text())["$defs"]

PAIRS = [
    (model.Volume, VolumeArgs, {"key", "protect", "timeouts"}),
    (model.Efficiency, Efficiency, set()),
    (model.Autosize, Autosize, set()),
    (model.ExportPolicy, ExportPolicyArgs, {"key", "timeouts"}),
    (model.ExportRule, ExportRule, set()),
    (model.Mount, MountArgs, {"key", "timeouts", "hosts", "volume"}),
    (model.GlanceStore, StoreArgs, {"timeouts"}),
    (model.Migration, MigrationArgs, {"timeouts"}),
    (model.SwiftContainer, ContainerArgs, {"key", "protect", "timeouts"}),
    (model.ObjectStore, ImageStoreArgs, {"protect", "timeouts"}),
    (model.Traffic, Traffic, set()),
    # Without providers the wizard's are taken: build_cloudstack.py.
    (model.PhysicalNetwork, PhysicalNetworkArgs, {"key", "timeouts", "providers"}),
    (model.AddressRange, PublicIpRangeArgs, {"key", "timeouts"}),
    (model.AddressRange, StorageIpRangeArgs, {"key", "timeouts"}),
    (model.GuestNetwork, GuestNetworkArgs, {"timeouts"}),
    (model.HypervisorHost, HostArgs, {"key", "address", "timeouts"}),
    (model.PrimaryStorage, PrimaryStorageArgs, {"key", "protect", "timeouts"}),
    (model.HypervisorCluster, ClusterArgs, {"key", "hosts", "primary_storage", "timeouts"}),
    (model.Pod, PodArgs, {"key", "storage_ip_range", "guest_ip_range", "clusters", "timeouts"}),
    (
        model.Zone,
        ZoneArgs,
        {
            "key",
            "staging",
            "physical_networks",
            "pods",
            "public_ip_ranges",
            "guest_network",
            "system_vm_template",
            "enabled",
            "wait_for_system_vms",
            "protect",
            "timeouts",
        },
    ),
]


@pytest.mark.parametrize(
    ("declared", "taken", "the_stacks_own"), PAIRS, ids=lambda one: getattr(one, "__name__", "")
)
def test_the_kind_knows_each_property(declared: type, taken: type, the_stacks_own: set[str]) -> None:
    names = {field.name for field in dataclasses.fields(declared)} - the_stacks_own
    assert names <= {field.name for field in dataclasses.fields(taken)}


@pytest.mark.parametrize(
    ("declared", "taken", "the_stacks_own"), PAIRS, ids=lambda one: getattr(one, "__name__", "")
)
def test_both_have_the_same_defaults(declared: type, taken: type, the_stacks_own: set[str]) -> None:
    kinds = {field.name: field.default for field in dataclasses.fields(taken)}
    for field in dataclasses.fields(declared):
        if (
            field.name not in the_stacks_own
            and field.default is not dataclasses.MISSING
            and kinds[field.name] is not dataclasses.MISSING
        ):
            assert field.default == kinds[field.name], field.name


ENUMS = [
    (name, key, value, taken)
    for name, taken in (
        ("volume", VolumeArgs),
        ("efficiency", Efficiency),
        ("autosize", Autosize),
        ("exportRule", ExportRule),
        ("mount", MountArgs),
        ("swiftContainer", ContainerArgs),
        ("physicalNetwork", PhysicalNetworkArgs),
        ("primaryStorage", PrimaryStorageArgs),
        ("hypervisorCluster", ClusterArgs),
        ("zone", ZoneArgs),
    )
    for key, entry in DEFINITIONS[name]["properties"].items()
    for value in [*entry.get("enum", []), *([one] for one in entry.get("items", {}).get("enum", []))]
]


@pytest.mark.parametrize(("name", "key", "value", "taken"), ENUMS)
def test_the_kind_takes_each_word_that_the_schema_allows(
    name: str, key: str, value: Any, taken: type
) -> None:
    _, problems = codec.decode(taken, {key: value})
    assert not [problem for problem in problems if problem.path.startswith(key)]


def test_there_are_words_to_compare() -> None:
    assert len(ENUMS) > 30


@pytest.mark.parametrize("stack", ["lab", "tokyo"])
def test_the_kinds_take_what_the_committed_stacks_declare(stack: str) -> None:
    file = load(STACKS / f"Pulumi.{stack}.yaml")
    for volume in file.ontap.volumes.values():
        taken(VolumeArgs, dataclasses.replace(volume, export_policy=None))
        if isinstance(volume.export_policy, model.ExportPolicy):
            taken(ExportPolicyArgs, volume.export_policy)
    for mount in file.mounts.values():
        taken(MountArgs, mount, host=mount.hosts[0])
    assert file.glance is not None
    assert file.glance_mount is not None
    store = file.glance.store
    taken(StoreArgs, store, host=file.glance.hosts[0], mount=file.glance_mount.path)
    moved = dataclasses.replace(store, mount=file.glance_mount.path)
    taken(MigrationArgs, moved, sources=["/var/lib/glance/images"], **codec.encode(file.glance.migration))


def taken(args: type, declared: Any, **more: Any) -> None:
    known = {fields.wire_name(field.name) for field in dataclasses.fields(args)}
    wire = {key: value for key, value in {**codec.encode(declared), **more}.items() if key in known}
    decoded, problems = codec.decode(args, wire)
    assert not problems
    assert decoded is not None


@pytest.mark.parametrize("stack", ["lab", "lab-legacy", "tokyo"])
def test_the_kinds_take_what_the_committed_stacks_declare_of_swift_and_cloudstack(stack: str) -> None:
    file = load(STACKS / f"Pulumi.{stack}.yaml")
    for account in file.swift.accounts.values():
        taken(
            AccountArgs, AccountArgs(account.key, metadata=dict(account.metadata or {}), quota=account.quota)
        )
        for container in account.containers.values():
            taken(ContainerArgs, container)
    assert file.cloudstack is not None
    assert file.cloudstack.object_store is not None
    taken(ImageStoreArgs, file.cloudstack.object_store)
    for zone in file.cloudstack.zones.values():
        taken(ZoneArgs, zone)
        for network in zone.physical_networks.values():
            taken(PhysicalNetworkArgs, network, zone="z")
        for addresses in zone.public_ip_ranges.values():
            taken(PublicIpRangeArgs, addresses, zone="z")
        if zone.guest_network:
            taken(GuestNetworkArgs, zone.guest_network, zone="z")
        for pod in zone.pods.values():
            pod_is_taken(pod)


def pod_is_taken(pod: model.Pod) -> None:
    taken(PodArgs, pod, zone="z")
    if pod.storage_ip_range:
        taken(StorageIpRangeArgs, pod.storage_ip_range, zone="z", pod="p")
    if pod.guest_ip_range:
        taken(PublicIpRangeArgs, pod.guest_ip_range, zone="z", pod="p", network="n")
    for cluster in pod.clusters.values():
        taken(ClusterArgs, cluster, zone="z", pod="p")
        for host in cluster.hosts.values():
            taken(HostArgs, host, zone="z", pod="p", cluster="c", url=host.url, hypervisor=cluster.hypervisor)
        for storage in cluster.primary_storage.values():
            taken(PrimaryStorageArgs, storage, zone="z", pod="p", cluster="c")
