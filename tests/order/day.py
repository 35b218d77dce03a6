"""A site of every system that needs no guest, brought up by the real program, and simulated hours in which others work on it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import yaml
from swiftclient import Connection  # type: ignore[import-untyped]

from components.foundation import Foundation
from lab.cloudstack import testing as cloudstack
from lab.ontap import testing as ontap
from lab.swift import testing as swift
from strata.provider.connections import Connections
from strata.provider.lifecycle import Lifecycle, Resource
from strata.provider.registry import KINDS
from strata.stackfile import load
from tests.acceptance.engine.outside_changes import OUTSIDE, Outside
from tests.acceptance.engine.site import Site
from tests.acceptance.engine.whole_site import STACK, WholeSite
from tests.acceptance.project import Project
from tests.lifecycle.hurrying import Hurrying
from tests.order import monitor

AGGREGATE = "ontap:Volume/images aggregate"


@dataclass
class Managed:
    """One resource as the engine keeps it; `state` is what the last look or run has left."""

    lifecycle: Lifecycle
    resource: Resource
    id: str
    inputs: dict[str, Any]
    state: dict[str, Any]

    @property
    def label(self) -> str:
        """`ontap:Volume/images`."""
        return f"{self.resource.token.removeprefix('strata:')}/{self.resource.name}"

    async def look(self) -> set[str]:
        """What is otherwise, a line per property, as `strata drift` names it."""
        found = await self.lifecycle.read(self.id, self.inputs, self.state)
        if found is None:
            return {f"{self.label} gone"}
        _, self.state, _ = found
        return {f"{self.label} {one.path}" for one in self.lifecycle.diff(self.inputs, self.state, [])}

    async def repair(self) -> None:
        """What `pulumi up --refresh` does about it."""
        self.state = await self.lifecycle.update(self.resource, self.id, self.inputs, self.state, 0)


@dataclass
class Remembering(monitor.Engine):
    """Keeps each resource that it made."""

    resources: list[Managed] = field(default_factory=list)

    def _made(self, args: Any) -> monitor.Made:
        args.inputs = _whole(args.inputs)
        id, state = super()._made(args)
        lifecycle = self.lifecycles.get(args.typ)
        if lifecycle is not None:
            urn = f"urn:pulumi:{monitor.STACK}::{monitor.PROJECT}::{args.typ}::{args.name}"
            inputs = lifecycle.check({key: value for key, value in args.inputs.items() if value is not None})
            self.resources.append(Managed(lifecycle, Resource(urn), id, inputs, dict(state)))
        return id, state


def _whole(value: Any) -> Any:
    """Whole numbers, which the protocol carries as floating point, as the provider reads them."""
    if isinstance(value, Mapping):
        return {key: _whole(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_whole(one) for one in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


@dataclass
class Day:
    """The site, what is managed on it, and what others have changed and nobody has put back: `moved`."""

    whole: WholeSite
    resources: Mapping[str, Managed]
    moved: dict[str, Outside] = field(default_factory=dict)

    def pass_time(self, seconds: float) -> None:
        """On both emulators; Swift is real, and nothing of it depends on the hour."""
        self.whole.site.ontap.advance(seconds)
        self.whole.cloudstack.advance(seconds)

    def possible(self) -> list[Outside]:
        """What others can change now: what is renamed can't be found for another change."""
        renamed = {one.partition(" ")[0] for one in self.moved if one.endswith(" name")}
        return [
            one
            for one in OUTSIDE
            if one.finding not in self.moved and one.finding.partition(" ")[0] not in renamed
        ]

    def change(self, one: Outside) -> None:
        one.change(self.whole)
        self.moved[one.finding] = one

    async def look(self) -> set[str]:
        """At everything, as a refresh does."""
        found = await asyncio.gather(*(one.look() for one in self.resources.values()))
        return set[str]().union(*found)

    async def repair(self, label: str) -> None:
        """Everything about one resource; the volume is first moved back by hand, for Strata moves no data between aggregates."""
        if AGGREGATE in self.moved and label == AGGREGATE.partition(" ")[0]:
            self.move_back()
        await self.resources[label].repair()
        self.moved = {key: one for key, one in self.moved.items() if key.partition(" ")[0] != label}

    def move_back(self) -> None:
        """As another administrator would, with `volume move`; the emulator has none, so its record is changed."""
        ontap = self.whole.site.ontap
        (home,) = ontap.request("GET", "/api/storage/aggregates", params={"name": "aggr1"}).json()["records"]
        name = self.whole.site.volume()["name"]
        stored = ontap.emulator.system.store.find("volumes", "name", name)
        assert stored is not None
        stored["aggregates"] = [{"name": home["name"], "uuid": home["uuid"]}]

    def noise(self, chance: random.Random, number: int) -> None:
        """What moves by itself, and what the stack file leaves out: it must never show."""
        account = self.whole.swift
        swift = Connection(authurl=account.auth_url, user=account.user2, key=account.key2)
        swift.put_object("backups", f"object{number}", b"x" * chance.randrange(1, 5000))
        swift.post_container("backups", {"X-Container-Meta-Other": f"team {number}"})
        if number:
            swift.delete_object("backups", f"object{number - 1}")
        volume = self.whole.site.volume()["name"]
        (self.whole.site.ontap.directory(volume) / "image").write_bytes(b"x" * chance.randrange(1, 500_000))
        self.whole.row("hosts").update(resourcestate=chance.choice(["Enabled", "Disabled"]))
        self.whole.row("zones", "zone2").update(domain=f"of-others-{number}.example.org")


@contextmanager
def running(folder: Path) -> Iterator[Day]:
    """The site as one run of the program has made it, on clocks that stand still unless they are moved."""
    time = Hurrying()
    with (
        ontap.running(folder / "ontap") as cluster,
        cloudstack.running(folder / "cloudstack") as server,
        swift.running(folder / "swift") as account,
    ):
        # No engine: of an operator's project only the folder is needed.
        project = folder / "project"
        project.mkdir()
        site = Site(cluster, cast(Project, _Folder(project)))
        site.point()
        whole = WholeSite(site, server, account)
        file = _stack_file(whole, project)
        config = yaml.safe_load(file.read_text())["config"]
        connections = Connections(
            config["strata:ontap"]["clusters"],
            {},
            project,
            {},
            time.clock,
            swift=config["strata:swift"]["accounts"],
            cloudstack=config["strata:cloudstack"],
        )
        day = Day(whole, {})
        time.on_sleep = day.pass_time
        lifecycles = {one.token: Lifecycle(one(connections), time.clock) for one in KINDS}  # type: ignore[call-arg]
        engine = Remembering(lifecycles, {}, random.Random(0))
        monitor.run(lambda: Foundation(load(file)), engine)
        assert not engine.failures, engine.failures
        day.resources = {one.label: one for one in engine.resources}
        yield day


@dataclass(frozen=True)
class _Folder:
    folder: Path


def _stack_file(whole: WholeSite, project: Path) -> Path:
    """The stack file of the whole site, and beside it what it refers to."""
    account, server = whole.swift, whole.cloudstack
    known = {
        "endpoint": server.endpoint,
        "auth_url": account.auth_url,
        "other": account.user2,
        "reseller": account.reseller,
    }
    for name, value in (
        ("api", server.api_key),
        ("secret", server.secret_key),
        ("other", account.key2),
        ("reseller", account.reseller_key),
        ("temp_url_key", "canary-of-the-temporary-urls"),
    ):
        (project / name).write_text(f"{value}\n")
    file = project / "Pulumi.lab.yaml"
    file.write_text(STACK.format(**known))
    return file
