"""Every kind that the provider serves."""

from __future__ import annotations

from typing import Any

from strata.provider.kind import Kind
from strata.provider.kinds.glance_filesystem_store import FilesystemStore
from strata.provider.kinds.host_mount import Mount
from strata.provider.kinds.ontap_export_policy import ExportPolicy
from strata.provider.kinds.ontap_volume import Volume
from strata.provider.kinds.swift_account import Account
from strata.provider.kinds.swift_container import Container

KINDS: tuple[type[Kind[Any, Any]], ...] = (ExportPolicy, Volume, Mount, FilesystemStore, Account, Container)
