"""A Pulumi run in this process: the SDK's own waiting for edges, the real kinds behind it, and random delays before each."""

from __future__ import annotations

import asyncio
import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi
from pulumi.runtime.mocks import MockCallArgs, MockMonitor, MockResourceArgs, Mocks, set_mocks

from strata.errors import StrataError
from strata.provider import codec
from strata.provider.lifecycle import Lifecycle, Resource
from strata.provider.outcome import InitFailed, OperationFailed

PROJECT, STACK = "strata", "order"
LONGEST_DELAY = 0.004
"""Seconds before a resource is begun, at most: enough for any two that no edge holds apart to change places."""

Made = tuple[str, dict[str, Any]]
Stub = Callable[[str, Mapping[str, Any]], dict[str, Any]]
"""(name, inputs) -> outputs of a resource that no kind of ours makes; raises StrataError to fail."""


@dataclass
class Engine(Mocks):
    """What the engine does with a registration: check, create, and no dependents after a failure.

    lifecycles  by token; kinds that are not here become what they were asked to be
    stubs       by token, for other providers' resources
    """

    lifecycles: Mapping[str, Lifecycle]
    stubs: Mapping[str, Stub]
    chance: random.Random
    failures: list[str] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def call(self, args: MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]] | None]:
        return {}, None

    def new_resource(self, args: MockResourceArgs) -> Made:
        if not args.custom:
            return "", dict(args.inputs)
        with self._lock:
            delay = self.chance.uniform(0, LONGEST_DELAY)
        time.sleep(delay)  # the subject of the test, not a wait for something
        try:
            made = self._made(args)
        except (StrataError, InitFailed, OperationFailed) as error:
            with self._lock:
                self.failures.append(f"{args.typ} {args.name}: {error}")
            raise
        with self._lock:
            self.done.append(f"{args.typ} {args.name}")
        return made

    def _made(self, args: MockResourceArgs) -> Made:
        lifecycle = self.lifecycles.get(args.typ)
        if lifecycle is None:
            stub = self.stubs.get(args.typ)
            return f"{args.name}-id", {**args.inputs, **(stub(args.name, args.inputs) if stub else {})}
        urn = f"urn:pulumi:{STACK}::{PROJECT}::{args.typ}::{args.name}"
        inputs = lifecycle.check({key: value for key, value in args.inputs.items() if value is not None})
        id, state = asyncio.run(lifecycle.create(Resource(urn), inputs, 0))
        return id, {key: value for key, value in state.items() if value is not codec.UNKNOWN}


def run(program: Callable[[], Any], engine: Engine) -> None:
    """Run a program to its end; what fails is in `engine.failures`. The SDK takes the current event loop, so it gets its own."""
    loop = asyncio.new_event_loop()
    # Registrations that wait for what failed are left behind, which asyncio would tell at length.
    loop.set_exception_handler(lambda loop, context: None)
    asyncio.set_event_loop(loop)
    try:
        set_mocks(engine, project=PROJECT, stack=STACK, preview=False, monitor=MockMonitor(engine))
        pulumi.runtime.test(program)()  # type: ignore[no-untyped-call]
    except Exception as error:
        if not engine.failures:
            raise error
    finally:
        asyncio.set_event_loop(None)
        loop.close()
