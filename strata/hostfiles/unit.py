"""The systemd drop-in that ties a service to the mount that holds its images; and what systemd says of a unit.

Source: systemd.unit(5): RequiresMountsFor= requires and orders after the mount; AssertPathIsMountPoint= refuses the start, with a
failed unit to see, when the path is no mount point, whoever starts the service and whatever fstab says.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

VARIABLE: Final = "STRATA_STORE_DIRECTORY"
"""Environment variable of the service that tells with which directory the running process was started."""


@dataclass(frozen=True)
class Guard:
    """What a drop-in says.

    owner      the mark of the resource that wrote it: `strata:<stack>/<name>`
    store      which setting it belongs to: `<config file>#<section>`
    directory  where the images lie
    mount      the mount point that the service needs; None for a directory on a local file system
    """

    owner: str
    store: str
    directory: str
    mount: str | None


def render(guard: Guard) -> str:
    """The text of the drop-in."""
    ordering = [
        f"RequiresMountsFor={_quoted(guard.mount)}",
        "After=local-fs.target remote-fs.target network-online.target",
        f"AssertPathIsMountPoint={_quoted(guard.mount)}",
    ]
    return "\n".join(
        [
            "# Written by Strata: the images lie on the mount below, and the service never starts without it.",
            f"# owner: {guard.owner}",
            f"# store: {guard.store}",
            "[Unit]",
            *(ordering if guard.mount is not None else ["After=local-fs.target"]),
            "",
            "[Service]",
            f'Environment="{VARIABLE}={_escaped(guard.directory)}"',
            "",
        ]
    )


def parse(text: str) -> Guard:
    """What a drop-in says, as far as it can be read; what somebody removed from it is empty or None."""
    directory = re.search(rf'^Environment="{VARIABLE}=(.*)"$', text, re.MULTILINE)
    mount = re.search(r"^RequiresMountsFor=(.*)$", text, re.MULTILINE)
    owner = re.search(r"^# owner: (.*)$", text, re.MULTILINE)
    store = re.search(r"^# store: (.*)$", text, re.MULTILINE)
    return Guard(
        owner=owner[1] if owner else "",
        store=store[1] if store else "",
        directory=_unescaped(directory[1]) if directory else "",
        mount=_unescaped(mount[1].strip('"')) if mount and mount[1] else None,
    )


def _escaped(path: str) -> str:
    return path.replace("%", "%%").replace("\\", "\\\\").replace('"', '\\"')


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text).replace("%%", "%")


def _quoted(path: str | None) -> str:
    path = path or ""
    return f'"{_escaped(path)}"' if re.search(r"[\s\"'\\]", path) else path.replace("%", "%%")


def parse_show(text: str) -> dict[str, str]:
    """The properties that `systemctl show -p …` printed."""
    return dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
