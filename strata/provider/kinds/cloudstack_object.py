"""What every object of CloudStack's API has in common: found by id, told apart by equality, never made twice.

CloudStack has nowhere to put a mark of ownership, names are not unique, and an add may fail and leave its row all the same
(facts/cloudstack-real.md 1). So an object of that name counts as ours only when everything that is declared is equal; after
an add without a good answer the list is read again before anything else is said.
"""

from __future__ import annotations

import re
from abc import abstractmethod
from typing import Any, ClassVar, TypeVar

from strata.clients.cloudstack import CloudStackClient, Document
from strata.clients.cloudstack_errors import LostAnswer, Refused
from strata.errors import Failed
from strata.provider import codec
from strata.provider.connections import Connections
from strata.provider.diff import Difference, differences
from strata.provider.kind import AlreadyThere, Kind, Observed, Operation

A = TypeVar("A")
O_ = TypeVar("O_")

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


class CloudStackKind(Kind[A, O_]):
    """What a kind needs to speak to CloudStack."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    @property
    def api(self) -> CloudStackClient:
        """The client of the one CloudStack that the stack file names."""
        return self._connections.cloudstack()


class CloudStackObject(CloudStackKind[A, O_]):
    """Base of the kinds of CloudStack. The id is CloudStack's own; an import may give a name that is unique."""

    noun: ClassVar[str]
    """What operators call it: `pod`."""
    command: ClassVar[str]
    """What lists it: `listPods`; it takes `id`."""

    @abstractmethod
    async def observed(self, row: Document) -> Observed[A, O_]:
        """The object as if somebody had declared it; may read more than the list's row."""

    @abstractmethod
    async def alike(self, args: A) -> list[Document]:
        """The rows that stand where the declared object would: the same name in the same parent."""

    @abstractmethod
    async def add(self, args: A, op: Operation) -> str:
        """Ask CloudStack for the object; its id. Called once, when nothing alike is there."""

    async def every(self) -> list[Document]:
        """All rows, for finding one by its name."""
        return await self.api.rows(self.command)

    async def observe(self, id: str) -> Observed[A, O_] | None:
        """By id; by name where only one has it."""
        row = await self.found(id)
        return None if row is None else await self.observed(row)

    async def found(self, id: str) -> Document | None:
        """The row of an id, or of a name that only one object has; raises Failed where several have it."""
        if _UUID.fullmatch(id):
            return await self.api.row(self.command, id=id)
        named = [row for row in await self.every() if row.get("name") == id]
        if len(named) > 1:
            raise Failed(
                f"{len(named)} {self.noun}s of CloudStack are named {id}, with the ids {_ids(named)}. "
                "Names are not unique there: give the id."
            )
        return named[0] if named else None

    async def preflight(self, args: A, op: Operation) -> None:
        """Nothing of that name, or just what is declared (made by a run whose answer was lost), or adopt."""
        there = await self._in_the_way(args, op)
        if len(there) > 1:
            raise Failed(
                f"{len(there)} {self.noun}s stand where {self.called(args)} would, with the ids {_ids(there)}. "
                "Names are not unique in CloudStack: import the right one by its id, or remove the others."
            )
        for row in there:
            if not getattr(args, "adopt", False) and await self._differing(args, row):
                raise AlreadyThere(f"The {self.noun} {self.called(args)} of CloudStack", str(row["id"]))

    async def _in_the_way(self, args: A, op: Operation) -> list[Document]:
        """What is alike, without the object that a replacement removes before."""
        return [row for row in await self.alike(args) if str(row["id"]) != op.replacing]

    async def create(self, args: A, op: Operation) -> str:
        """What is there is kept and brought to what is declared; else it is added, and looked for where the answer was bad."""
        for row in await self.alike(args):
            return await self._kept(args, row, op)
        try:
            return await self.add(args, op)
        except (Refused, LostAnswer) as error:
            there = await self.alike(args)
            if len(there) != 1 or not self.left_behind(args, there[0]):
                raise
            if isinstance(error, Refused):
                await self.warn_of_refusal(args, str(there[0]["id"]), error, op)
            return await self._kept(args, there[0], op)

    def left_behind(self, args: A, row: Document) -> bool:
        """Whether what is there after an add without a good answer is that add's; just before there was nothing alike."""
        return True

    async def warn_of_refusal(self, args: A, id: str, error: Refused, op: Operation) -> None:
        """An add that failed has left its object."""
        await op.warn(
            f"The {self.noun} {self.called(args)} ({id}) is there although CloudStack said: {error}"
        )

    def called(self, args: A) -> str:
        """The object in a sentence; its name."""
        return str(getattr(args, "name", ""))

    async def _kept(self, args: A, row: Document, op: Operation) -> str:
        id = str(row["id"])
        op.exists(id)
        if changes := await self._differing(args, row):
            await self.foresee(id, args, changes, op)
            await self.update(id, args, changes, op)
        return id

    async def _differing(self, args: A, row: Document) -> list[Difference]:
        declared, actual = codec.encode(args), codec.encode((await self.observed(row)).actual)
        found = differences(self.Args, declared, actual, self.same)
        return [one for one in found if not self.tolerates(one, declared, actual)]


def _ids(rows: list[Document]) -> str:
    return ", ".join(str(row.get("id")) for row in rows)


def text(row: Document, key: str) -> str | None:
    """A value of an answer as text; None where it is absent."""
    value: Any = row.get(key)
    return None if value is None else str(value)
