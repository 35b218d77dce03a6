"""The engine's verbs over a kind: one implementation for all kinds.

check -> diff -> (preview) -> create | update | delete, and read for refresh and import. All values here are plain (codec.py).
After every create and update the object is observed again, and that, never what was asked for, goes into the state; a
property that is still otherwise is an init error that the next run repairs.
"""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from strata.deadline import Clock, Deadline
from strata.errors import Failed, InvalidInput, Problem, StrataError
from strata.provider import codec, state
from strata.provider.diff import Difference, differences
from strata.provider.fields import Role
from strata.provider.kind import AlreadyThere, Kind, Observed, Operation
from strata.provider.outcome import InitFailed, OperationFailed

LAST_LOOK_SECONDS = 20.0
"""How long a failed operation may take to find out what is there now."""
CANCELLED_LOOK_SECONDS = 4.0
"""The same for a cancelled one: somebody waits for the run to end."""

Progress = Callable[[str, str], Awaitable[None]]
"""(urn, line)"""


@dataclass(frozen=True)
class Resource:
    """Which resource a verb is about: its URN and what follows from it."""

    urn: str

    @property
    def name(self) -> str:
        return self.urn.split("::")[-1]

    @property
    def token(self) -> str:
        """`strata:ontap:Volume`, without the types of the parents."""
        return self.urn.split("::")[-2].split("$")[-1]

    @property
    def owner(self) -> str:
        """The mark of this resource on objects that can bear one."""
        return f"strata:{self.urn.split('::')[0].removeprefix('urn:pulumi:')}/{self.name}"

    def __str__(self) -> str:
        return f"{self.token} {self.name}"


@dataclass(frozen=True)
class Lifecycle:
    """The verbs of one kind."""

    kind: Kind[Any, Any]
    clock: Clock = field(default_factory=Clock)
    progress: Progress | None = None
    warn: Progress | None = None
    note: Progress | None = None

    def check(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """The inputs in canonical form with defaults filled in; raises InvalidInput with every problem."""
        args, problems = codec.decode(self.kind.Args, inputs)
        if args is not None:
            problems = self.kind.check(args)
        if problems:
            raise InvalidInput(problems)
        return codec.encode(args)

    def diff(
        self, declared: Mapping[str, Any], actual: Mapping[str, Any], ignored: list[str]
    ) -> list[Difference]:
        """What an update or replacement would change; `ignored` are the paths of ignoreChanges."""
        found = differences(self.kind.Args, declared, actual, self.kind.same)
        return [
            one
            for one in found
            if not any(one.path == path or one.path.startswith((f"{path}.", f"{path}[")) for path in ignored)
            and not (
                one.declared is not codec.UNKNOWN and self.kind.tolerates(one, dict(declared), dict(actual))
            )
        ]

    async def read(
        self, id: str, recorded: Mapping[str, Any], old: Mapping[str, Any]
    ) -> tuple[str, dict[str, Any], dict[str, Any]] | None:
        """(id, state, inputs) of what is there now, or None when it is gone. Without recorded inputs it is an import."""
        observed = await self.kind.observe(id)
        if observed is None and not recorded and not old:
            # The engine would import an empty object under that id.
            raise Failed(
                f"There is no {self.kind.token} with the id {id}, so nothing is imported. Look the id up and repeat."
            )
        if observed is None:
            return None
        memory = old.get(state.MEMORY, {}) if recorded or old else self.kind.recalled(id)
        properties = state.state_of(self.kind.Args, observed, memory)
        return observed.id, properties, state.inputs_of(self.kind.Args, observed, recorded)

    async def preview_create(
        self, resource: Resource, inputs: Mapping[str, Any], timeout: float, replacing: str | None = None
    ) -> dict[str, Any]:
        """What is known of an object that is not there yet; finds out, by reading only, what would stop `create`.

        replacing: the id of the object that goes before this one is made.
        """
        if codec.contains_unknown(inputs):
            return dict(inputs)
        operation = self._operation(resource, timeout, {})
        operation.preview, operation.replacing = True, replacing

        async def act(args: Any) -> None:
            try:
                await self.kind.preflight(args, operation)
            except AlreadyThere as error:
                if replacing is None or error.id != replacing:
                    raise

        await self._guarded(resource, "Creating", operation, inputs, act)
        return dict(inputs)

    async def preview_update(
        self, resource: Resource, id: str, inputs: Mapping[str, Any], old: Mapping[str, Any], timeout: float
    ) -> dict[str, Any]:
        """The state as it would be: what is declared over what is known; finds out what would stop `update`."""
        changes = self.diff(inputs, old, [])
        if changes and not codec.contains_unknown(inputs):
            operation = self._operation(resource, timeout, dict(old.get(state.MEMORY, {})))
            operation.preview = True
            await self._guarded(
                resource,
                "Updating",
                operation,
                inputs,
                lambda args: self.kind.foresee(id, args, changes, operation),
            )
        return _merge(old, inputs)

    async def create(
        self, resource: Resource, inputs: Mapping[str, Any], timeout: float
    ) -> tuple[str, dict[str, Any]]:
        """(id, state). Raises InitFailed when the object exists but is not as declared, OperationFailed when it was not made."""
        operation = self._operation(resource, timeout, {})

        async def act(args: Any) -> None:
            await self.kind.preflight(args, operation)
            operation.exists(await self.kind.create(args, operation))

        await self._guarded(resource, "Creating", operation, inputs, act)
        assert operation.id is not None
        return operation.id, await self._settled(resource, "created", operation, inputs)

    async def update(
        self, resource: Resource, id: str, inputs: Mapping[str, Any], old: Mapping[str, Any], timeout: float
    ) -> dict[str, Any]:
        """The state after the differing properties, and no others, were changed."""
        operation = self._operation(resource, timeout, dict(old.get(state.MEMORY, {})))

        async def act(args: Any) -> None:
            observed = await self.kind.observe(id)
            if observed is None:
                raise Failed(f"{id} is not there any more. Run `pulumi up --refresh`, which makes it again.")
            operation.exists(observed.id)
            changes = self.diff(inputs, state.state_of(self.kind.Args, observed, operation.memory), [])
            if changes:
                await self.kind.foresee(observed.id, args, changes, operation)
                await self.kind.update(observed.id, args, changes, operation)

        await self._guarded(resource, "Updating", operation, inputs, act)
        return await self._settled(resource, "updated", operation, inputs)

    async def delete(self, resource: Resource, id: str, old: Mapping[str, Any], timeout: float) -> None:
        """Remove the object; gone already is success."""
        operation = self._operation(resource, timeout, dict(old.get(state.MEMORY, {})))
        declared = state.declared_in(self.kind.Args, old)
        await self._guarded(
            resource, "Deleting", operation, declared, lambda args: self.kind.delete(id, args, operation)
        )

    def _operation(self, resource: Resource, timeout: float, memory: dict[str, Any]) -> Operation:
        deadline = Deadline(timeout or self.kind.default_timeout, self.clock)
        operation = Operation(resource.urn, resource.name, resource.owner, deadline, memory)
        if self.progress:
            operation.progress = partial(self.progress, resource.urn)
        if self.warn:
            operation.warn = partial(self.warn, resource.urn)
        if self.note:
            operation.note = partial(self.note, resource.urn)
        return operation

    async def _guarded(
        self,
        resource: Resource,
        doing: str,
        operation: Operation,
        inputs: Mapping[str, Any],
        act: Callable[[Any], Awaitable[None]],
    ) -> None:
        """Run `act`; whatever goes wrong becomes InitFailed (the object exists) or OperationFailed (it does not)."""
        args, problems = codec.decode(self.kind.Args, inputs, normalize=False)
        if args is None:
            raise OperationFailed(f"{doing} {resource} failed: {_sentence(problems)}")
        try:
            async with asyncio.timeout(operation.deadline.seconds + LAST_LOOK_SECONDS):
                await act(args)
        except AlreadyThere as error:
            raise OperationFailed(self._already_there(resource, error)) from error
        except asyncio.CancelledError as error:
            sentence = f"{doing} {resource} was cancelled. Repeat, and it goes on from what is there."
            await self._failed(resource, operation, inputs, sentence, error, CANCELLED_LOOK_SECONDS)
        except TimeoutError as error:
            sentence = f"{doing} {resource} was not over after {operation.deadline.seconds:g} s."
            await self._failed(resource, operation, inputs, sentence, error)
        except StrataError as error:
            await self._failed(resource, operation, inputs, f"{doing} {resource} failed: {error}", error)

    async def _failed(
        self,
        resource: Resource,
        operation: Operation,
        inputs: Mapping[str, Any],
        sentence: str,
        cause: BaseException,
        look_seconds: float = LAST_LOOK_SECONDS,
    ) -> None:
        if operation.id is None:
            raise OperationFailed(sentence) from cause
        try:
            async with asyncio.timeout(look_seconds):
                observed = await self.kind.observe(operation.id)
        except (StrataError, TimeoutError):
            observed = None
        raise InitFailed(operation.id, self._known(observed, operation, inputs), [sentence]) from cause

    def _known(
        self, observed: Observed[Any, Any] | None, operation: Operation, inputs: Mapping[str, Any]
    ) -> dict[str, Any]:
        """The state that a half-way object gets: what was observed, and where even that failed only what surely holds."""
        if observed is not None:
            return state.state_of(self.kind.Args, observed, operation.memory)
        kept = state.names(self.kind.Args, Role.REPLACES)
        remembered = {state.MEMORY: dict(operation.memory)} if operation.memory else {}
        return {key: value for key, value in inputs.items() if key in kept} | remembered

    async def _settled(
        self, resource: Resource, done: str, operation: Operation, inputs: Mapping[str, Any]
    ) -> dict[str, Any]:
        """The observed state; raises InitFailed where it is not what was declared."""
        assert operation.id is not None
        try:
            observed = await self.kind.observe(operation.id)
        except StrataError as error:
            reason = f"{resource} was {done}, but could not be read afterwards: {error}"
            raise InitFailed(operation.id, self._known(None, operation, inputs), [reason]) from error
        if observed is None:
            reason = f"{resource} was {done}, but is not there when it is looked for. Somebody else may have removed it; repeat."
            raise InitFailed(operation.id, self._known(None, operation, inputs), [reason])
        properties = state.state_of(self.kind.Args, observed, operation.memory)
        left = self.diff(inputs, properties, [])
        if left:
            reasons = [
                f"{resource} was {done}, but {one.path} is {one.actual!r} and not {one.declared!r}."
                for one in left
            ]
            raise InitFailed(observed.id, properties, reasons)
        return properties

    def _already_there(self, resource: Resource, error: AlreadyThere) -> str:
        line = shlex.join(["pulumi", "import", self.kind.token, resource.name, error.id])
        return (
            f"Creating {resource} stopped before any change: {error}. Take it over as it is with\n"
            f"    {line}\n"
            f"or let Strata change it to what is declared: `adopt: true` in the stack file. Or choose another name."
        )


def _merge(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(old)
    for key, value in new.items():
        before = merged.get(key)
        merged[key] = (
            _merge(before, value) if isinstance(before, Mapping) and isinstance(value, Mapping) else value
        )
    return merged


def _sentence(problems: list[Problem]) -> str:
    return "; ".join(f"{problem.path}: {problem.reason}" for problem in problems)
