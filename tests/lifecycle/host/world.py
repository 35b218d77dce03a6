"""The lifecycle of a kind on the fake host, as the engine would drive it, with its state between the steps."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from strata.clients.host import HostClient
from strata.provider.kind import Kind
from strata.provider.lifecycle import Lifecycle, Resource
from tests.lifecycle.host.fake_host import FakeHost


class Hosts:
    """Connections to the one fake host."""

    def __init__(self, host: FakeHost, user: str = "root") -> None:
        self._client = host.client(user)

    def host(self, name: str) -> HostClient:
        assert name == "tkstack"
        return self._client


@dataclass
class Declared:
    """One declared resource: `up`, `drift`, `destroy`, keeping id and state as the engine does."""

    kind: Kind[Any, Any]
    inputs: dict[str, Any]
    id: str = ""
    state: dict[str, Any] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        async def progress(urn: str, line: str) -> None:
            self.lines.append(line)

        self._lifecycle = Lifecycle(self.kind, progress=progress)
        self._resource = Resource(f"urn:pulumi:lab::strata::{self.kind.token}::images")

    def declare(self, **changes: Any) -> Declared:
        self.inputs = {**self.inputs, **changes}
        return self

    async def up(self) -> None:
        """Create, or refresh and update, whichever it takes."""
        inputs = self._lifecycle.check(self.inputs)
        if self.id and not await self.refresh():
            self.id = ""
        if not self.id:
            self.id, self.state = await self._lifecycle.create(self._resource, inputs, 60)
        elif self._lifecycle.diff(inputs, self.state, []):
            self.state = await self._lifecycle.update(self._resource, self.id, inputs, self.state, 60)

    async def preview(self) -> None:
        await self._lifecycle.preview_create(self._resource, self._lifecycle.check(self.inputs), 60)

    async def refresh(self) -> bool:
        found = await self._lifecycle.read(self.id, self._lifecycle.check(self.inputs), self.state)
        if found is not None:
            _, self.state, _ = found
        return found is not None

    async def drift(self) -> dict[str, tuple[Any, Any]]:
        """path -> (declared, actual) of everything that is otherwise now; empty when the object is as declared."""
        assert await self.refresh(), "it is gone"
        found = self._lifecycle.diff(self._lifecycle.check(self.inputs), self.state, [])
        return {one.path: (one.declared, one.actual) for one in found}

    async def destroy(self) -> None:
        await self._lifecycle.delete(self._resource, self.id, self.state, 60)

    async def imported(self, id: str) -> tuple[str, dict[str, Any]] | None:
        """(id, inputs) that an import finds."""
        found = await self._lifecycle.read(id, {}, {})
        return None if found is None else (found[0], found[2])
