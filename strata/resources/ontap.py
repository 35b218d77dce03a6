"""Resources of ontap. Generated from the kinds by `python -m tools.generate`; change those instead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi

from strata.resources.base import StrataResource


class ExportPolicy(StrataResource):
    """An NFS export policy of an ONTAP SVM with its rules, in order."""

    TOKEN = "strata:ontap:ExportPolicy"
    OUTPUTS = ("policy_id",)

    cluster: pulumi.Output[str]
    """Cluster, by its name under strata:ontap.clusters."""
    svm: pulumi.Output[str]
    """SVM that it belongs to."""
    name: pulumi.Output[str]
    """Name; renamed in place, and the volumes that use it go along."""
    rules: pulumi.Output[Sequence[Mapping[str, Any]]]
    """Rules in order; the first that fits a client decides."""
    policy_id: pulumi.Output[str]
    """ONTAP's number of the policy."""

    def __init__(
        self,
        resource_name: str,
        *,
        cluster: pulumi.Input[str],
        svm: pulumi.Input[str],
        name: pulumi.Input[str],
        rules: pulumi.Input[Sequence[Mapping[str, Any]]],
        adopt: pulumi.Input[bool] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = {
            "cluster": cluster,
            "svm": svm,
            "name": name,
            "rules": rules,
            "adopt": adopt,
        }
        super().__init__(resource_name, inputs, opts)


class Volume(StrataResource):
    """An ONTAP volume (FlexVol), served over NFS where its junction path and export policy say."""

    TOKEN = "strata:ontap:Volume"
    OUTPUTS = (
        "uuid",
        "state",
        "owner",
        "efficiency_state",
        "used_bytes",
        "available_bytes",
        "logical_used_bytes",
        "saved_bytes",
        "savings_percent",
    )

    cluster: pulumi.Output[str]
    """Cluster, by its name under strata:ontap.clusters."""
    svm: pulumi.Output[str]
    """SVM that serves the volume."""
    name: pulumi.Output[str]
    """Name; renamed in place."""
    aggregate: pulumi.Output[str]
    """Aggregate that it lies on. One that was moved is drift, but never moved back or replaced."""
    size: pulumi.Output[str]
    """Provisioned size, at least 20MiB; rounded up to 4KiB."""
    junction_path: pulumi.Output[str]
    """Where in the SVM's name space clients find it; empty leaves it unmounted."""
    export_policy: pulumi.Output[str]
    """Export policy of the SVM, by name."""
    efficiency: pulumi.Output[Mapping[str, Any]]
    """Storage efficiency."""
    guarantee: pulumi.Output[str]
    """Space guarantee: none (thin) or volume (thick)."""
    snapshot_policy: pulumi.Output[str]
    """Snapshot policy by name; `none` takes none."""
    snapshot_reserve: pulumi.Output[int]
    """Percent of the size kept for snapshots."""
    autosize: pulumi.Output[Mapping[str, Any]]
    """Growing and shrinking by itself."""
    unix_permissions: pulumi.Output[str]
    """Permissions of its root directory in octal, in quotes: "0755"."""
    uid: pulumi.Output[int]
    """Owner of its root directory."""
    gid: pulumi.Output[int]
    """Group of its root directory."""
    security_style: pulumi.Output[str]
    """unix, ntfs, mixed or unified."""
    comment: pulumi.Output[str]
    """Comment; Strata adds its mark of ownership to it."""
    qos_policy: pulumi.Output[str]
    """QoS policy of the SVM, by name."""
    online: pulumi.Output[bool]
    """Whether it serves data."""
    uuid: pulumi.Output[str]
    """UUID."""
    state: pulumi.Output[str]
    """online, offline, restricted or error."""
    owner: pulumi.Output[str]
    """Strata's mark on it; empty when it bears none."""
    efficiency_state: pulumi.Output[str]
    """enabled as soon as one feature is on."""
    used_bytes: pulumi.Output[int]
    """Space in use, in bytes."""
    available_bytes: pulumi.Output[int]
    """Space left, in bytes."""
    logical_used_bytes: pulumi.Output[int]
    """What is in use before savings, in bytes."""
    saved_bytes: pulumi.Output[int]
    """Saved by storage efficiency, in bytes."""
    savings_percent: pulumi.Output[int]
    """Saved by storage efficiency, in percent."""

    def __init__(
        self,
        resource_name: str,
        *,
        cluster: pulumi.Input[str],
        svm: pulumi.Input[str],
        name: pulumi.Input[str],
        aggregate: pulumi.Input[str],
        size: pulumi.Input[str],
        junction_path: pulumi.Input[str] | None = None,
        export_policy: pulumi.Input[str] | None = None,
        efficiency: pulumi.Input[Mapping[str, Any]] | None = None,
        guarantee: pulumi.Input[str] | None = None,
        snapshot_policy: pulumi.Input[str] | None = None,
        snapshot_reserve: pulumi.Input[int] | None = None,
        autosize: pulumi.Input[Mapping[str, Any]] | None = None,
        unix_permissions: pulumi.Input[str] | None = None,
        uid: pulumi.Input[int] | None = None,
        gid: pulumi.Input[int] | None = None,
        security_style: pulumi.Input[str] | None = None,
        comment: pulumi.Input[str] | None = None,
        qos_policy: pulumi.Input[str] | None = None,
        online: pulumi.Input[bool] | None = None,
        adopt: pulumi.Input[bool] | None = None,
        deletion: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = {
            "cluster": cluster,
            "svm": svm,
            "name": name,
            "aggregate": aggregate,
            "size": size,
            "junction_path": junction_path,
            "export_policy": export_policy,
            "efficiency": efficiency,
            "guarantee": guarantee,
            "snapshot_policy": snapshot_policy,
            "snapshot_reserve": snapshot_reserve,
            "autosize": autosize,
            "unix_permissions": unix_permissions,
            "uid": uid,
            "gid": gid,
            "security_style": security_style,
            "comment": comment,
            "qos_policy": qos_policy,
            "online": online,
            "adopt": adopt,
            "deletion": deletion,
        }
        super().__init__(resource_name, inputs, opts)
