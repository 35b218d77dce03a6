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
from strata.clients.glance_migration import Program, at_most
from strata.clients.glance_migration_hosts import Before, Wanted
from strata.clients.host import HostClient
from strata.clients.host_target import ConnectionLost
from strata.deadline import Deadline
from strata.errors import Failed, StrataError, Unreachable
from strata.provider.kind import Operation

RETRY_SECONDS: Final = 5.0
STOP_SECONDS: Final = 120.0
"""In so much time all of them stand still, or none is stopped: the first host's process waits 300 s for the word to go on."""
AGAIN_SECONDS: Final = 30.0
"""So long one is sought that could not be stopped, to see that it runs."""
Act = Callable[[HostClient, Deadline], Awaitable[None]]


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
    still: set[str] = field(default_factory=set)

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
                await self._start(host, self.op.deadline)

    async def follow(self, phase: str, journal: str) -> None:
        """Called with the phase of the first host's process; once that is ready, the others stop and it goes on."""
        if phase != "ready" or self.stopped or not self.hosts:
            return
        self.stopped = True
        await self._note([one.name for one in self.hosts])
        await self.op.progress(f"stopping Glance on {', '.join(one.name for one in self.hosts)}")
        soon = at_most(self.op.deadline, STOP_SECONDS)
        try:
            await self._each(self.hosts, self._stop, soon)
            await self._kept_at(lambda: self.program.go(journal, soon), self.program.host, soon)
        except StrataError as error:
            raise Failed(f"{error} {await self._give_up()}") from error
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

    async def _give_up(self) -> str:
        """Before anything was moved: those that stand still start, and what is to be said of the others."""
        await self.program.end(self.op.deadline)
        left = [one for one in self.hosts if one.name not in self.still]
        await self._each([one for one in self.hosts if one.name in self.still], self._start)
        with suppress(StrataError):
            await self._each(left, self._start, at_most(self.op.deadline, AGAIN_SECONDS))
            left = []
        await self._note([one.name for one in left])
        said = "Nothing was moved, and Glance runs as before"
        if not left:
            return f"{said}."
        names = ", ".join(one.name for one in left)
        minutes = stores_on_hosts.ALONE_SECONDS // 60
        return f"{said}; where it was stopped on {names} without an answer, it starts there by itself within {minutes} minutes."

    async def _stop(self, host: HostClient, deadline: Deadline) -> None:
        await stores_on_hosts.stop(host, self.wanted[host.name], deadline)
        self.still.add(host.name)

    async def _write(self, host: HostClient, deadline: Deadline) -> None:
        if host.name not in self.before:
            wanted, store = self.wanted[host.name], self.stores[host.name]
            self.before[host.name] = await stores_on_hosts.write(host, wanted, store, deadline)

    async def _put_back(self, host: HostClient, deadline: Deadline) -> None:
        if host.name in self.before:
            before = self.before.pop(host.name)
            await stores_on_hosts.put_back(host, self.wanted[host.name], before, deadline)

    async def _start(self, host: HostClient, deadline: Deadline) -> None:
        await self.op.progress(f"starting Glance on {host.name}")
        await stores_on_hosts.start(host, self.wanted[host.name], self.stores[host.name], deadline)

    async def _each(
        self, hosts: tuple[HostClient, ...] | list[HostClient], act: Act, deadline: Deadline | None = None
    ) -> None:
        """On all of them side by side; what goes wrong on one is told when all are done."""
        until = deadline or self.op.deadline

        async def at(host: HostClient) -> None:
            await self._kept_at(lambda: act(host, until), host, until)

        done = await asyncio.gather(*(at(one) for one in hosts), return_exceptions=True)
        wrong = [one for one in done if isinstance(one, BaseException)]
        for one in wrong:
            if not isinstance(one, StrataError):
                raise one
        if wrong:
            raise Failed(" ".join(str(one) for one in wrong))

    async def _kept_at(
        self, act: Callable[[], Awaitable[None]], host: HostClient, deadline: Deadline
    ) -> None:
        """Through lost connections, to the deadline: each act may be repeated."""
        while True:
            try:
                return await act()
            except Unreachable as error:
                if not isinstance(error, ConnectionLost) and not self.stopped:
                    raise
                await self.op.progress(f"host {host.name} can't be reached at the moment; trying again")
                if deadline.remaining() <= 0:
                    raise
                await deadline.clock.sleep(min(RETRY_SECONDS, deadline.remaining()))

    def _active(self, host: HostClient) -> bool:
        return self.stores[host.name].unit.get("ActiveState") == "active"

    async def _note(self, stopped: list[str]) -> None:
        self.record["stopped"] = stopped
        await self.program.write_record(self.record, self.op.deadline)
