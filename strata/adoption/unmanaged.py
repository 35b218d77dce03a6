"""What exists on the systems of a stack and is in no stack: volumes, export policies, mounts, containers, zones. Only reads."""

from __future__ import annotations

from collections.abc import Awaitable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from strata.adoption import draft_cloudstack, draft_swift, hosts, ontap
from strata.errors import StrataError
from strata.provider.connections import Connections
from strata.stackfile import StackFile, model


@dataclass(frozen=True, order=True)
class Unmanaged:
    """One object: `system` is ontap, hosts, swift or cloudstack, `kind` such as `volume`, `id` the one that an import takes."""

    system: str
    kind: str
    id: str
    name: str


@dataclass
class Found:
    """What a look found; `troubles` are the systems of which nothing can be told."""

    objects: list[Unmanaged] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)

    def add(self, system: str, kind: str, id: str, name: str) -> None:
        self.objects.append(Unmanaged(system, kind, id, name))


async def unmanaged(stack: StackFile, connections: Connections, others: Sequence[StackFile] = ()) -> Found:
    """Every object of the stack's systems that neither the stack nor one of the others declares.

    others: more stacks that may lie on the same systems; which of these are the same is told by their addresses. What belongs
    to the systems themselves (root volumes, policies named default, CloudStack's containers) is never in it.
    """
    found, stacks = Found(), (stack, *others)

    async def tried(look: Awaitable[None]) -> None:
        try:
            await look
        except StrataError as error:
            found.troubles.append(str(error))

    for cluster in stack.ontap.clusters.values():
        await tried(_cluster(found, cluster, stacks, connections))
    for host in stack.hosts.values():
        await tried(_host(found, host, stacks, connections))
    for account in stack.swift.accounts.values():
        await tried(_account(found, account, stacks, connections))
    if stack.cloudstack is not None:
        await tried(_zones(found, stack.cloudstack, stacks, connections))
    found.objects.sort()
    return found


async def _cluster(
    found: Found, at: model.Cluster, stacks: Iterable[StackFile], connections: Connections
) -> None:
    there = await ontap.survey(at.name, connections.ontap(at.name))
    volumes, policies = set[tuple[str, str]](), set[tuple[str, str]]()
    for one in stacks:
        same = _same(at, one.ontap.clusters, "hostname", "port")
        volumes |= {(each.svm, each.name) for each in one.ontap.volumes.values() if each.cluster in same}
        policies |= set(_policies(one, same))
    for volume in there.volumes:
        if not volume.system and (volume.args.svm, volume.args.name) not in volumes:
            found.add("ontap", "volume", volume.observed.id, f"{volume.args.svm}/{volume.args.name}")
    for policy in there.policies:
        if not policy.system and (policy.svm, policy.name) not in policies:
            found.add("ontap", "export policy", policy.id, f"{policy.svm}/{policy.name}")


def _policies(stack: StackFile, clusters: set[str]) -> Iterator[tuple[str, str]]:
    """Those that are declared, and those that the stack only names."""
    for shared in stack.ontap.export_policies.values():
        if shared.cluster in clusters:
            yield shared.svm, shared.name
    for volume in stack.ontap.volumes.values():
        access = volume.export_policy
        if volume.cluster in clusters and isinstance(access, model.ExportPolicy | model.ExistingPolicy):
            yield volume.svm, access.name


async def _host(found: Found, at: model.Host, stacks: Iterable[StackFile], connections: Connections) -> None:
    known = {
        mount.path
        for one in stacks
        for mount in one.mounts.values()
        if set(mount.hosts) & _same(at, one.hosts, "address", "port")
    }
    for live in await hosts.survey(at.name, connections.host(at.name)):
        if live.path not in known:
            found.add("hosts", "mount", live.id, f"{live.entry.source} on {live.path}")


async def _account(
    found: Found, at: model.SwiftAccount, stacks: Iterable[StackFile], connections: Connections
) -> None:
    known = {
        container.name
        for one in stacks
        for key in _same(at, one.swift.accounts, "auth_url", "user", "project")
        for container in one.swift.accounts[key].containers.values()
    }
    for name in await draft_swift.containers(connections.swift(at.key)):
        if name not in known and not draft_swift.is_system(name):
            found.add("swift", "container", f"{at.key}/{name}", name)


async def _zones(
    found: Found, at: model.CloudStack, stacks: Iterable[StackFile], connections: Connections
) -> None:
    known = {
        zone.name
        for one in stacks
        if one.cloudstack is not None and one.cloudstack.endpoint == at.endpoint
        for zone in one.cloudstack.zones.values()
    }
    for row in await draft_cloudstack.zones(connections):
        if row["name"] not in known:
            found.add("cloudstack", "zone", str(row["id"]), str(row["name"]))


def _same(at: Any, known: Mapping[str, Any], *address: str) -> set[str]:
    """The keys under which another stack (or this one) reaches the same system."""
    return {
        key for key, one in known.items() if all(getattr(one, name) == getattr(at, name) for name in address)
    }
