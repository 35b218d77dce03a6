"""What exists on the systems of a stack and is in no stack: volumes, export policies, mounts, containers, zones. Only reads."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field

from strata.adoption import draft_cloudstack, draft_swift, elsewhere, hosts, ontap
from strata.adoption.elsewhere import Stacks
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
    found, stacks = Found(), {str(number): one for number, one in enumerate((stack, *others))}

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


async def _cluster(found: Found, at: model.Cluster, stacks: Stacks, connections: Connections) -> None:
    there = await ontap.survey(at.name, connections.ontap(at.name))
    volumes, policies = elsewhere.volumes(at, stacks), elsewhere.policies(at, stacks)
    for volume in there.volumes:
        if not volume.system and (volume.args.svm, volume.args.name) not in volumes:
            found.add("ontap", "volume", volume.observed.id, f"{volume.args.svm}/{volume.args.name}")
    for policy in there.policies:
        if not policy.system and (policy.svm, policy.name) not in policies:
            found.add("ontap", "export policy", policy.id, f"{policy.svm}/{policy.name}")


async def _host(found: Found, at: model.Host, stacks: Stacks, connections: Connections) -> None:
    known = elsewhere.mounts(at, stacks)
    for live in await hosts.survey(at.name, connections.host(at.name)):
        if live.path not in known:
            found.add("hosts", "mount", live.id, f"{live.entry.source} on {live.path}")


async def _account(found: Found, at: model.SwiftAccount, stacks: Stacks, connections: Connections) -> None:
    known = elsewhere.containers(at, stacks)
    for name in await draft_swift.containers(connections.swift(at.key)):
        if name not in known and not draft_swift.is_system(name):
            found.add("swift", "container", f"{at.key}/{name}", name)


async def _zones(found: Found, at: model.CloudStack, stacks: Stacks, connections: Connections) -> None:
    known = elsewhere.cloud(at, stacks).zones
    for row in await draft_cloudstack.zones(connections):
        if row["name"] not in known:
            found.add("cloudstack", "zone", str(row["id"]), str(row["name"]))
