"""The program over an adopted stack file, without an engine: what a preview after the import would find to do."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pulumi.runtime.mocks import MockMonitor, MockResourceArgs, set_mocks

from strata.errors import InvalidInput
from strata.provider import codec
from strata.provider.connections import Connections
from strata.provider.lifecycle import Lifecycle
from strata.provider.registry import KINDS
from strata.stackfile import load
from tests.order.monitor import PROJECT, STACK, Engine

Place = tuple[str, str]
"""The qualified type, as in a URN, and the name."""


@dataclass
class Imported:
    """The resources of an import file as their kinds read them, and what the program asks of each."""

    connections: Connections
    found: dict[Place, tuple[str, dict[str, Any]]] = field(default_factory=dict)
    asked: set[Place] = field(default_factory=set)
    changes: list[str] = field(default_factory=list)

    async def read(self, document: Mapping[str, Any]) -> None:
        """As `pulumi import` does: by id alone."""
        types: dict[str, str] = {}
        for one in document["resources"]:
            above = f"{types[one['parent']]}$" if "parent" in one else ""
            qualified = f"{above}{one['type']}"
            if one.get("component"):
                types[one["name"]] = qualified
                continue
            read = await self.lifecycle(one["type"]).read(one["id"], {}, {})
            assert read is not None, one
            assert (qualified, one["name"]) not in self.found, f"two of one URN: {one}"
            self.found[qualified, one["name"]] = (read[0], read[1])

    def lifecycle(self, token: str) -> Lifecycle:
        (kind,) = [kind for kind in KINDS if kind.token == token]
        made: Any = kind
        return Lifecycle(made(self.connections))

    def preview(self, stack_file: Path) -> list[str]:
        """What the next preview would say: creations, changes, and what is in the state and not in the program."""
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        try:
            engine = Echo({}, {}, random.Random(0))
            set_mocks(engine, project=PROJECT, stack=STACK, preview=False, monitor=Monitor(engine, self))
            self._run(stack_file)
        finally:
            asyncio.set_event_loop(None)
            loop.close()
        left = [f"delete {name} ({type})" for type, name in sorted(self.found.keys() - self.asked)]
        return [*self.changes, *left]

    def _run(self, stack_file: Path) -> None:
        import pulumi

        from components.foundation import Foundation

        def program() -> Any:
            return pulumi.Output.from_input(Foundation(load(stack_file)).outputs())

        pulumi.runtime.test(program)()  # type: ignore[no-untyped-call]

    def compare(self, place: Place, token: str, inputs: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        """(id, state) of a resource of the program, its differences noted."""
        self.asked.add(place)
        type, name = place
        if place not in self.found:
            self.changes.append(f"create {name} ({type})")
            return f"{name}-id", dict(inputs)
        id, state = self.found[place]
        lifecycle = self.lifecycle(token)
        try:
            # Every number is a float on the wire.
            checked = lifecycle.check(codec.to_plain_map(codec.from_plain_map(inputs)))
        except InvalidInput as error:
            self.changes.append(f"refuse {name} ({type}): {error}")
            return id, state
        for one in lifecycle.diff(checked, state, []):
            self.changes.append(f"change {one.path} of {name} ({type}): {one.actual!r} to {one.declared!r}")
        return id, state


class Echo(Engine):
    """Components become what they are asked to be; the rest is the monitor's."""

    def new_resource(self, args: MockResourceArgs) -> tuple[str, dict[str, Any]]:
        monitor: Monitor = self.monitor
        return monitor.made(args)

    monitor: Any = None


class Monitor(MockMonitor):
    """Knows of each resource which components it is in."""

    def __init__(self, engine: Echo, imported: Imported) -> None:
        super().__init__(engine)
        engine.monitor = self
        self._imported = imported
        self._types: dict[tuple[str, str], str] = {}

    def RegisterResource(self, request: Any) -> Any:
        above = request.parent.split("::")[-2].removeprefix("pulumi:pulumi:Stack") if request.parent else ""
        inside = f"{above.removeprefix('$')}$" if above else ""
        self._types[request.type, request.name] = f"{inside}{request.type}"
        return super().RegisterResource(request)  # type: ignore[no-untyped-call]

    def made(self, args: MockResourceArgs) -> tuple[str, dict[str, Any]]:
        """Of a custom resource, what was imported."""
        if not args.custom:
            return "", dict(args.inputs)
        return self._imported.compare((self._types[args.typ, args.name], args.name), args.typ, args.inputs)
