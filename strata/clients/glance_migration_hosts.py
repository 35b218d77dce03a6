"""Glance's stores on their hosts while images move: what each is to be like afterwards, and the hosts that only stand still.

On the first host the program does all this within the one process that must not be cut off; on the others these functions do.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import Any, Final

from strata.clients import glance
from strata.clients.glance import OPTION, Store
from strata.clients.glance_migration import at_most
from strata.clients.host import HostClient
from strata.deadline import Deadline
from strata.hostfiles import decode, encode, ini, mountinfo, unit
from strata.hostfiles.unit import Guard

TIMER: Final = "strata-migration-start"
ALONE_SECONDS: Final = 600
"""After so long a host that was stopped starts Glance by itself: the run that should have done it was killed."""
MOUNT_HINT: Final = "Mount it, or let `pulumi up` do it (strata:mounts), and repeat."


@dataclass(frozen=True)
class Wanted:
    """One host's store after the move.

    directory  the setting; None to give back what `memory` (of ini.set_option) says
    guard      the drop-in; None for a store without one
    """

    config_file: str
    section: str
    service: str
    directory: str | None
    guard: Guard | None
    memory: dict[str, Any] | None = None

    @property
    def value(self) -> str | None:
        """What the setting says then."""
        if self.directory is not None:
            return self.directory
        lines = str((self.memory or {}).get("lines", ""))
        return ini.get(f"[{self.section}]\n{lines}", self.section, OPTION)

    @property
    def drop_in(self) -> str:
        return glance.drop_in(self.service, self.section)

    def edit(self, text: str) -> str:
        """The configuration with that setting."""
        if self.directory is not None:
            return ini.set_option(text, self.section, OPTION, self.directory).text
        return ini.restore(text, self.section, OPTION, self.memory or {})

    def in_effect(self, store: Store) -> bool:
        """Whether setting, drop-in and the running process are so already: then nothing has to be stopped."""
        if ini.get(store.config or "", self.section, OPTION) != self.value:
            return False
        if store.unit.get("ActiveState") != "active" or store.unit.get("NeedDaemonReload") == "yes":
            return False
        if self.guard is None:
            return not store.guard_text and store.started is None
        loaded = self.drop_in in store.unit.get("DropInPaths", "").split()
        return (
            loaded and store.guard_text == unit.render(self.guard) and store.started == self.guard.directory
        )


@dataclass(frozen=True)
class Before:
    """What `write` found, so that it can be put back. memory: of ini.set_option; guard_text empty where there was no drop-in."""

    memory: dict[str, Any]
    guard_text: str


def spec(
    wanted: Wanted,
    store: Store,
    owner: str,
    group: str,
    mode: str | None,
    *,
    wait: bool,
    restart: bool,
    switch: str,
) -> dict[str, Any]:
    """The order that the program's `cutover` takes for its own host; no secret in it."""
    where = {"file": wanted.config_file, "section": wanted.section, "option": OPTION}
    value = {"value": wanted.directory} if wanted.directory is not None else {"memory": wanted.memory or {}}
    text = unit.render(wanted.guard) if wanted.guard is not None else None
    address, port = api_of(store)
    return {
        "service": wanted.service,
        "setting": {**where, **value},
        "guard": {"path": wanted.drop_in, "text": text},
        "owner": owner,
        "group": group,
        "mode": mode,
        "api": {"address": address, "port": port},
        "wait": wait,
        "restart": restart,
        "switch": switch,
    }


def api_of(store: Store) -> tuple[str, int]:
    """Where Glance's API answers on the host itself."""
    port = ini.get(store.config or "", "DEFAULT", "bind_port") or "9292"
    address = ini.get(store.config or "", "DEFAULT", "bind_host") or "0.0.0.0"
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(address, address), int(port)


def mount_problem(host: str, store: Store, mount: str | None, export: str | None) -> str | None:
    """Why the new directory would lie in the wrong place on that host; None when its mount is right."""
    if mount is None:
        return None
    there = mountinfo.at(store.mounts, mount)
    if there is None:
        return f"Nothing is mounted on {mount} of host {host}. {MOUNT_HINT}"
    wanted = mountinfo.server_and_export(export) if export else None
    if wanted is not None and mountinfo.server_and_export(there.source) != wanted:
        return f"On {mount} of host {host} {there.source} is mounted, and {export} was expected. {MOUNT_HINT}"
    return None


async def memory_of(host: HostClient, wanted: Wanted, store: Store) -> dict[str, Any]:
    """How the setting was before Strata: as it is, while it names another directory; else as the first edit's backup has it.

    A backup may be of an earlier time, when Strata had the setting before; without one the setting was there by itself.
    """
    text = store.config or ""
    if ini.get(text, wanted.section, OPTION) != wanted.directory:
        return ini.set_option(text, wanted.section, OPTION, wanted.directory or "").memory
    backup = await host.read_file(f"{wanted.config_file}.strata-backup")
    return ini.remembered(decode(backup.content) if backup else text, wanted.section, OPTION)


async def stop(host: HostClient, wanted: Wanted, deadline: Deadline) -> None:
    """Stop Glance there. Should nobody come to start it again, systemd does after a while."""
    service = shlex.quote(wanted.service)
    script = f"""
systemctl stop -- {TIMER}.timer 2>/dev/null || true
systemctl reset-failed -- {TIMER}.service {TIMER}.timer 2>/dev/null || true
systemd-run --quiet --collect --on-active={ALONE_SECONDS} --unit={TIMER} -- systemctl start -- {service}
systemctl stop -- {service}
"""
    await host.run(script, doing=f"stopping {wanted.service}", deadline=at_most(deadline))


async def write(host: HostClient, wanted: Wanted, store: Store, deadline: Deadline) -> Before:
    """Setting and drop-in, while Glance stands still there. store: as it was before; the same again changes nothing."""

    def edit(content: bytes) -> bytes:
        return encode(wanted.edit(decode(content)))

    doing = f"setting {OPTION} in {wanted.config_file}"
    await host.edit_file(wanted.config_file, edit, doing, deadline=at_most(deadline))
    if wanted.guard is None:
        await glance.remove_guard(host, wanted.service, wanted.section, at_most(deadline))
    else:
        await glance.put_guard(host, wanted.service, wanted.section, wanted.guard, at_most(deadline))
    return Before(ini.remembered(store.config or "", wanted.section, OPTION), store.guard_text)


async def put_back(host: HostClient, wanted: Wanted, before: Before, deadline: Deadline) -> None:
    """Setting and drop-in as `write` found them."""

    def edit(content: bytes) -> bytes:
        return encode(ini.restore(decode(content), wanted.section, OPTION, before.memory))

    doing = f"putting {OPTION} back in {wanted.config_file}"
    await host.edit_file(wanted.config_file, edit, doing, deadline=at_most(deadline))
    guard = unit.parse(before.guard_text) if before.guard_text else None
    if guard is None:
        await glance.remove_guard(host, wanted.service, wanted.section, at_most(deadline))
    else:
        await glance.put_guard(host, wanted.service, wanted.section, guard, at_most(deadline))


async def start(host: HostClient, wanted: Wanted, store: Store, deadline: Deadline) -> None:
    """Start Glance there and wait until its API answers."""
    await glance.restart(host, wanted.service, store.config or "", at_most(deadline))
    script = f"systemctl stop -- {TIMER}.timer 2>/dev/null || true"
    await host.run(script, doing="ending the watch over the start", deadline=at_most(deadline))
