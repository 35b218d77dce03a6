"""Which row of CloudStack's list is the host of a url.

A row shows the agent's name and an address, never the url. A url with another name of the host is the same host where that
name resolves to its address on this machine; and after an add, the one row that was not there before is that add's, unless
another add into the same cluster may have made it.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from strata.clients.cloudstack import Document

RESOLVE_SECONDS = 10.0
"""How long a name server is waited for."""


def is_address(place: str) -> bool:
    """Whether it is an address and no name."""
    try:
        ipaddress.ip_address(place)
    except ValueError:
        return False
    return True


async def addresses_of(place: str) -> frozenset[str]:
    """What a name resolves to on this machine; nothing for an address, and for a name that is not known here."""
    if is_address(place):
        return frozenset()
    try:
        async with asyncio.timeout(RESOLVE_SECONDS):
            found = await asyncio.get_running_loop().getaddrinfo(place, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):  # TimeoutError is an OSError
        return frozenset()
    return frozenset(str(address[0]) for *_, address in found)


async def standing_at(place: str, rows: list[Document]) -> list[Document]:
    """The rows of the host with that name or address."""
    there = [row for row in rows if place in (row.get("name"), row.get("ipaddress"))]
    if there or not rows:
        return there
    addresses = await addresses_of(place)
    return [row for row in rows if row.get("ipaddress") in addresses]


@dataclass
class Adds:
    """The adds that this process has under way, by cluster, and the hosts that its adds have made."""

    under_way: dict[str, int] = field(default_factory=dict)
    made: set[str] = field(default_factory=set)

    @contextmanager
    def one(self, cluster: str) -> Iterator[None]:
        """While a host is added to the cluster."""
        self.under_way[cluster] = self.under_way.get(cluster, 0) + 1
        try:
            yield
        finally:
            self.under_way[cluster] -= 1

    def new(self, cluster: str, before: set[str], rows: list[Document]) -> str | None:
        """The id of the one row that this add must have made; None while there is none, or it may be another add's."""
        fresh = {str(row["id"]) for row in rows} - before - self.made
        return fresh.pop() if len(fresh) == 1 and self.under_way[cluster] == 1 else None
