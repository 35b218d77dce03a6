"""What a kind of resource is: five short methods over `Args` and `Outputs`.

A kind says how one sort of object is read, made, changed and removed. Everything else (the engine's verbs, the diff, deadlines,
errors, half-way creates, adoption messages) is lifecycle.py's, once for all kinds.

Obligations, tested over every kind by tests/lifecycle:
* `observe` only reads, and is the only source of what stands in the state.
* `create` repeated after a lost answer neither fails nor makes a second object.
* `delete` of what is gone succeeds.
* as soon as the object exists, `create` says so by `op.exists(id)`: whatever fails later, the id and what is observed are kept.
* an object that is there already and is not ours is not touched: raise `AlreadyThere`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, TypeVar

from strata.deadline import Deadline
from strata.errors import Failed, Problem
from strata.provider.diff import Difference

A = TypeVar("A")
O_ = TypeVar("O_")


@dataclass(frozen=True)
class Observed(Generic[A, O_]):
    """What a read found.

    id       the documented id, whatever form the caller asked with (an import may use a readable one)
    actual   the object as if somebody had declared it: every managed property that can be read; settings at their defaults
    outputs  what only the system knows
    """

    id: str
    actual: A
    outputs: O_


async def _silent(message: str) -> None:
    """Nothing is shown."""


@dataclass
class Operation:
    """One create, update or delete under way.

    urn, name  of the resource in the stack
    owner      the mark to leave on objects that can bear one: `strata:<stack>/<name>`
    deadline   when to give up; from `custom_timeouts`, else the kind's default
    memory     JSON values that must survive until delete (such as a line to put back); kept in the state, changed in place
    progress   shows one line beside the resource while it is worked on
    warn       leaves one line with the run's warnings, in a preview too
    note       leaves one line with the run's messages, in a preview too: what is worth knowing and no reason to worry
    id         set by `exists`; None while nothing has been made
    preview    nothing is going to be done, and what the same run does before this has not been done either
    replacing  id of the object that this one is to take the place of, in a preview: it is still there, and is not in the way
    """

    urn: str
    name: str
    owner: str
    deadline: Deadline
    memory: dict[str, Any] = field(default_factory=dict)
    progress: Callable[[str], Awaitable[None]] = _silent
    warn: Callable[[str], Awaitable[None]] = _silent
    note: Callable[[str], Awaitable[None]] = _silent
    id: str | None = None
    preview: bool = False
    replacing: str | None = None

    def exists(self, id: str) -> None:
        """From here on the object exists under `id`; a later failure keeps it, and the next run goes on from there."""
        self.id = id


class AlreadyThere(Failed):
    """An object of that name exists and is not ours.

    what      the object and where, as the subject of a sentence: `Volume images of SVM demo-nfs-svm on cluster01`
    id        the id that `pulumi import` takes
    """

    def __init__(self, what: str, id: str) -> None:
        super().__init__(f"{what} exists already and was not made by this stack")
        self.what = what
        self.id = id


class Kind(ABC, Generic[A, O_]):
    """Base of every kind. The constructor takes the provider's connections."""

    token: ClassVar[str]
    """`strata:<system>:<Kind>`; stable for ever."""
    Args: ClassVar[type[Any]]
    Outputs: ClassVar[type[Any]]
    default_timeout: ClassVar[float] = 600.0
    """Seconds for a create, update or delete where `custom_timeouts` says nothing."""
    delete_before_replace: ClassVar[bool] = True
    """Names collide, so the old object goes first."""

    def check(self, args: A) -> list[Problem]:
        """What is wrong across properties; pure, no call. Types, enums and canonical forms are checked already.

        In a preview a property may be UNKNOWN.
        """
        return []

    def same(self, path: str, declared: Any, actual: Any) -> bool:
        """Whether two different spellings mean the same (on top of equality). Pure."""
        return False

    def tolerates(self, difference: Difference, declared: dict[str, Any], outputs: dict[str, Any]) -> bool:
        """Whether a difference is what the declaration itself allows (autosize has grown the volume). Pure."""
        return False

    def recalled(self, id: str) -> dict[str, Any]:
        """What an import under that id puts into the memory; most kinds have nothing to remember. Pure."""
        return {}

    async def preflight(self, args: A, op: Operation) -> None:
        """Reads that find out before any write, already at preview, that `create` can't work. Raises Failed or AlreadyThere."""

    async def foresee(self, id: str, args: A, changes: list[Difference], op: Operation) -> None:
        """Reads that find out before any write, already at preview, that `update` can't bring `changes`. Raises Failed."""

    @abstractmethod
    async def observe(self, id: str) -> Observed[A, O_] | None:
        """The object now, or None when it is certainly not there. Never writes; unreachable is an error, not None."""

    @abstractmethod
    async def create(self, args: A, op: Operation) -> str:
        """Make the object as declared and return its id. Called after `preflight`."""

    @abstractmethod
    async def update(self, id: str, args: A, changes: list[Difference], op: Operation) -> None:
        """Bring the differing properties (and no others) to what is declared."""

    @abstractmethod
    async def delete(self, id: str, args: A, op: Operation) -> None:
        """Remove the object; gone already is success. `args` is what was declared last."""
