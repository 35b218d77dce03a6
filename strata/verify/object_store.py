"""The object store path: Swift as it answers, CloudStack's store on it, and every container beside secondary storage."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlsplit

from strata.clients.cloudstack import same_url
from strata.clients.swift import Object, SwiftClient
from strata.deadline import Clock
from strata.errors import Failed, StrataError
from strata.provider.connections import Connections
from strata.stackfile import model
from strata.stackfile.model_cloudstack import CloudStack, Zone
from strata.verify.check import Check
from strata.verify.comparison import CONTAINER, Objects, Pair, compare, lonely, suspects
from strata.verify.secondary_storage import PROPERTIES, Folder, folders

T = TypeVar("T")
Say = Callable[[str], None]
PAUSE = 3.0
"""Seconds between two looks."""
AT_ONCE = 8
"""Requests to Swift under way at the same time."""


def _silent(line: str) -> None:
    """Nothing is shown."""


@dataclass(frozen=True)
class Verified:
    """Checks, and the picture of both sides; the pairs' differences are in the checks too."""

    checks: list[Check]
    pairs: list[Pair]

    @property
    def settled(self) -> bool:
        """Whether another look would find nothing else: there is something, all of it the same; or it can't be told at all."""
        if not self.pairs:
            return not all(check.holds for check in self.checks)
        return not any(pair.differences for pair in self.pairs)


async def verify(
    stack: model.StackFile,
    connections: Connections,
    wait: float = 0.0,
    clock: Clock | None = None,
    say: Say = _silent,
) -> Verified:
    """Every account by use; with CloudStack, the store it has and what lies in it.

    wait  seconds for which both sides may still be on their way to each other: a secondary storage VM that has just come up
          uploads its templates one by one
    """
    checks = [await _account(name, connections) for name in stack.swift.accounts]
    cloudstack = stack.cloudstack
    if cloudstack is None or cloudstack.object_store is None:
        return Verified(checks, [])
    checks.append(await _store(cloudstack.object_store.account, connections))
    clock = clock or Clock()
    began = clock.now()
    while True:
        compared = await _compared(stack, cloudstack, cloudstack.object_store.account, connections)
        if compared.settled or clock.now() - began + PAUSE > wait:
            return Verified(checks + compared.checks, compared.pairs)
        say(f"{_unsettled(compared.pairs)}; looking again")
        await clock.sleep(PAUSE)


async def _account(name: str, connections: Connections) -> Check:
    what = f"Swift account {name} takes, gives back and removes an object"
    try:
        client = connections.swift(name)
        await client.prove()
    except StrataError as error:
        return Check(what, False, str(error))
    return Check(what, True, f"{client.user} at {client.auth_url}")


async def _store(account: str, connections: Connections) -> Check:
    """CloudStack tells a store's URL, never its credentials: that those are right shows in what lies in Swift."""
    what = f"CloudStack's object store is the Swift account {account}"
    try:
        api, url = connections.cloudstack(), connections.swift(account).auth_url
        modern = await api.era() == "modern"
        rows = await (api.rows("listImageStores") if modern else api.rows("listSwifts"))
    except StrataError as error:
        return Check(what, False, str(error))
    if not rows:
        return Check(what, False, "CloudStack has no object store")
    shown = ", ".join(f"{row.get('name', '')} at {row.get('url', 'no URL')}".strip() for row in rows)
    return Check(what, all(same_url(row.get("url"), url) for row in rows), shown)


async def _compared(
    stack: model.StackFile, cloudstack: CloudStack, account: str, connections: Connections
) -> Verified:
    checks: list[Check] = []
    stores: dict[str, list[Folder]] = {}
    for key, zone in cloudstack.zones.items():
        try:
            stores[key] = await _secondary_storage(stack, zone, connections)
        except StrataError as error:
            checks.append(Check(_same(key), False, str(error)))
    try:
        client = connections.swift(account)
        objects = await containers(client)
        pairs = [pair for key in stores for pair in await _zone(client, key, stores, objects)]
    except StrataError as error:
        return Verified([*checks, Check("Swift's containers can be read", False, str(error))], [])
    if len(stores) == len(cloudstack.zones):
        # Where a zone's store could not be read, nobody can say that a container has no folder.
        pairs += lonely(objects, {one.container for found in stores.values() for one in found})
    for key in stores:
        checks += _verdicts(key, [pair for pair in pairs if pair.zone == key])
    checks += [
        Check(f"{pair.container} lies on secondary storage", False, pair.differences[0])
        for pair in pairs
        if not pair.zone
    ]
    return Verified(checks, pairs)


def _unsettled(pairs: list[Pair]) -> str:
    if not pairs:
        return "nothing is there yet, in Swift and on secondary storage"
    differing = sum(bool(pair.differences) for pair in pairs)
    return f"{differing} of {len(pairs)} containers are not the same yet"


def _same(zone: str) -> str:
    return f"zone {zone}: Swift holds what secondary storage holds"


def _verdicts(zone: str, pairs: list[Pair]) -> list[Check]:
    wrong = [difference for pair in pairs for difference in pair.differences]
    if wrong:
        return [Check(_same(zone), False, one) for one in wrong]
    if not pairs:
        return [Check(_same(zone), True, "nothing is there yet, on either side")]
    files = sum(pair.files for pair in pairs)
    agree = f"{len(pairs)} containers, {files} objects: names, sizes and MD5 agree"
    fields = ", template.properties by its fields" if any(pair.by_fields for pair in pairs) else ""
    return [Check(_same(zone), True, agree + fields)]


async def _secondary_storage(stack: model.StackFile, zone: Zone, connections: Connections) -> list[Folder]:
    mount = mount_of(stack, zone)
    return await folders(connections.host(mount.hosts[0]), mount.path)


def mount_of(stack: model.StackFile, zone: Zone) -> model.Mount:
    """The declared mount of a zone's staging store; raises Failed with what to declare."""
    staging, at = zone.staging, urlsplit(zone.staging.url)
    for mount in stack.mounts.values():
        if staging.volume is not None and mount.volume == staging.volume:
            return mount
        if (mount.server, mount.export) == (at.hostname, at.path):
            return mount
    mounted = f"volume: {staging.volume}" if staging.volume else f"server: {at.hostname}, export: {at.path}"
    raise Failed(
        f"could not tell: no host of the stack file mounts the staging store {staging.url}. Declare one under strata:mounts, "
        f"for example {zone.key}-staging: {{host: HOST, {mounted}, path: /mnt/{zone.key}}}, and repeat."
    )


async def containers(client: SwiftClient) -> dict[str, Objects]:
    """Every container of CloudStack's with its objects."""
    names = [name for name in await client.containers() if CONTAINER.fullmatch(name)]
    listed = await _all(client.objects(name) for name in names)
    return {name: {one.name: one for one in found} for name, found in zip(names, listed, strict=True)}


async def _zone(
    client: SwiftClient, zone: str, stores: dict[str, list[Folder]], objects: dict[str, Objects]
) -> list[Pair]:
    pairs = []
    for folder in stores[zone]:
        there = objects.get(folder.container)
        elsewhere = _elsewhere(folder, stores)
        texts: dict[str, str] = {}
        if there is not None:
            doubtful = suspects(folder, there)
            if PROPERTIES in doubtful:
                read = await client.read_object(folder.container, PROPERTIES)
                texts[PROPERTIES] = read.decode("utf-8", "replace")
            large = [name for name in doubtful if name != PROPERTIES]
            measured = await _all(_measured(client, folder.container, there[name]) for name in large)
            there = {**there, **{one.name: one for one in measured}}
        pairs.append(compare(zone, folder, there, texts, elsewhere & set(there or {})))
    return pairs


def _elsewhere(folder: Folder, stores: dict[str, list[Folder]]) -> set[str]:
    """Names in this container's other folders: one container serves all zones."""
    others = [one for found in stores.values() for one in found if one is not folder]
    names = {name for one in others if one.container == folder.container for name in one.files}
    return names - set(folder.files)


async def _measured(client: SwiftClient, container: str, listed: Object) -> Object:
    """A large object (above 5 GiB, in segments) as it is downloaded; any other as it is listed."""
    headers = await client.object_headers(container, listed.name) or {}
    if "x-static-large-object" not in headers and "x-object-manifest" not in headers:
        return listed
    size, md5 = await client.measured(container, listed.name)
    return Object(listed.name, size, md5)


async def _all(calls: Iterable[Awaitable[T]]) -> list[T]:
    """The results in their order, a few at a time."""
    room = asyncio.Semaphore(AT_ONCE)

    async def one(call: Awaitable[T]) -> T:
        async with room:
            return await call

    return list(await asyncio.gather(*(one(call) for call in calls)))
