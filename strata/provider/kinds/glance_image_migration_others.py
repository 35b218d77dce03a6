"""The other hosts of a Glance: they stand still while the first one moves the images, and are started in any case.

They are stopped only once the first host's process has everything ready. Which of them were stopped stands in the record before,
so that the next run starts them if this one is killed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

from strata.clients import glance_migration_hosts as stores_on_hosts
from strata.clients.glance import Store
from strata.clients.glance_migration import Program
from strata.clients.glance_migration_hosts import Before, Wanted
from strata.clients.host import HostClient
from strata.clients.host_connection import ConnectionLost
from strata.errors import Failed, StrataError, Unreachable
from strata.provider.kind import Operation

RETRY_SECONDS: Final = 5.0
Act = Callable[[HostClient], Awaitable[None]]


@dataclass
class Others:
    """hosts: all but the first. stores: each as it was found."""

    program: Program
    hosts: tuple[HostClient, ...]
    wanted: dict[str, Wanted]
    stores: dict[str, Store]
    record: dict[str, Any]
    op: Operation
    before: dict[str, Before] = field(default_factory=dict)
    stopped: bool = False

    async def start_those_left_stopped(self) -> None:
        """Those that an earlier run has stopped and not started again."""
        left = set(self.record.get("stopped", []))
        hosts = [one for one in self.hosts if one.name in left and not self._active(one)]
        await self._each(hosts, self._start)
        if left:
            await self._note([])

    async def bring_into_effect(self) -> None:
        """Setting and drop-in of those whose store is not in effect, where nothing is left to move."""
        for host in self.hosts:
            wanted = self.wanted[host.name]
            if not wanted.in_effect(self.stores[host.name]):
                await stores_on_hosts.write(host, wanted, self.stores[host.name], self.op.deadline)
                await self._start(host)

    async def follow(self, phase: str, journal: str) -> None:
        """Called with the phase of the first host's process; once that is ready, the others stop and it goes on."""
        if phase != "ready" or self.stopped or not self.hosts:
            return
        self.stopped = True
        await self._note([one.name for one in self.hosts])
        await self.op.progress(f"stopping Glance on {', '.join(one.name for one in self.hosts)}")
        try:
            await self._each(self.hosts, self._stop)
        except StrataError as error:
            await self.program.end(self.op.deadline)
            await self.put_back_and_start()
            raise Failed(f"{error} Nothing was moved, and Glance runs as before.") from error
        await self._kept_at(lambda first: self.program.go(journal, self.op.deadline), self.program.host)
        with suppress(StrataError):
            # The first host's process is under way and is followed to its end whatever happens here; `finish` tries again.
            await self._each(self.hosts, self._write)

    async def finish(self) -> None:
        """After the first host's: what is not written yet, and started."""
        await self._each(self.hosts, self._write)
        await self._each(self.hosts, self._start)
        if self.hosts:
            await self._note([])

    async def put_back_and_start(self) -> None:
        """As they were before; one that can't be reached does not keep the next one down."""
        if not self.stopped:
            return
        try:
            await self._each(self.hosts, self._put_back)
        finally:
            await self._each(self.hosts, self._start)
        await self._note([])

    async def _stop(self, host: HostClient) -> None:
        await stores_on_hosts.stop(host, self.wanted[host.name], self.op.deadline)

    async def _write(self, host: HostClient) -> None:
        if host.name not in self.before:
            wanted, store = self.wanted[host.name], self.stores[host.name]
            self.before[host.name] = await stores_on_hosts.write(host, wanted, store, self.op.deadline)

    async def _put_back(self, host: HostClient) -> None:
        if host.name in self.before:
            before = self.before.pop(host.name)
            await stores_on_hosts.put_back(host, self.wanted[host.name], before, self.op.deadline)

    async def _start(self, host: HostClient) -> None:
        await self.op.progress(f"starting Glance on {host.name}")
        await stores_on_hosts.start(host, self.wanted[host.name], self.stores[host.name], self.op.deadline)

    async def _each(self, hosts: tuple[HostClient, ...] | list[HostClient], act: Act) -> None:
        """On all of them side by side; what goes wrong on one is told when all are done."""
        done = await asyncio.gather(*(self._kept_at(act, one) for one in hosts), return_exceptions=True)
        wrong = [one for one in done if isinstance(one, BaseException)]
        for one in wrong:
            if not isinstance(one, StrataError):
                raise one
        if wrong:
            raise Failed(" ".join(str(one) for one in wrong))

    async def _kept_at(self, act: Act, host: HostClient) -> None:
        """Through lost connections, to the deadline: each act may be repeated."""
        while True:
            try:
                return await act(host)
            except Unreachable as error:
                if not isinstance(error, ConnectionLost) and not self.stopped:
                    raise
                await self.op.progress(f"host {host.name} can't be reached at the moment; trying again")
                await self.op.deadline.pause(
                    RETRY_SECONDS, f"Glance on host {host.name} (it can't be reached)"
                )

    def _active(self, host: HostClient) -> bool:
        return self.stores[host.name].unit.get("ActiveState") == "active"

    async def _note(self, stopped: list[str]) -> None:
        self.record["stopped"] = stopped
        await self.program.write_record(self.record, self.op.deadline)
