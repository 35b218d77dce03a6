"""A volume as it is read: names of what it refers to, space and savings of its directory, and what its state hides."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from lab.ontap.efficiency import view_efficiency
from lab.ontap.model import Document
from lab.ontap.savings import used_bytes
from lab.ontap.volume_checks import autosize_limits

if TYPE_CHECKING:
    from lab.ontap.system import System

_HIDDEN_OFFLINE = ("nas.uid", "nas.gid", "space.snapshot.reserve_percent")
_BYTES_PER_INODE = 32 * 2**10


def view_volume(system: System, volume: Document, asked: Collection[str]) -> Document:
    """The record. Directories are looked into only when space or savings are asked for."""
    store = system.store
    minimum, maximum = autosize_limits(volume)
    schedules = {each["name"]: each["schedule.name"] for each in store.table("efficiency_policies").values()}
    record: Document = {
        **{name: value for name, value in volume.items() if not name.startswith("~")},
        "space.size": volume["size"],
        "autosize.minimum": minimum,
        "autosize.maximum": maximum,
        "guarantee.honored": True,
        "is_svm_root": volume.get("is_svm_root", False),
        "error_state.is_inconsistent": False,
        "error_state.has_bad_blocks": False,
        "files.maximum": volume.get("files.maximum", volume["size"] // _BYTES_PER_INODE),
        "quota.state": "off",
        "nas.export_policy.name": store.table("export_policies")[str(volume["nas.export_policy.id"])]["name"],
        "snapshot_policy.name": store.table("snapshot_policies")[volume["snapshot_policy.uuid"]]["name"],
        **view_efficiency(volume, schedules),
    }
    _name_qos_policy(system, record)
    if any(name in ("*", "**") or name.split(".")[0] in ("space", "efficiency") for name in asked):
        record.update(_space(system, volume))
    if volume["state"] != "online":
        for name in _HIDDEN_OFFLINE:
            record.pop(name, None)
    return record


def _name_qos_policy(system: System, record: Document) -> None:
    policy = system.store.table("qos_policies").get(record.pop("qos.policy.uuid", ""))
    if policy is not None:
        record.update({"qos.policy.uuid": policy["uuid"], "qos.policy.name": policy["name"]})


def _space(system: System, volume: Document) -> Document:
    directory = system.directory(volume["uuid"])
    logical = used_bytes(directory)
    shares = volume.get("efficiency.dedupe", "none") != "none"
    saved = min(system.census.saved(directory), logical) if shares else 0
    used = logical - saved
    percent = saved * 100 // logical if logical else 0
    room = volume["size"] * (100 - volume["space.snapshot.reserve_percent"]) // 100
    return {
        "space.used": used,
        "space.physical_used": used,
        "space.available": max(room - used, 0),
        "space.snapshot.used": 0,
        "space.logical_space.used": logical,
        "space.logical_space.enforcement": volume.get("space.logical_space.enforcement", False),
        "space.logical_space.reporting": volume.get("space.logical_space.reporting", False),
        "efficiency.has_savings": saved > 0,
        "efficiency.ratio": round(logical / used, 2) if used else 1.0,
        "efficiency.space_savings.dedupe": saved,
        "efficiency.space_savings.dedupe_percent": percent,
        "efficiency.space_savings.dedupe_sharing": saved,
        "efficiency.space_savings.compression": 0,
        "efficiency.space_savings.compression_percent": 0,
        "efficiency.space_savings.total": saved,
        "efficiency.space_savings.total_percent": percent,
    }
