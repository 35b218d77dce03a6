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
from lab.http.faults import Fault
from strata.errors import Failed
from strata.provider.registry import KINDS
from strata.stackfile import load
from tests.lifecycle.cloudstack.conftest import Bench, bench_over, connect
from tests.order.monitor import Engine, run
from tools.demo.order import ADDS, LISTS, STORE_WRITES, Asked, order_of

COMMAND = "command:remote:Command"


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
    """What a run left: the requests in the order in which the server got them, and what failed."""

    era: str
    asked: list[Asked] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    zones: int = 0

    @property
    def zone_calls(self) -> list[str]:
        """The writes that are about a zone or anything in it."""
        return [one.command for one in self.asked if one.write and one.command not in STORE_WRITES]

    @property
    def writes(self) -> list[str]:
        return [one.command for one in self.asked if one.write]

    @property
    def out_of_order(self) -> str | None:
        """A sentence when a zone call came before the store was added and seen in a list; None when all is well."""
        order = order_of(self.asked, self.era)
        if order.holds:
            return None
        return (
            f"{order.zone} was asked before the Swift store was listed: {[one.command for one in self.asked]}"
        )


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
    options: dict[str, Any] = {"era": era, "template_seeded": lambda url, hypervisor: seeded.is_set()}
    with tempfile.TemporaryDirectory() as folder, running(Path(folder), **options) as cloudstack:
        bench = bench_over(cloudstack)
        declared = load(stack_file)
        assert declared.cloudstack is not None
        logins = {
            name: {"username": "root", "password": "x"} for name in declared.cloudstack.hypervisor_credentials
        }
        bench.connections = connect(cloudstack, bench.time, hypervisorCredentials=logins)
        bench.connections.accounts = dict.fromkeys(declared.swift.accounts, bench.swift)
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


def _asked(cloudstack: RunningCloudStack) -> list[Asked]:
    return [
        Asked(each.seq, each.query.get("command", ""), each.write, each.status == 200)
        for each in cloudstack.journal.entries()
    ]
