"""The folder of one lab, `.lab/<name>/`: small files that a committed stack file can refer to, one value each."""

from __future__ import annotations

import json
import os
import re
from dataclasses import asdict, dataclass
from pathlib import Path

from lab.addresses import GUESTS, GuestAddress
from lab.failures import LabFailure

PARTS = ("ontap", "nfs", "swift", "cloudstack", "host")
ERAS = ("modern", "legacy")


@dataclass(frozen=True)
class Wanted:
    """What the lab consists of since the last `up`."""

    parts: tuple[str, ...] = PARTS
    guests: int = 1
    kvm: bool = False
    era: str = "modern"


CACHE = "cache"
"""No lab's, but of use to all of them."""
DEFAULT = "lab"
"""The lab without a name of its own."""


def names(root: Path) -> list[str]:
    """The labs that there are, whether they run or not: each was begun by an `up`."""
    found = (path.parent.name for path in (root.resolve() / ".lab").glob("*/lock"))
    return sorted(name for name in found if name != CACHE)


def command_line(name: str, verb: str) -> str:
    """What an operator types for the lab of that name."""
    return f"strata lab {verb}" if name == DEFAULT else f"strata lab --name {name} {verb}"


class Folder:
    """Paths and values of the lab `name` below the project's root."""

    def __init__(self, name: str, root: Path) -> None:
        if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,30}", name) or name == CACHE:
            raise LabFailure(
                f'A lab cannot be called "{name}": up to 31 small letters, digits, - and _, and not "cache".'
            )
        self.path = root.resolve() / ".lab" / name
        self.cache = root.resolve() / ".lab" / CACHE
        self.ontap = self.path / "ontap"
        self.nfs = self.path / "nfs"
        self.glance = self.path / "glance"
        self.swift = self.path / "swift"
        self.cloudstack = self.path / "cloudstack"

    def host(self, guest: GuestAddress) -> Path:
        """The first guest's folder is `host`, a further one's bears its name."""
        return self.path / ("host" if guest == GUESTS[0] else f"host-{guest.name}")

    def glance_url(self, guest: GuestAddress) -> Path:
        """The file with the URL of a guest's Glance."""
        return self.glance / ("url" if guest == GUESTS[0] else f"url-{guest.name}")

    @property
    def wanted(self) -> Wanted | None:
        """What the last `up` asked for; None before the first and after a `down`."""
        path = self.path / "wanted.json"
        if not path.exists():
            return None
        stored = json.loads(path.read_text(encoding="utf-8"))
        return Wanted(**{**stored, "parts": tuple(stored["parts"])})

    @wanted.setter
    def wanted(self, wanted: Wanted | None) -> None:
        path = self.path / "wanted.json"
        if wanted is None:
            path.unlink(missing_ok=True)
        else:
            path.write_text(json.dumps(asdict(wanted)) + "\n", encoding="utf-8")


def read(path: Path) -> str | None:
    """The value in a file, without its line end; None when there is no such file."""
    return path.read_text(encoding="utf-8").strip() if path.exists() else None


def read_port(path: Path) -> int | None:
    """A port in a file."""
    value = read(path)
    return int(value) if value else None


def write(path: Path, value: str, *, secret: bool = False) -> None:
    """Write a value and a line end; a secret is for the owner's eyes only from the first moment."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if secret else 0o644)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(value.rstrip("\n") + "\n")
