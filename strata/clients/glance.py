"""Glance on a host: what its configuration, its service and its database say, and the acts on them.

The configuration holds passwords: a look prints only the options that Strata reads, and what needs the database connection runs
on the host and prints image names only. Glance's version does not matter; 25 to 33 were looked at.
"""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass
from typing import Any, Final

from strata.clients import glance_scripts
from strata.clients.host import CommandFailed, HostClient
from strata.deadline import Deadline
from strata.errors import Failed, Unreachable
from strata.hostfiles import decode, ini, mountinfo, unit
from strata.hostfiles.mountinfo import KernelMount
from strata.hostfiles.unit import Guard
from strata.migration import effect

OPTION: Final = "filesystem_store_datadir"
SERVICES: Final = ("glance-api", "openstack-glance-api")
"""Where a host has no drop-in of ours: the service's name on Debian and on Red Hat."""
READ: Final = (OPTION, f"{OPTION}s", "enabled_backends", "bind_port", "bind_host")


@dataclass(frozen=True)
class Directory:
    """The images' directory: `mode` as in `0750`."""

    owner: str
    group: str
    mode: str


@dataclass(frozen=True)
class Store:
    """A store of Glance as it is on the host.

    config     the options of READ, with their sections; None where there is no such file
    guard      our drop-in, None where there is none; `guard_text` its content
    unit       what systemd says of the service
    mounts     everything that the kernel has mounted
    path       the directory that the drop-in, else the configuration names; `directory` what is there
    started    the directory with which the running process was started, where it tells
    """

    config: str | None
    service: str
    guard: Guard | None
    guard_text: str
    unit: dict[str, str]
    mounts: list[KernelMount]
    path: str
    directory: Directory | None
    started: str | None


def drop_in(service: str, section: str) -> str:
    """The path of the drop-in of that store."""
    suffix = "" if section == "glance_store" else f"-{re.sub(r'[^A-Za-z0-9_-]', '_', section)}"
    return f"/etc/systemd/system/{service}.service.d/50-strata-store{suffix}.conf"


async def look(host: HostClient, config_file: str, section: str, service: str | None = None) -> Store:
    """The store as it is, in one round trip; only reads.

    Without a service it is the one that has our drop-in, else the one that the host has.
    """
    before = glance_scripts.LOOK_BEFORE.format(
        config=shlex.quote(config_file),
        section=shlex.quote(section),
        mark=shlex.quote(f"# store: {config_file}#{section}"),
        name=drop_in("", section).rpartition("/")[2],
        service=shlex.quote(service or ""),
        services=" ".join(SERVICES),
        option=OPTION,
        variable=unit.VARIABLE,
    )
    scripts = {
        name: script.replace("VARIABLE", unit.VARIABLE)
        .replace("NOTES", effect.FOLDER[0])
        .replace("NAMES", "|".join(READ))
        for name, script in glance_scripts.LOOK.items()
    }
    doing = f"looking at Glance's store in {config_file}"
    texts = {
        name: decode(part)
        for name, part in (await host.read_parts(scripts, before=before, doing=doing)).items()
    }
    if texts["directory"].startswith("!"):
        said = texts["directory"][1:].strip()
        raise Unreachable(
            f"The directory {texts['path']} on host {host.name} could not be looked at: {said}. "
            "Whether it has changed is unknown. See whether its NFS server is up and can be reached, and repeat."
        )
    words = texts["directory"].split()
    return Store(
        config=texts["config"] or None,
        service=texts["service"],
        guard=unit.parse(texts["guard"]) if texts["guard"] else None,
        guard_text=texts["guard"],
        unit=unit.parse_show(texts["unit"]),
        mounts=mountinfo.parse(texts["mountinfo"]),
        path=texts["path"],
        directory=Directory(words[0], words[1], words[2].zfill(4)) if len(words) == 3 else None,
        started=texts["started"].strip() or None,
    )


async def missing_accounts(host: HostClient, owner: str, group: str) -> list[str]:
    """Which of the two the host does not know: `user glance`, `group glance`."""
    script = (
        f"getent passwd -- {shlex.quote(owner)} >/dev/null || echo user {shlex.quote(owner)}\n"
        f"getent group -- {shlex.quote(group)} >/dev/null || echo group {shlex.quote(group)}"
    )
    return decode(await host.read(script, doing="looking for Glance's user and group")).splitlines()


async def own_directory(
    host: HostClient,
    path: str,
    owner: str,
    group: str,
    mode: str | None,
    mount: str | None,
    deadline: Deadline,
) -> bool:
    """Make the directory, if it is not there, and give it owner and mode. True when it had to be made.

    Nothing is done, and Failed raised, when `mount` is given and nothing is mounted there.
    """
    at = shlex.quote(path)
    script = [
        f"mountpoint -q -- {shlex.quote(mount)} || {{ echo strata-not-mounted >&2; exit 1; }}"
        if mount
        else "",
        f"[ -d {at} ] || {{ mkdir -p -- {at}; echo made; }}",
        f"chown -- {shlex.quote(f'{owner}:{group}')} {at}",
        f"chmod -- {mode} {at}" if mode else "",
        glance_scripts.WRITABLE.format(owner=shlex.quote(owner), at=at),
    ]
    try:
        printed = await host.run(
            "\n".join(script), doing=f"giving {path} to {owner}:{group}", deadline=deadline
        )
    except CommandFailed as error:
        if "strata-not-mounted" in error.stderr:
            raise Failed(
                f"Nothing is mounted on {mount} of host {host.name}, so {path} would lie beside the volume. Declare the "
                "mount before the store (strata:mounts), or mount it, and repeat."
            ) from error
        if "strata-not-writable" in error.stderr:
            raise Failed(
                f"{owner} may not write in {path} on host {host.name}, although the directory is its own. On NFS that is for the "
                "export policy's rule to allow: `readWrite: [sys]` for this host. Correct it, and repeat."
            ) from error
        if "not permitted" in error.stderr.lower():
            raise Failed(
                f"{error}. On NFS root may do that only where the export policy's rule has `superuser: [sys]` for this host; set "
                "that, or give the volume this owner itself (unixPermissions, uid, gid)."
            ) from error
        raise
    return b"made" in printed


async def put_guard(host: HostClient, service: str, section: str, guard: Guard, deadline: Deadline) -> None:
    """Write the drop-in, remove those of the same store at other services, and let systemd read them."""
    path, content = drop_in(service, section), unit.render(guard).encode("utf-8", "surrogateescape")
    await host.edit_file(
        path, lambda _: content, f"writing the drop-in {path}", backup=False, deadline=deadline
    )
    mark = shlex.quote(f"# store: {guard.store}")
    script = f"""
for one in /etc/systemd/system/*.service.d/{path.rpartition("/")[2]}; do
  if [ -e "$one" ] && [ "$one" != {shlex.quote(path)} ] && grep -Fxq -- {mark} "$one"; then rm -f -- "$one"; fi
done
systemctl daemon-reload
"""
    await host.run(script, doing="letting systemd read its files again", deadline=deadline)


async def remove_guard(host: HostClient, service: str, section: str, deadline: Deadline) -> None:
    """Remove the drop-in and its folder, if that is empty then."""
    path = shlex.quote(drop_in(service, section))
    script = f'rm -f -- {path}\nrmdir -- "$(dirname -- {path})" 2>/dev/null || true\nsystemctl daemon-reload'
    await host.run(script, doing=f"removing the drop-in of {service}", deadline=deadline)


async def restart(host: HostClient, service: str, config: str, deadline: Deadline) -> None:
    """Restart the service and wait until its API answers, whatever it answers."""
    port = ini.get(config, "DEFAULT", "bind_port") or "9292"
    address = ini.get(config, "DEFAULT", "bind_host") or "0.0.0.0"
    address = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(address, address)
    seconds = max(5, int(deadline.remaining()) - 15)
    script = (
        f"systemctl reset-failed -- {shlex.quote(service)} 2>/dev/null || true\n"
        f"systemctl restart -- {shlex.quote(service)}\n"
        f"python3 - {shlex.quote(address)} {shlex.quote(port)} {shlex.quote(service)} {seconds}"
    )
    try:
        await host.run(script, input=glance_scripts.WAIT, doing=f"restarting {service}", deadline=deadline)
    except CommandFailed as error:
        raise Failed(f"{error}. {await _last_words(host, service)}") from error


async def set_running(host: HostClient, service: str, verb: str, deadline: Deadline) -> None:
    """`stop`, or `try-restart` (which restarts it only if it runs)."""
    await host.run(
        f"systemctl {verb} -- {shlex.quote(service)}", doing=f"{verb} of {service}", deadline=deadline
    )


async def _last_words(host: HostClient, service: str) -> str:
    """The last lines of the service's journal, anything like a password masked."""
    at = shlex.quote(service)
    script = f"journalctl -u {at} -n 8 --no-pager -o cat 2>/dev/null || systemctl status --no-pager -n 8 -- {at} || true"
    printed = decode(await host.read(script, doing=f"reading the journal of {service}"))
    lines = [line.strip() for line in printed.splitlines() if line.strip()][-8:]
    masked = re.sub(r"://[^/\s@]*@", "://***@", " | ".join(lines))
    masked = re.sub(r"(?i)((?:password|secret|token|key)\w*\s*[=:]\s*)\S+", r"\1***", masked)
    return (
        f"Its journal ends with: {masked[-1200:]}"
        if lines
        else f"Look at `journalctl -u {service}` on the host."
    )


@dataclass(frozen=True)
class Images:
    """Images that Glance knows below a directory: how many, and (name, id) of the first ten."""

    count: int
    first: list[tuple[str, str]]

    def __str__(self) -> str:
        names = ", ".join(f"{name or 'unnamed'} ({id})" for name, id in self.first)
        more = self.count - len(self.first)
        return f"{names}{f' and {more} more' if more > 0 else ''}"


async def images_below(host: HostClient, config_file: str, directory: str) -> Images:
    """Which images Glance's database locates below the directory. The connection's text never leaves the host."""
    script = f"python3 - {shlex.quote(config_file)} {shlex.quote(directory)}"
    try:
        printed = await host.read(
            script, input=glance_scripts.IMAGES, doing="asking Glance's database for its images"
        )
    except CommandFailed as error:
        raise Failed(
            f"Which images Glance on host {host.name} keeps in {directory} could not be told: {error}. See that its "
            "database can be reached from the host; or set allowImagesLeft: true to go on without knowing."
        ) from error
    found: dict[str, Any] = json.loads(printed)
    return Images(found["count"], [(name, id) for name, id in found["first"]])
