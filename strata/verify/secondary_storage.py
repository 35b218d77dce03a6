"""What lies on a zone's secondary storage, as a host that has it mounted sees it.

Layout (all releases): `template/tmpl/<account>/<n>/`, `volumes/<account>/<n>/` and `snapshots/<account>/<volume n>/`; in Swift
these are the containers T-<n>, V-<n> and S-<volume n>. Hidden files are CloudStack's and NFS's own and stay where they are.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from strata.clients.host import CommandFailed
from strata.deadline import Deadline
from strata.errors import Failed

if TYPE_CHECKING:
    from strata.clients.host import HostClient

PROPERTIES: Final = "template.properties"
SECONDS: Final = 3600.0
"""How long reading everything may take: every byte goes over NFS once."""
NOT_MOUNTED: Final = 73

_FOLDER = re.compile(
    r"(?P<folder>(?P<sort>template/tmpl|volumes|snapshots)/\d+/(?P<number>\d+))/(?P<name>.+)", re.DOTALL
)
_LETTER: Final = {"template/tmpl": "T", "volumes": "V", "snapshots": "S"}

BEFORE: Final = """
at={at}
mountpoint -q -- "$at" || exit {not_mounted}
cd -- "$at"
tops=
for top in template/tmpl volumes snapshots; do [ ! -d "$top" ] || tops="$tops $top"; done
files() {{ [ -z "$tops" ] || find $tops -mindepth 3 -type f ! -path '*/.*' "$@"; }}
"""
PARTS: Final = {
    "sizes": r"files -printf '%s %p\0'",
    "sums": "files -exec md5sum -z -- {} +",
    "properties": rf"files -name {PROPERTIES} -printf '%p\0' -exec cat -- {{}} \; -printf '\0'",
}


@dataclass(frozen=True)
class StoredFile:
    """`md5` is None where the file could not be read; `text` only for a template.properties."""

    size: int
    md5: str | None
    text: str | None = None


@dataclass(frozen=True)
class Folder:
    """One template, volume or volume's snapshots: its path on the store, its container, its files by name."""

    path: str
    container: str
    files: Mapping[str, StoredFile] = field(default_factory=dict)


async def folders(host: HostClient, path: str) -> list[Folder]:
    """Everything on the store that is mounted at `path`; raises Failed where nothing is mounted there."""
    before = BEFORE.format(at=shlex.quote(path), not_mounted=NOT_MOUNTED)
    doing = f"reading secondary storage at {path}"
    try:
        printed = await host.read_parts(PARTS, doing=doing, before=before, deadline=Deadline(SECONDS))
    except CommandFailed as error:
        if error.exit_code != NOT_MOUNTED:
            raise
        raise Failed(
            f"Nothing is mounted at {path} on host {host.name}. Run `pulumi up`, or mount it there."
        ) from error
    return parse(printed["sizes"], printed["sums"], printed["properties"])


def parse(sizes: bytes, sums: bytes, properties: bytes) -> list[Folder]:
    """The folders from what the three parts of the script printed, in the order of their containers."""
    digests = {name: digest for digest, _, name in (one.partition("  ") for one in _records(sums))}
    told = _records(properties)
    texts = dict(zip(told[::2], told[1::2], strict=False))
    found: dict[str, dict[str, StoredFile]] = {}
    for record in _records(sizes):
        size, _, path = record.partition(" ")
        if place := _FOLDER.fullmatch(path):
            stored = StoredFile(int(size), digests.get(path), texts.get(path))
            found.setdefault(place["folder"], {})[place["name"]] = stored
    made = [Folder(path, container(path), files) for path, files in found.items()]
    return sorted(made, key=lambda one: order(one.container))


def container(folder: str) -> str:
    """`template/tmpl/1/5` is the container T-5."""
    sort, _, number = folder.rsplit("/", 2)
    return f"{_LETTER[sort]}-{number}"


def order(container: str) -> tuple[int, int]:
    """Templates first, then volumes, then snapshots; by number."""
    letter, _, number = container.partition("-")
    return "TVS".index(letter), int(number)


def _records(printed: bytes) -> list[str]:
    """Records that end in a zero byte."""
    return printed.decode("utf-8", "surrogateescape").split("\0")[:-1]
