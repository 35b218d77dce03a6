"""Mounts of a host: what stands in fstab, what the kernel has, and the acts of mounting and unmounting.

Whatever touches the mounted file system itself has a time limit, for a dead NFS server lets it hang; looking at a mount never
touches it.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from typing import Final

from strata.clients.host import CommandFailed, HostClient
from strata.deadline import Deadline
from strata.errors import Failed
from strata.hostfiles import decode, fstab, mountinfo
from strata.hostfiles.fstab import Entry
from strata.hostfiles.mountinfo import KernelMount

FSTAB: Final = "/etc/fstab"
MOUNT_SECONDS: Final = 100.0
"""mount.nfs gives up by itself after two minutes; its words come earlier where the server refuses."""
KILLED: Final = (124, 137)


@dataclass(frozen=True)
class MountPoint:
    """What there is of one mount point.

    entries  its lines in fstab
    kernel   what is mounted there now
    unit     the name of its systemd unit
    files    how many files lie in the directory while nothing is mounted on it, `names` the first few
    helper   whether the host can mount NFS at all
    """

    entries: list[Entry]
    kernel: KernelMount | None
    unit: str
    files: int
    names: list[str]
    helper: bool


async def look(host: HostClient, path: str) -> MountPoint:
    """The mount point as it is, in one round trip; only reads."""
    parts = await host.read_parts(
        {
            "fstab": f"cat {FSTAB}",
            "mountinfo": "cat /proc/self/mountinfo",
            "real": f'{_real(path)} && printf %s "$real"',
            "unit": f"systemd-escape -p --suffix=mount -- {shlex.quote(path)}",
            "files": f'{_real(path)} && {_MOUNTED} && exit; ls -A -- "$real" | head -n 5; ls -A -- "$real" | wc -l',
            "helper": "command -v mount.nfs",
        },
        doing=f"looking at the mount of {path}",
    )
    texts = {name: decode(part) for name, part in parts.items()}
    if not texts["mountinfo"]:
        raise Failed(
            f"What is mounted on host {host.name} could not be told: /proc/self/mountinfo cannot be read there."
        )
    names = [line for line in texts["files"].splitlines() if line]
    return MountPoint(
        entries=fstab.find(texts["fstab"], path),
        kernel=mountinfo.at(mountinfo.parse(texts["mountinfo"]), texts["real"] or path),
        unit=texts["unit"].strip(),
        files=int(names[-1]) if names else 0,
        names=names[:-1],
        helper=bool(texts["helper"].strip()),
    )


async def make_directory(
    host: HostClient, path: str, doing: str, deadline: Deadline
) -> tuple[list[str], str | None]:
    """Make the mount point, root's and not writable for others, so that no service can write beside the mount.

    Returns the directories that had to be made, the outermost first, and else `UID:GID MODE` as it was before. Untouched while
    something is mounted there.
    """
    printed = decode(
        await host.run(f"{_real(path)}\n{_MAKE_DIRECTORY}", doing=doing, deadline=deadline)
    ).splitlines()
    made = [line.removeprefix("made ") for line in printed if line.startswith("made ")]
    before = [line.removeprefix("was ") for line in printed if line.startswith("was ")]
    return made, before[0] if before else None


async def give_back_directory(
    host: HostClient, path: str, made: list[str], before: str | None, deadline: Deadline
) -> None:
    """Undo `make_directory`: remove what was made, as far as it is empty; else owner and mode as before."""
    script = [f"rmdir -- {shlex.quote(one)} 2>/dev/null || true" for one in reversed(made)]
    if before and not made and re.fullmatch(r"\d+:\d+ [0-7]+", before):
        owner, mode = before.split()
        at = shlex.quote(path)
        script.append(f"[ ! -d {at} ] || {{ chown {owner} -- {at}; chmod {mode} -- {at}; }}")
    if script:
        await host.run("\n".join(script), doing=f"giving back the directory {path}", deadline=deadline)


async def reload_units(host: HostClient, deadline: Deadline) -> None:
    """Let systemd read fstab and unit files again."""
    await host.run("systemctl daemon-reload", doing="letting systemd read its files again", deadline=deadline)


async def mount(host: HostClient, path: str, what: str, deadline: Deadline) -> None:
    """Mount as fstab says; `what` is the source, for the sentence when it fails."""
    await _mounting(host, path, what, _mount_script(path, deadline), deadline)


async def remount(host: HostClient, path: str, what: str, deadline: Deadline) -> None:
    """Apply changed flags (ro, nosuid, noatime, …) to what is mounted, as fstab says; nobody has to let go of it."""
    script = f"timeout -k 5 {_seconds(deadline)} mount -o remount -- {shlex.quote(path)}"
    await _mounting(host, path, what, script, deadline)


async def mount_anew(host: HostClient, path: str, unit: str, what: str, deadline: Deadline) -> None:
    """Unmount and mount as fstab says. Services that require the mount are stopped meanwhile, and started again in any case:
    the host does that by itself, even if the connection breaks in between."""
    script = "\n".join([_stop_dependents(unit), _unmount_script(path), _mount_script(path, deadline)])
    await _mounting(host, path, what, script, deadline)


async def unmount(host: HostClient, path: str, deadline: Deadline) -> None:
    """Unmount everything at that path; nothing there is fine."""
    try:
        await host.run(_unmount_script(path), doing=f"unmounting {path}", deadline=deadline)
    except CommandFailed as error:
        raise _failure(host.name, path, path, error) from error


async def _mounting(host: HostClient, path: str, what: str, script: str, deadline: Deadline) -> None:
    try:
        await host.run(script, doing=f"mounting {what} on {path}", deadline=deadline)
    except CommandFailed as error:
        raise _failure(host.name, path, what, error) from error


def _failure(host: str, path: str, what: str, error: CommandFailed) -> Failed:
    """The sentence for a mount or unmount that did not work."""
    lines = [line.strip() for line in error.stderr.splitlines() if line.strip()]
    holders = [line.removeprefix("strata-held ") for line in lines if line.startswith("strata-held ")]
    said = (
        " ".join(line for line in lines if not line.startswith("strata-")) or f"exit code {error.exit_code}"
    )
    if "strata-unmount" in lines:
        if error.exit_code in KILLED:
            return Failed(
                f"{path} on host {host} could not be unmounted: the NFS server does not answer. Bring the server back, or "
                f"unmount it on the host yourself (`umount -f -l {path}`, which loses what was not written yet), and repeat."
            )
        using = f"in use by {', '.join(holders)}" if holders else said
        return Failed(f"{path} on host {host} could not be unmounted: {using}. End what uses it, and repeat.")
    if error.exit_code in KILLED:
        said = "the server did not answer in time"
    return Failed(f"Mounting {what} on {path} of host {host} failed: {said}. {_hint(said, what)}")


def _hint(said: str, what: str) -> str:
    words = said.lower()
    if "access denied" in words or "not permitted" in words:
        return "The volume's export policy must have a rule whose clients include this host."
    if "no such file" in words:
        return f"The server exports no such path: compare it with the volume's junction path, which {what} must end with."
    if "bad option" in words or "wrong fs type" in words or "unknown filesystem" in words:
        return (
            "Install the NFS client on the host (nfs-common, or nfs-utils), and look at the declared options."
        )
    if "protocol" in words or "version" in words:
        return (
            "Server and options do not agree on a version of NFS: look at `vers=` and at what the SVM allows."
        )
    if any(
        word in words
        for word in ("timed out", "in time", "refused", "route", "unreachable", "resolve", "not known")
    ):
        return "Look whether the address is a data LIF of the SVM, is up, and can be reached from this host on port 2049."
    return "Look at `journalctl -k` on the host, and repeat."


def _real(path: str) -> str:
    """Sets $real: the kernel's name of the path. Only its parents are looked at; the path itself may be a mount that hangs."""
    at = shlex.quote(fstab.same_path(path))
    return f'at={at}; above=$(realpath -m -- "$(dirname -- "$at")"); real="${{above%/}}/$(basename -- "$at")"'


_MOUNTED: Final = (
    "cut -d ' ' -f 5 /proc/self/mountinfo | "
    'grep -Fxq -- "$(printf %s "$real" | sed \'s/\\\\/\\\\134/g; s/ /\\\\040/g; s/\\t/\\\\011/g\')"'
)
"""Whether something is mounted at $real, told without touching it."""

_MAKE_DIRECTORY: Final = f"""
if {_MOUNTED}; then exit 0; fi
if [ -d "$real" ]; then
  stat -c 'was %u:%g %a' -- "$real"
  chown root:root -- "$real"
  chmod 0755 -- "$real"
  exit 0
fi
missing=
one=$real
while [ ! -e "$one" ]; do
  missing="made $one
$missing"
  one=$(dirname -- "$one")
done
mkdir -p -- "$real"
printf %s "$missing"
"""


def _seconds(deadline: Deadline) -> str:
    return f"{max(5, min(MOUNT_SECONDS, deadline.remaining() - 10)):.0f}"


def _mount_script(path: str, deadline: Deadline) -> str:
    return f"timeout -k 5 {_seconds(deadline)} mount -- {shlex.quote(path)}"


def _unmount_script(path: str) -> str:
    pattern = re.sub(r"([*?\[\]\\])", r"\\\1", fstab.same_path(path))
    return f"""
{_real(path)}
held() {{
  find /proc/[0-9]*/cwd /proc/[0-9]*/root /proc/[0-9]*/exe /proc/[0-9]*/fd -maxdepth 1 \\
    \\( -lname {shlex.quote(pattern)} -o -lname {shlex.quote(pattern + "/*")} \\) 2>/dev/null | cut -d / -f 3 | sort -un |
    while read -r pid; do echo "strata-held $(cat "/proc/$pid/comm") (process $pid)"; done
}}
while {_MOUNTED}; do
  code=0
  timeout -s KILL 25 umount -- "$real" || code=$?
  if [ "$code" != 0 ]; then
    {{ echo strata-unmount; held; }} >&2
    exit "$code"
  fi
done
"""


def _stop_dependents(unit: str) -> str:
    """Stop the active services that need the mount, and start them again when the script ends, however it ends."""
    return f"""
needing=$(systemctl show -p RequiredBy -p BoundBy -p WantedBy --value -- {shlex.quote(unit)} | tr ' ' '\\n' |
  grep -E '[.](service|socket|timer|path)$' | sort -u |
  while read -r one; do if systemctl is-active -q -- "$one"; then printf '%s ' "$one"; fi; done) || true
again() {{ [ -z "$needing" ] || systemctl start -- $needing || echo "strata-start $needing" >&2; }}
trap again EXIT
[ -z "$needing" ] || systemctl stop -- $needing
"""
