"""One whole run of the program against an emulated CloudStack, with chance in the delays and in what goes wrong."""

from __future__ import annotations

import random
import tempfile
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lab.cloudstack.testing import RunningCloudStack, running
from lab.ontap.faults import Fault
from strata.errors import Failed
from strata.provider.registry import KINDS
from strata.stackfile import load
from tests.lifecycle.cloudstack.conftest import Bench, bench_over
from tests.order.monitor import Engine, run

COMMAND = "command:remote:Command"
STORE_COMMANDS = {"addImageStore", "addSwift", "updateConfiguration"}
"""Writes that may come before the store is listed: what makes it, and the setting of the older era."""
LISTS = {"modern": "listImageStores", "legacy": "listSwifts"}
ADDS = {"modern": "addImageStore", "legacy": "addSwift"}


@dataclass(frozen=True)
class Weather:
    """What happens on the way: faults of the management server, and trouble of Swift's own."""

    faults: tuple[Fault, ...] = ()
    swift: str | None = None

    @property
    def swift_fails(self) -> bool:
        """Whether the store can't come about at all."""
        return self.swift is not None or any(one.times == 0 for one in self.faults)


@dataclass
class Run:
    """What a run left: the commands in the order in which the server got them, and what failed."""

    era: str
    commands: list[tuple[str, bool]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    zones: int = 0

    @property
    def zone_calls(self) -> list[str]:
        """The writes that are about a zone or anything in it."""
        return [name for name, write in self.commands if write and name not in STORE_COMMANDS]

    @property
    def out_of_order(self) -> str | None:
        """A sentence when a zone call came before the store was added and seen in a list; None when all is well."""
        listed, added = False, False
        for name, write in self.commands:
            added = added or name == ADDS[self.era]
            listed = listed or (added and name == LISTS[self.era])
            if write and name not in STORE_COMMANDS and not listed:
                return (
                    f"{name} was asked before the Swift store was listed: {[one for one, _ in self.commands]}"
                )
        return None


def weather(chance: random.Random, era: str) -> Weather:
    """Fair, a fault that a run has to live with, or a store that can't be."""
    add = ADDS[era]
    passing = (
        Fault("status", path=f"/{LISTS[era]}$", status=503, times=2),
        Fault("lost_answer", path=f"/{add}$"),
        Fault("lost_answer", path="/createZone$"),
        Fault("reset", path="/listZones$", times=2),
        Fault("delay", seconds=chance.uniform(1, 30), times=0),
    )
    lasting = Fault("status", path=f"/{add}$", status=530, times=0, message="Injected: no store.")
    return chance.choice(
        [
            Weather(),
            *(Weather((one,)) for one in passing[:-1]),
            Weather((lasting,)),
            Weather(swift="Swift at http://swift01:8080/auth/v1.0 does not answer."),
            Weather(swift="Swift refused the user test:tester: the key is wrong (401)."),
        ]
    )


def once(
    stack_file: Path,
    era: str,
    seed: int,
    given: Weather | None = None,
    foundation: Callable[[Any], Any] | None = None,
) -> tuple[Run, Weather]:
    """One run in fresh air. `foundation` replaces the composition, for a copy with something left out."""
    chance = random.Random(seed)
    sky = given if given is not None else weather(chance, era)
    seeded = threading.Event()
    options: dict[str, Any] = {"era": era, "template_seeded": lambda url: seeded.is_set()}
    with tempfile.TemporaryDirectory() as folder, running(Path(folder), **options) as cloudstack:
        bench = bench_over(cloudstack)
        bench.connections.accounts = dict.fromkeys(load(stack_file).swift.accounts, bench.swift)
        bench.swift.trouble = sky.swift
        for fault in sky.faults:
            cloudstack.faults.add(fault)
        engine = Engine(_lifecycles(bench), {COMMAND: _commands(cloudstack, seeded)}, chance)
        run(lambda: _program(stack_file, foundation), engine)
        cloudstack.calm()
        zones = len(cloudstack.ask("listZones").get("zone", []))
        return Run(era, _asked(cloudstack), engine.failures, zones), sky


def _lifecycles(bench: Bench) -> dict[str, Any]:
    """The real kinds of CloudStack; the rest of the foundation is taken as made."""
    return {
        kind.token: bench.lifecycle(kind) for kind in KINDS if kind.token.startswith("strata:cloudstack:")
    }


def _commands(
    cloudstack: RunningCloudStack, seeded: threading.Event
) -> Callable[[str, Mapping[str, Any]], dict[str, Any]]:
    """What pulumi-command does on the management host: the restart, and the installer script."""

    def ran(name: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
        command = str(inputs.get("create", ""))
        if "cloud-install-sys-tmplt" in command:
            seeded.set()
        elif "restart" in command:
            cloudstack.restart(2)
        else:
            raise Failed(f"nobody expected the command {command!r}")
        return {"stdout": "", "stderr": ""}

    return ran


def _program(stack_file: Path, foundation: Callable[[Any], Any] | None) -> Any:
    from components.foundation import Foundation

    return (foundation or Foundation)(load(stack_file))


def _asked(cloudstack: RunningCloudStack) -> list[tuple[str, bool]]:
    return [(each.query.get("command", ""), each.write) for each in cloudstack.journal.entries()]
