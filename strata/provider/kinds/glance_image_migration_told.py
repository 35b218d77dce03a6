"""What a run says of a move of Glance's images: before it, at preview, and after it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from strata.clients.glance_migration_run import duration, size

SHOWN: Final = 10
TOLD: Final = (
    "Where its service can be told, Glance on {host} is told of its new directory while it serves; else:"
)
AROUND_THE_START: Final = 4.0
"""Seconds of standing still beside the start itself: stop, delta, locations, setting."""


def ahead(
    found: Mapping[str, Any], sources: Sequence[str], directory: str, host: str, *, told: bool = False
) -> list[str]:
    """What a move would do, from the answer of `check`. told: it is not stopped where it can be told."""
    lines = []
    places = ", ".join(sources)
    if found.get("images"):
        what = f"{_images(found['images'])} ({size(found.get('bytes', 0))}) would move from {places} to {directory} on {host}"
        copied = found.get("images_to_copy", 0)
        copy = f"{_images(copied)} with {size(found.get('bytes_to_copy', 0))} still to be copied, "
        copy += f"{size(found.get('allocated_to_copy', 0))} on the disk"
        free = found.get("free")
        room = (
            f"{size(free)} are free there"
            if free is not None
            else f"{directory} is not mounted yet, its room is looked at before anything is copied"
        )
        lines.append(f"{what}: {copy}; {room}.")
        lines.append(
            _downtime(found, host) if not told else f"{TOLD.format(host=host)} {_downtime(found, host)}"
        )
    else:
        lines.append(f"Nothing is left to move from {places} to {directory} on {host}.")
    lines += left_alone(found)
    return lines


def left_alone(found: Mapping[str, Any]) -> list[str]:
    """Orphans each way, by name, and what lies in other stores."""
    lines = []
    orphans, lost = found.get("files_without_image") or {}, found.get("images_without_file") or {}
    if orphans.get("count"):
        lines.append(f"{_files(orphans['count'])} without an image stay where they are: {_first(orphans)}.")
    if lost.get("count"):
        lines.append(f"{_images(lost['count'])} without a file: {_first(lost)}.")
    if found.get("unknown_in_target", {}).get("count"):
        unknown = found["unknown_in_target"]
        lines.append(f"{_files(unknown['count'])} at the new place that no image names: {_first(unknown)}.")
    if found.get("in_other_stores"):
        lines.append(f"{found['in_other_stores']} locations elsewhere or in other stores are left alone.")
    return lines


def moved(result: Mapping[str, Any], sources: Sequence[str], directory: str, host: str) -> str:
    """The one line after a move."""
    places = f"from {', '.join(sources)} to {directory} on {host}"
    proof = f"; {_proof(result)}." if result.get("of") else "."
    if not result["images"] and not result["downtime_seconds"]:
        return f"Nothing was left to move {places}{proof}"
    line = f"Moved {_images(result['images'])}, {size(result['bytes'])}, {places}; "
    line += f"Glance stood still for {duration(result['downtime_seconds'])}"
    if result.get("reloaded"):
        line += " (it was not stopped, but read its configuration again)"
    return f"{line}{proof}"


def _proof(result: Mapping[str, Any]) -> str:
    """`whole` is missing where a version before this one moved."""
    line, whole = f"proven {result['proven']} of {result['of']}", result.get("whole", result["of"])
    return line if whole == result["of"] else f"{line}, {whole} of them in whole"


def cut_off(workers: int, host: str) -> str:
    """What became of old workers that did not come to their end."""
    several = f"{workers} old workers" if workers > 1 else "One old worker"
    were = "were" if workers > 1 else "was"
    return (
        f"{several} of Glance on {host} still served a request after ten minutes and {were} ended."
        " An upload or a download that it cut has to be repeated."
    )


def _downtime(found: Mapping[str, Any], host: str) -> str:
    load = found.get("load_seconds")
    if load is None:
        return f"Glance on {host} would stand still for its restart and what comes since, not for the copy."
    return (
        f"Glance on {host} would stand still for about {duration(load + AROUND_THE_START)}, of which its start takes "
        f"{duration(load)}; the copy is made while it runs."
    )


def _first(some: Mapping[str, Any]) -> str:
    names = [str(one) for one in some.get("first", [])][:SHOWN]
    more = some["count"] - len(names)
    return f"{', '.join(names)}{f' and {more} more' if more > 0 else ''}"


def _images(count: int) -> str:
    return f"{count} image{'s' * (count != 1)}"


def _files(count: int) -> str:
    return f"{count} file{'s' * (count != 1)}"
