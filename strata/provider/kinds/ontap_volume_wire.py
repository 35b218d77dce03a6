"""A volume between its declaration and ONTAP's REST documents. Pure.

Source: ONTAP REST 9.11 and newer, /storage/volumes. `fields=*` leaves out just what drifts (efficiency, nas, autosize, …), so
every field is asked for by name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from strata.provider.diff import Difference
from strata.provider.kind import Observed
from strata.provider.kinds.ontap_volume_args import Autosize, Efficiency, VolumeArgs, VolumeOutputs
from strata.units import format_size, parse_size

FIELDS: Final = [
    "uuid",
    "name",
    "svm.name",
    "aggregates.name",
    "size",
    "state",
    "comment",
    "nas.path",
    "nas.export_policy.name",
    "nas.security_style",
    "nas.uid",
    "nas.gid",
    "nas.unix_permissions",
    "guarantee.type",
    "snapshot_policy.name",
    "space.snapshot.reserve_percent",
    "autosize.mode",
    "autosize.maximum",
    "autosize.minimum",
    "autosize.grow_threshold",
    "autosize.shrink_threshold",
    "qos.policy.name",
    "efficiency.dedupe",
    "efficiency.compression",
    "efficiency.compaction",
    "efficiency.cross_volume_dedupe",
    "efficiency.policy.name",
    "efficiency.state",
    "efficiency.space_savings.total",
    "efficiency.space_savings.total_percent",
    "space.used",
    "space.available",
    "space.logical_space.used",
]

_MARK: Final = re.compile(r"(?:^| )\[(strata:[^\]]*)\]$")


def _same(value: Any) -> Any:
    return value


LEAVES: Final[Mapping[str, tuple[str, Callable[[Any], Any]]]] = {
    "name": ("name", _same),
    "size": ("size", parse_size),
    "junctionPath": ("nas.path", _same),
    "exportPolicy": ("nas.export_policy.name", _same),
    "efficiency.dedupe": ("efficiency.dedupe", _same),
    "efficiency.compression": ("efficiency.compression", _same),
    "efficiency.compaction": ("efficiency.compaction", _same),
    "efficiency.crossVolumeDedupe": ("efficiency.cross_volume_dedupe", _same),
    "efficiency.policy": ("efficiency.policy.name", _same),
    "guarantee": ("guarantee.type", _same),
    "snapshotPolicy": ("snapshot_policy.name", _same),
    "snapshotReserve": ("space.snapshot.reserve_percent", _same),
    "autosize.mode": ("autosize.mode", _same),
    "autosize.maximum": ("autosize.maximum", parse_size),
    "autosize.minimum": ("autosize.minimum", parse_size),
    "autosize.growThreshold": ("autosize.grow_threshold", _same),
    "autosize.shrinkThreshold": ("autosize.shrink_threshold", _same),
    "unixPermissions": ("nas.unix_permissions", int),  # decimal digits, which ONTAP reads as octal
    "uid": ("nas.uid", _same),
    "gid": ("nas.gid", _same),
    "securityStyle": ("nas.security_style", _same),
    "comment": ("comment", _same),
    "qosPolicy": ("qos.policy.name", _same),
    "online": ("state", lambda online: "online" if online else "offline"),
}
"""Path of a declared property -> ONTAP's field, and how the value travels."""

_SAVINGS: Final = frozenset(path for path in LEAVES if path.startswith("efficiency."))
_SPACE: Final = frozenset(path for path in LEAVES if path.startswith("autosize.")) | {
    "size",
    "guarantee",
    "snapshotReserve",
}
_ACCESS: Final = frozenset({"exportPolicy", "securityStyle", "unixPermissions", "uid", "gid"})

Picks = Callable[[Difference], bool]
STEPS: Final[tuple[tuple[str, Picks], ...]] = (
    ("bringing online", lambda one: one.path == "online" and one.declared is True),
    ("renaming and describing", lambda one: one.path in ("name", "comment")),
    # Together, as the size must stay within autosize's bounds.
    ("resizing", lambda one: one.path in _SPACE),
    ("setting policies of", lambda one: one.path in ("snapshotPolicy", "qosPolicy")),
    # Before the junction path, so that it is never mounted with the former access.
    ("setting access to", lambda one: one.path in _ACCESS),
    ("mounting", lambda one: one.path == "junctionPath"),
    # All that goes off at once: once dedupe is off, the rest is refused (6881332).
    ("switching efficiency off on", lambda one: one.path in _SAVINGS and one.declared == "none"),
    # Dedupe first: before it is on, policy and compression are refused (6881332).
    ("switching dedupe on for", lambda one: one.path == "efficiency.dedupe" and one.declared != "none"),
    (
        "setting efficiency of",
        lambda one: one.path in _SAVINGS - {"efficiency.dedupe"} and one.declared != "none",
    ),
    ("taking offline", lambda one: one.path == "online" and one.declared is False),
)
"""In which order an update goes: what it does, and which differences belong to it."""


def patches(changes: Iterable[Difference], owner: str) -> list[tuple[str, dict[str, Any]]]:
    """(what it does, body) of each request that brings the differing leaves, and no others, to what is declared."""
    found = []
    changes = list(changes)
    for doing, picks in STEPS:
        body: dict[str, Any] = {}
        for one in filter(picks, changes):
            field, travels = LEAVES[one.path]
            _put(body, field, marked(one.declared, owner) if one.path == "comment" else travels(one.declared))
        if body:
            found.append((doing, body))
    return found


def post_body(args: VolumeArgs, owner: str, declared: Mapping[str, Any]) -> dict[str, Any]:
    """The body of a create. Efficiency is left to the updates that follow: a create does not take all of it.

    declared: `args` as a plain object with wire names.
    """
    body: dict[str, Any] = {"svm": {"name": args.svm}, "aggregates": [{"name": args.aggregate}]}
    for path, (field, travels) in LEAVES.items():
        value = _at(declared, path)
        if value is not None and path not in _SAVINGS and path not in ("comment", "online"):
            _put(body, field, travels(value))
    body["comment"] = marked(args.comment or "", owner)
    return body


def marked(comment: str, owner: str) -> str:
    """The comment with Strata's mark of ownership."""
    return f"{comment} [{owner}]" if comment else f"[{owner}]"


def owner_in(comment: str) -> str:
    """The mark in a comment on the wire; empty when there is none."""
    found = _MARK.search(comment)
    return found.group(1) if found else ""


def observed(cluster: str, record: Mapping[str, Any]) -> Observed[VolumeArgs, VolumeOutputs]:
    """A volume as if somebody had declared it. A field that ONTAP does not show (offline, unset) is None."""
    wire = str(record.get("comment") or "")
    sizes = {key: _size(_at(record, f"autosize.{key}")) for key in ("maximum", "minimum")}
    permissions = _at(record, "nas.unix_permissions")
    actual = VolumeArgs(
        cluster=cluster,
        svm=str(_at(record, "svm.name")),
        name=str(record["name"]),
        aggregate=str((record.get("aggregates") or [{}])[0].get("name", "")),
        size=format_size(int(record["size"])),
        junction_path=str(_at(record, "nas.path") or ""),
        export_policy=_at(record, "nas.export_policy.name"),
        efficiency=_efficiency(record),
        guarantee=_at(record, "guarantee.type"),
        snapshot_policy=_at(record, "snapshot_policy.name"),
        snapshot_reserve=_at(record, "space.snapshot.reserve_percent"),
        autosize=Autosize(
            mode=_at(record, "autosize.mode"),
            maximum=sizes["maximum"],
            minimum=sizes["minimum"],
            grow_threshold=_at(record, "autosize.grow_threshold"),
            shrink_threshold=_at(record, "autosize.shrink_threshold"),
        ),
        unix_permissions=None if permissions is None else str(permissions).zfill(4),
        uid=_at(record, "nas.uid"),
        gid=_at(record, "nas.gid"),
        security_style=_at(record, "nas.security_style"),
        comment=_MARK.sub("", wire),
        qos_policy=_at(record, "qos.policy.name"),
        online=record.get("state") == "online",
    )
    return Observed(f"{cluster}/{record['uuid']}", actual, _outputs(record, owner_in(wire)))


def _efficiency(record: Mapping[str, Any]) -> Efficiency:
    policy = _at(record, "efficiency.policy.name")
    return Efficiency(
        dedupe=_at(record, "efficiency.dedupe"),
        compression=_at(record, "efficiency.compression"),
        compaction=_at(record, "efficiency.compaction"),
        cross_volume_dedupe=_at(record, "efficiency.cross_volume_dedupe"),
        policy=None if policy == "-" else policy,
    )


def _outputs(record: Mapping[str, Any], owner: str) -> VolumeOutputs:
    return VolumeOutputs(
        uuid=str(record["uuid"]),
        state=str(record.get("state", "")),
        owner=owner,
        efficiency_state=_at(record, "efficiency.state"),
        used_bytes=_at(record, "space.used"),
        available_bytes=_at(record, "space.available"),
        logical_used_bytes=_at(record, "space.logical_space.used"),
        saved_bytes=_at(record, "efficiency.space_savings.total"),
        savings_percent=_at(record, "efficiency.space_savings.total_percent"),
    )


def _size(size: Any) -> str | None:
    return None if size is None else format_size(int(size))


def _at(document: Mapping[str, Any], path: str) -> Any:
    for part in path.split("."):
        document = document.get(part) if isinstance(document, Mapping) else None  # type: ignore[assignment]
    return document


def _put(body: dict[str, Any], path: str, value: Any) -> None:
    *parents, leaf = path.split(".")
    for part in parents:
        body = body.setdefault(part, {})
    body[leaf] = value
