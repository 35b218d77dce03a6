"""Every kind that the provider serves."""

from __future__ import annotations

from typing import Any

from strata.provider.kind import Kind
from strata.provider.kinds.cloudstack_cluster import Cluster
from strata.provider.kinds.cloudstack_global_setting import GlobalSetting
from strata.provider.kinds.cloudstack_guest_network import GuestNetwork
from strata.provider.kinds.cloudstack_host import Host
from strata.provider.kinds.cloudstack_image_store import ImageStore
from strata.provider.kinds.cloudstack_physical_network import PhysicalNetwork
from strata.provider.kinds.cloudstack_pod import Pod
from strata.provider.kinds.cloudstack_primary_storage import PrimaryStorage
from strata.provider.kinds.cloudstack_public_ip_range import PublicIpRange
from strata.provider.kinds.cloudstack_staging_store import StagingStore
from strata.provider.kinds.cloudstack_storage_ip_range import StorageIpRange
from strata.provider.kinds.cloudstack_zone import Zone
from strata.provider.kinds.cloudstack_zone_set import ZoneSet
from strata.provider.kinds.cloudstack_zone_state import ZoneState
from strata.provider.kinds.glance_filesystem_store import FilesystemStore
from strata.provider.kinds.glance_image_migration import ImageMigration
from strata.provider.kinds.host_mount import Mount
from strata.provider.kinds.ontap_export_policy import ExportPolicy
from strata.provider.kinds.ontap_volume import Volume
from strata.provider.kinds.swift_account import Account
from strata.provider.kinds.swift_container import Container

KINDS: tuple[type[Kind[Any, Any]], ...] = (
    ExportPolicy,
    Volume,
    Mount,
    ImageMigration,
    FilesystemStore,
    Account,
    Container,
    Zone,
    Pod,
    Cluster,
    Host,
    PrimaryStorage,
    ZoneState,
    PhysicalNetwork,
    GuestNetwork,
    PublicIpRange,
    StorageIpRange,
    GlobalSetting,
    ImageStore,
    StagingStore,
    ZoneSet,
)
