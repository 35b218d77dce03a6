"""What may be declared of an ONTAP volume, with units, and what is read back beside it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from strata.provider.fields import managed, output, replaces, setting
from strata.units import canonical_size, format_size, parse_size

SMALLEST: Final = 20 << 20
"""ONTAP makes no volume below 20 MiB (917534)."""
COMMENT_LENGTH: Final = 1023
NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,202}")


def one_of(*allowed: str) -> Callable[[str], str]:
    """A canonical form that takes these words only; what ONTAP reports may be another, so the type stays text."""

    def check(value: str) -> str:
        if value not in allowed:
            raise ValueError(f"found {value!r}; allowed are {', '.join(allowed)}")
        return value

    return check


def within(least: int, most: int) -> Callable[[int], int]:
    """A whole number within bounds."""

    def check(value: int) -> int:
        if not least <= value <= most:
            raise ValueError(f"found {value}; allowed are {least} to {most}")
        return value

    return check


def volume_size(text: str) -> str:
    """A size in canonical spelling, not below ONTAP's least."""
    size = canonical_size(text)
    if parse_size(size) < SMALLEST:
        raise ValueError(f"found {text!r}; ONTAP makes no volume below {format_size(SMALLEST)}")
    return size


def volume_name(text: str) -> str:
    """A name as ONTAP takes it (917886, 917887, 917888)."""
    if not NAME.fullmatch(text):
        raise ValueError(
            f"found {text!r}; a volume name begins with a letter or _ and has letters, digits and _ only, at most 203"
        )
    return text


def junction_path(text: str) -> str:
    """A path as in `/images`, or nothing for a volume that is not mounted."""
    if text and (not text.startswith("/") or text.endswith("/") or "//" in text):
        raise ValueError(
            f"found {text!r}; a junction path begins with / and does not end with it, for example /images"
        )
    return text


def permissions(text: str) -> str:
    """Octal permissions with four digits: `755` becomes `0755`."""
    if not re.fullmatch(r"[0-7]{3,4}", text):
        raise ValueError(
            f'found {text!r}; permissions are three or four octal digits in quotes, for example "0755"'
        )
    return text.zfill(4)


def comment(text: str) -> str:
    """A comment that fits."""
    if len(text) > COMMENT_LENGTH:
        raise ValueError(f"it has {len(text)} characters; ONTAP keeps at most {COMMENT_LENGTH}")
    return text


_SAVING = one_of("none", "background", "inline", "both")


@dataclass(frozen=True)
class Efficiency:
    """Storage efficiency. What `volume efficiency on` switches on is `dedupe: background`."""

    dedupe: str | None = managed(
        "Deduplication: none, background, inline or both.",
        example="background",
        default=None,
        normalize=_SAVING,
    )
    compression: str | None = managed(
        "Compression: none, background, inline or both; needs dedupe.",
        example="inline",
        default=None,
        normalize=_SAVING,
    )
    compaction: str | None = managed(
        "Compaction: none or inline.", example="inline", default=None, normalize=one_of("none", "inline")
    )
    cross_volume_dedupe: str | None = managed(
        "Deduplication across the volumes of the aggregate: none, background, inline or both.",
        example="background",
        default=None,
        normalize=_SAVING,
    )
    policy: str | None = managed(
        "Efficiency policy by name; it says when dedupe runs.", example="auto", default=None
    )


@dataclass(frozen=True)
class Autosize:
    """Growing, and shrinking, by ONTAP itself. A size within its bounds is no drift."""

    mode: str | None = managed(
        "off, grow or grow_shrink.",
        example="grow",
        default=None,
        normalize=one_of("off", "grow", "grow_shrink"),
    )
    maximum: str | None = managed(
        "How far it may grow.", example="100GiB", default=None, normalize=volume_size
    )
    minimum: str | None = managed(
        "How far it may shrink.", example="50GiB", default=None, normalize=volume_size
    )
    grow_threshold: int | None = managed(
        "Percent used above which it grows.", example=90, default=None, normalize=within(1, 100)
    )
    shrink_threshold: int | None = managed(
        "Percent used below which it shrinks.", example=50, default=None, normalize=within(0, 100)
    )


@dataclass(frozen=True)
class VolumeArgs:
    """An ONTAP volume (FlexVol), served over NFS where its junction path and export policy say."""

    cluster: str = replaces("Cluster, by its name under strata:ontap.clusters.", example="cluster01")
    svm: str = replaces("SVM that serves the volume.", example="demo-nfs-svm")
    name: str = managed("Name; renamed in place.", example="images", normalize=volume_name)
    aggregate: str = managed(
        "Aggregate that it lies on. One that was moved is drift, but never moved back or replaced.",
        example="aggr1",
    )
    size: str = managed(
        "Provisioned size, at least 20MiB; rounded up to 4KiB.", example="50GiB", normalize=volume_size
    )
    junction_path: str | None = managed(
        "Where in the SVM's name space clients find it; empty leaves it unmounted.",
        example="/images",
        default=None,
        normalize=junction_path,
    )
    export_policy: str | None = managed("Export policy of the SVM, by name.", example="images", default=None)
    efficiency: Efficiency | None = managed(
        "Storage efficiency.", example={"dedupe": "background"}, default=None
    )
    guarantee: str | None = managed(
        "Space guarantee: none (thin) or volume (thick).",
        example="none",
        default=None,
        normalize=one_of("none", "volume"),
    )
    snapshot_policy: str | None = managed(
        "Snapshot policy by name; `none` takes none.", example="none", default=None
    )
    snapshot_reserve: int | None = managed(
        "Percent of the size kept for snapshots.", example=5, default=None, normalize=within(0, 90)
    )
    autosize: Autosize | None = managed(
        "Growing and shrinking by itself.", example={"mode": "grow"}, default=None
    )
    unix_permissions: str | None = managed(
        'Permissions of its root directory in octal, in quotes: "0755".',
        example="0755",
        default=None,
        normalize=permissions,
    )
    uid: int | None = managed("Owner of its root directory.", example=64062, default=None)
    gid: int | None = managed("Group of its root directory.", example=64062, default=None)
    security_style: str | None = managed(
        "unix, ntfs, mixed or unified.",
        example="unix",
        default=None,
        normalize=one_of("unix", "ntfs", "mixed", "unified"),
    )
    comment: str | None = managed(
        "Comment; Strata adds its mark of ownership to it.",
        example="Glance images",
        default=None,
        normalize=comment,
    )
    qos_policy: str | None = managed("QoS policy of the SVM, by name.", example="glance", default=None)
    online: bool = managed("Whether it serves data.", example=True, default=True)
    adopt: bool = setting(
        "Take over a volume of that name that is there already.", example=True, default=False
    )
    deletion: str = setting(
        "What becomes of a deleted volume: recoveryQueue keeps it for a while, purge does not (ONTAP 9.12.1 and newer).",
        example="recoveryQueue",
        default="recoveryQueue",
        normalize=one_of("recoveryQueue", "purge"),
    )


@dataclass(frozen=True)
class VolumeOutputs:
    """What only ONTAP knows; never compared."""

    uuid: str = output("UUID.", example="0c7b6f2a-…")
    state: str = output("online, offline, restricted or error.", example="online")
    owner: str = output("Strata's mark on it; empty when it bears none.", example="strata:lab/images")
    efficiency_state: str | None = output(
        "enabled as soon as one feature is on.", example="enabled", default=None
    )
    used_bytes: int | None = output("Space in use, in bytes.", example=1048576, default=None)
    available_bytes: int | None = output("Space left, in bytes.", example=1048576, default=None)
    logical_used_bytes: int | None = output(
        "What is in use before savings, in bytes.", example=2097152, default=None
    )
    saved_bytes: int | None = output("Saved by storage efficiency, in bytes.", example=1048576, default=None)
    savings_percent: int | None = output("Saved by storage efficiency, in percent.", example=50, default=None)
