"""Which way images move: from where, to where, the way back, and the id under which the stack knows it. Pure."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from typing import Any, Final

from strata.clients.glance import OPTION
from strata.errors import Failed
from strata.hostfiles import ini

DEFAULT_DIRECTORY: Final = "/var/lib/glance/images"
"""Where Glance keeps images when nothing is set."""


@dataclass(frozen=True)
class Move:
    """From where to where.

    export  what the new directory must lie on (`server:/export`), mounted at `mount`
    leave   ids of images whose file is lost; they stay as they are
    """

    sources: tuple[str, ...]
    directory: str
    config_file: str
    mount: str | None = None
    export: str | None = None
    leave: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The journal's name, one for each set of directories and each way."""
        plain = [*sorted(os.path.normpath(one) for one in self.sources), os.path.normpath(self.directory)]
        return hashlib.sha256("\0".join(plain).encode("utf-8", "surrogateescape")).hexdigest()[:12]

    @property
    def arguments(self) -> list[str]:
        """The program's arguments; without the mount, which is asked for once it is there."""
        old = [part for one in sorted(self.sources) for part in ("--from", one)]
        lost = [part for one in self.leave for part in ("--leave", one)]
        return ["--config", self.config_file, *old, "--to", self.directory, *lost]

    @property
    def on_its_mount(self) -> list[str]:
        """The same, and the directory has to lie on the right mount."""
        source = ["--source", self.export] if self.export else []
        return [*self.arguments, *source, *(["--mounted-at", self.mount] if self.mount and source else [])]


def way_back(record: dict[str, Any]) -> Move | None:
    """The move the other way round: to where the setting pointed before, if images came from there, else to the first source.

    None where the setting pointed before to where the images lie now, on no mount that may go: they are back already.
    """
    memory = (record.get("memory") or {}).get(record["host"]) or {}
    original = ini.get(f"[x]\n{memory.get('lines', '')}", "x", OPTION) or DEFAULT_DIRECTORY
    if not record.get("mount") and os.path.normpath(original) == os.path.normpath(record["directory"]):
        return None
    sources: list[str] = record["sources"]
    directory = original if original in sources else sources[0]
    lost = tuple(record.get("leave", []))
    return Move((record["directory"],), directory, record["config_file"], leave=lost)


def program_of(id: str) -> tuple[str, str]:
    """(host, name) of the id of a migration: `HOST` or `HOST:NAME`."""
    found = re.fullmatch(r"(?P<host>[^:#/\s]+)(?::(?P<name>[A-Za-z0-9][A-Za-z0-9_.-]*))?", id)
    if not found:
        raise Failed(f"{id!r} is no id of an image migration; it is written HOST or HOST:NAME.")
    return found["host"], found["name"] or "glance"
