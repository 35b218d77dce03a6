"""The whole way: from a stack file with its connections to the same file with what is there, and the import file."""

from __future__ import annotations

from collections.abc import Awaitable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from strata import stackfile
from strata.adoption import draft_ontap, imports, ontap
from strata.adoption.draft import Draft, Finding
from strata.adoption.grafting import graft
from strata.adoption.pruning import prune
from strata.errors import StrataError
from strata.provider.connections import Connections
from strata.stackfile import StackFile, document

SYSTEMS: Final = ("ontap", "hosts", "swift", "cloudstack")


@dataclass(frozen=True)
class Adopted:
    """What came of a look.

    text      the stack file with the entries that it lacked
    entries   those entries alone, from `config` on
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
    """A stack file that is good as it is: what it is called, its text, and what that says."""

    name: str
    text: str
    stack: StackFile

    @classmethod
    def of(cls, file: Path) -> Source:
        """Raises StackFileError where the file has faults."""
        return cls(file.name, file.read_text(encoding="utf-8-sig"), stackfile.load(file))


async def adopt(
    source: Source, connections: Connections, only: Collection[str] = SYSTEMS, everything: bool = False
) -> Adopted:
    """Look at the systems of a stack file; only reads, and writes no file.

    only        the systems to look at
    everything  also what belongs to the systems themselves
    """
    stack, text = source.stack, source.text
    config = (document.read(text).data or {}).get("config") or {}
    draft, troubles = Draft(config), list[str]()

    async def tried(look: Awaitable[None]) -> None:
        try:
            await look
        except StrataError as error:
            troubles.append(str(error))

    if "ontap" in only:
        for name in stack.ontap.clusters:
            await tried(_ontap(draft, name, stack, connections, everything))
    prune(draft, source.name)
    added = {"config": draft.added} if draft.added else {}
    return Adopted(
        graft(text, added),
        added,
        imports.document(draft.kept),
        tuple(draft.findings),
        tuple(draft.skipped),
        tuple(troubles),
    )


async def _ontap(
    draft: Draft, name: str, stack: StackFile, connections: Connections, everything: bool
) -> None:
    cluster = await ontap.survey(name, connections.ontap(name))
    await draft_ontap.write(draft, cluster, stack, connections, everything)


__all__ = ["SYSTEMS", "Adopted", "Source", "adopt"]
