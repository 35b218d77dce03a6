"""Secondary storage and Swift beside each other, as the seed's picture shows them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from strata.clients.swift import Object
from strata.verify.secondary_storage import PROPERTIES, Folder, StoredFile, order

CONTAINER = re.compile(r"[TVS]-\d+")
"""Containers that CloudStack makes; `T-5_segments` holds the pieces of large objects and is none."""
TOLD = ("uniquename", "filename", "size", "virtualsize")
"""What today's servers write into Swift's template.properties; the one on NFS says more."""

Objects = Mapping[str, Object]


@dataclass(frozen=True)
class Pair:
    """One row of the picture. `path` or `container` is None where the other side has no partner for it.

    by_fields: its template.properties is not the same text, and was compared by what Swift's one tells.
    """

    zone: str
    path: str | None
    files: int
    container: str | None
    objects: int
    differences: tuple[str, ...]
    by_fields: bool = False


def suspects(folder: Folder, objects: Objects) -> list[str]:
    """Names on both sides whose size or MD5 differ in the lists: they have to be looked at more closely."""
    return [
        name
        for name, stored in folder.files.items()
        if name in objects and (stored.size, stored.md5) != (objects[name].size, objects[name].md5)
    ]


def compare(
    zone: str,
    folder: Folder,
    objects: Objects | None,
    texts: Mapping[str, str],
    elsewhere: Iterable[str] = (),
) -> Pair:
    """One folder of a zone with its container.

    objects    what is in the container, large objects by their real size and MD5; None where there is no such container
    texts      Swift's template.properties, where it was read because it differs
    elsewhere  names that lie in this container's folder on another zone's store
    """
    if objects is None:
        return Pair(
            zone, folder.path, len(folder.files), None, 0, (f"there is no container {folder.container}",)
        )
    found = []
    for name, stored in sorted(folder.files.items()):
        there = f"{folder.container}/{name}"
        if name not in objects:
            found.append(f"{there} is missing in Swift")
        elif name == PROPERTIES and name in texts:
            found += [f"{there}: {one}" for one in different_properties(stored.text or "", texts[name])]
        else:
            found += [f"{there}: {one}" for one in different(stored, objects[name])]
    alone = sorted(set(objects) - set(folder.files) - set(elsewhere))
    found += [f"{folder.container}/{name} is missing on secondary storage" for name in alone]
    return Pair(
        zone,
        folder.path,
        len(folder.files),
        folder.container,
        len(objects) - len(set(elsewhere)),
        tuple(found),
        by_fields=PROPERTIES in texts,
    )


def different(stored: StoredFile, object: Object) -> list[str]:
    """What of a file and its object is otherwise."""
    if stored.size != object.size:
        return [f"{stored.size} bytes on secondary storage, {object.size} in Swift"]
    if stored.md5 is None:
        return ["cannot be read on secondary storage"]
    if stored.md5 != object.md5:
        return [f"MD5 {stored.md5} on secondary storage, {object.md5} in Swift"]
    return []


def different_properties(stored: str, object: str) -> list[str]:
    """The fields of two template.properties that are otherwise, of those that Swift's one tells."""
    here, there = properties(stored), properties(object)
    if not there:
        return ["says nothing in Swift"]
    return [
        f"{key} is {here.get(key, '')!r} on secondary storage, {there.get(key, '')!r} in Swift"
        for key in TOLD
        if here.get(key, "") != there.get(key, "")
    ]


def properties(text: str) -> dict[str, str]:
    """The fields of a template.properties."""
    lines = (line.partition("=") for line in text.splitlines() if not line.lstrip().startswith("#"))
    return {key.strip(): value.strip() for key, equals, value in lines if equals}


def lonely(objects: Mapping[str, Objects], known: Iterable[str]) -> list[Pair]:
    """Containers of CloudStack for which no zone's secondary storage has a folder."""
    missing = sorted(set(objects) - set(known), key=order)
    return [
        Pair("", None, 0, name, len(objects[name]), (f"container {name} has no folder on secondary storage",))
        for name in missing
        if objects[name]
    ]


def picture(pairs: list[Pair]) -> str:
    """Both sides as a table; what differs stands below its row."""
    head = ("zone", "secondary storage", "files", "Swift container", "objects", "")
    rows = [head]
    for pair in pairs:
        verdict = "differs" if pair.differences else "the same"
        row = (
            pair.zone,
            pair.path or "-",
            str(pair.files),
            pair.container or "-",
            str(pair.objects),
            verdict,
        )
        rows.append(row)
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
    shown = [lines[0]]
    for line, pair in zip(lines[1:], pairs, strict=True):
        shown += [line, *(f"    {one}" for one in pair.differences)]
    return "\n".join(shown)
