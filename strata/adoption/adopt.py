"""The whole way: from a stack file with its connections to the same file with what is there, and the import file."""

from __future__ import annotations

from collections.abc import Awaitable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from strata import stackfile
from strata.adoption import (
    draft_cloudstack,
    draft_glance,
    draft_mounts,
    draft_ontap,
    draft_swift,
    elsewhere,
    hosts,
    imports,
    ontap,
)
from strata.adoption.draft import Draft, Finding
from strata.adoption.draft_export_policies import Theirs
from strata.adoption.draft_mounts import Exports
from strata.adoption.elsewhere import Stacks
from strata.adoption.hosts import LiveMount
from strata.adoption.ontap import Cluster
from strata.adoption.pruning import prune
from strata.errors import StrataError
from strata.provider.connections import Connections
from strata.stackfile import StackFile, extends, model
from strata.stackfile.model import CloudStack

SYSTEMS: Final = ("ontap", "hosts", "swift", "cloudstack")


@dataclass(frozen=True)
class Adopted:
    """What came of a look.

    text      the stack file with the entries that it lacked
    entries   those entries alone, below `config`
    imports   the import file's content
    findings  what is there and is not written, or not as it is
    skipped   what belongs to the systems themselves
    troubles  systems that could not be looked at: nothing is said of what they have
    """

    text: str
    entries: dict[str, Any]
    imports: dict[str, Any]
    findings: tuple[Finding, ...]
    skipped: tuple[str, ...]
    troubles: tuple[str, ...]


@dataclass(frozen=True)
class Source:
    """A stack file that is good as it is: its text, what it says with all that it extends, and the model of that."""

    file: Path
    text: str
    config: Mapping[str, Any]
    stack: StackFile

    @classmethod
    def of(cls, file: Path) -> Source:
        """Raises StackFileError where the file has faults."""
        stack, layers = stackfile.load(file), extends.read(file)
        return cls(file, extends.text(file), (layers.merged or {}).get("config") or {}, stack)


async def adopt(
    source: Source,
    connections: Connections,
    only: Collection[str] = SYSTEMS,
    everything: bool = False,
    others: Stacks = MappingProxyType({}),
) -> Adopted:
    """Look at the systems of a stack file; only reads, and writes no file.

    only        the systems to look at
    everything  also what belongs to the systems themselves
    others      more stacks by their names; what one of them declares is left to it
    """
    look = Look(Draft(source.config), source.stack, connections, frozenset(only), everything, others)
    await look.at_all()
    draft = look.draft
    text = prune(draft, source.text, source.file)
    draft_cloudstack.together(draft)
    return Adopted(
        text,
        draft.added,
        imports.document(draft.kept),
        tuple(draft.findings),
        tuple(draft.skipped),
        tuple(look.troubles),
    )


@dataclass
class Look:
    """One look at the systems, in the order in which entries refer to each other."""

    draft: Draft
    stack: StackFile
    connections: Connections
    only: frozenset[str]
    everything: bool
    others: Stacks
    clusters: list[Cluster] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)

    async def at_all(self) -> None:
        """Every system; one that can't be looked at keeps none of the others from it."""
        for name in self.stack.ontap.clusters if self.only - {"swift"} else ():
            await self._tried(self._cluster(name))
        if "hosts" in self.only:
            await self._tried(self._hosts())
        for account in self.stack.swift.accounts.values() if "swift" in self.only else ():
            theirs = elsewhere.containers(account, self.others)
            await self._tried(
                draft_swift.write(self.draft, account, theirs, self.connections, self.everything)
            )
        if self.stack.cloudstack is not None and "cloudstack" in self.only:
            await self._tried(self._cloudstack(self.stack.cloudstack))

    async def _tried(self, look: Awaitable[None]) -> None:
        try:
            await look
        except StrataError as error:
            self.troubles.append(str(error))

    async def _cluster(self, name: str) -> None:
        """Mounts and staging stores ask for its addresses, also where nothing of its own is to be written."""
        cluster = await ontap.survey(name, self.connections.ontap(name))
        self.clusters.append(cluster)
        if "ontap" in self.only:
            theirs = self._of_others(self.stack.ontap.clusters[name])
            await draft_ontap.write(
                self.draft, cluster, self.stack, theirs, self.connections, self.everything
            )

    def _of_others(self, at: model.Cluster) -> Theirs:
        return Theirs(elsewhere.volumes(at, self.others), elsewhere.policies(at, self.others))

    async def _cloudstack(self, declared: CloudStack) -> None:
        exports = Exports.of(self.draft.whole, self.clusters)
        theirs = elsewhere.cloud(declared, self.others)
        await draft_cloudstack.write(self.draft, declared, theirs, exports, self.connections)

    async def _hosts(self) -> None:
        mounts, reached = list[LiveMount](), list[str]()

        async def survey(name: str) -> None:
            live = await hosts.survey(name, self.connections.host(name))
            theirs = elsewhere.mounts(self.stack.hosts[name], self.others)
            mounts.extend(draft_mounts.without(self.draft, live, theirs))
            reached.append(name)

        for name in self.stack.hosts:
            await self._tried(survey(name))
        exports = Exports.of(self.draft.whole, self.clusters)
        await draft_mounts.write(self.draft, mounts, exports, self.stack, self.connections)
        await draft_glance.write(self.draft, reached, self.stack, self.connections)


__all__ = ["SYSTEMS", "Adopted", "Source", "adopt"]
