"""The program run over a stack file without an engine: every request to register a custom resource, as the engine gets it."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pulumi
import yaml
from google.protobuf.json_format import MessageToDict
from pulumi.runtime.mocks import MockMonitor, MockResourceArgs, Mocks, set_mocks

from strata.provider.registry import KINDS
from strata.stackfile import load

ROOT = Path(__file__).resolve().parents[3]
KNOWN = {kind.token for kind in KINDS} | {"command:remote:Command"}
DECRYPTED = "canary-5up3r"
"""What each encrypted secret says in plain; nothing but a secret may hold it."""


class Echo(Mocks):
    """Every resource becomes what it was asked to be."""

    def new_resource(self, args: MockResourceArgs) -> tuple[str, dict[str, Any]]:
        return f"{args.name}-id", dict(args.inputs)

    def call(self, args: Any) -> dict[str, Any]:
        return {}


@dataclass
class Registered:
    """The custom resources by `kind name`, each as the engine gets it."""

    requests: dict[str, Any] = field(default_factory=dict)

    def names(self, kind: str) -> list[str]:
        return sorted(key.split()[1] for key in self.requests if key.startswith(f"{kind} "))

    def after(self, key: str) -> set[str]:
        """What has to be there before it, as `kind name`."""
        return {key_of(urn) for urn in self.requests[key].dependencies}

    def inputs(self, key: str) -> dict[str, Any]:
        found: dict[str, Any] = MessageToDict(self.requests[key].object)
        return found


def key_of(urn: str) -> str:
    *_, types, name = urn.split("::")
    return f"{types.split('$')[-1].removeprefix('strata:')} {name}"


def _plain(value: Any) -> Any:
    """A section of the stack file as the engine hands it to the program: decrypted."""
    if isinstance(value, dict):
        return DECRYPTED if set(value) == {"secure"} else {key: _plain(one) for key, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list) else value


@contextmanager
def _in_project(stack_file: Path, folder: Path) -> Iterator[None]:
    """In a folder that holds each file which the stack file names, and with each variable."""
    before, environ = Path.cwd(), dict(os.environ)
    sections = yaml.safe_load(stack_file.read_text()).get("config", {})
    _write_outside(sections, folder)
    pulumi.runtime.set_all_config({key: json.dumps(_plain(value)) for key, value in sections.items()})
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
        os.environ.clear()
        os.environ.update(environ)


def _write_outside(value: Any, folder: Path) -> None:
    for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else []:
        if isinstance(one, dict) and set(one) == {"file"}:
            file = folder / one["file"]
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("22" if file.name == "port" else DECRYPTED if "key" in str(file) else file.name)
        elif isinstance(one, dict) and set(one) == {"env"}:
            os.environ[one["env"]] = f"value of {one['env']}"
        else:
            _write_outside(one, folder)


class Recorder(MockMonitor):
    """Keeps the requests, dependencies included, which mocks do not show."""

    def __init__(self, registered: Registered) -> None:
        super().__init__(Echo())
        self._registered = registered

    def RegisterResource(self, request: Any) -> Any:
        if request.custom and request.type in KNOWN:
            self._registered.requests[f"{request.type.removeprefix('strata:')} {request.name}"] = request
        return super().RegisterResource(request)


def registered(stack_file: Path, folder: Path) -> Registered:
    """Run the program's composition over a stack file, on an event loop of its own: the SDK's mocks take the current one.

    folder: an empty one that stands for the project's.
    """
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        with _in_project(stack_file, folder):
            return _registered(stack_file)
    finally:
        asyncio.set_event_loop(None)
        loop.close()


def _registered(stack_file: Path) -> Registered:
    found = Registered()
    set_mocks(Echo(), project="strata", stack="test", preview=False, monitor=Recorder(found))

    @pulumi.runtime.test
    def run() -> Any:
        from components.foundation import Foundation

        return pulumi.Output.from_input(Foundation(load(stack_file)).outputs())

    run()
    return found
