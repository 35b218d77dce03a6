"""What the emulator is started with, what may be changed while it runs, and what its secondary storage VM hands out."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from lab.http.clock import Clock, RealClock

Era = Literal["modern", "legacy"]


@dataclass(frozen=True)
class TemplateOnStaging:
    """A template that the secondary storage VM is to bring in. `number` is the database's, as in T-<number>."""

    number: int
    uuid: str
    name: str
    unique_name: str
    file_format: str


@dataclass(frozen=True)
class SwiftAccess:
    """One region-wide Swift store as the secondary storage VM gets it; `details` hold account, username and key."""

    uuid: str
    name: str
    url: str
    details: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True)
class SsvmWork:
    """What the secondary storage VM of one zone does once it runs: templates to staging, from there into Swift."""

    zone: str
    zone_name: str
    staging_urls: tuple[str, ...]
    swifts: tuple[SwiftAccess, ...]
    templates: tuple[TemplateOnStaging, ...]
    era: Era = "modern"


OnSsvm = Callable[[SsvmWork], None]
TemplateSeeded = Callable[[str, str], bool]


@dataclass(frozen=True)
class Config:
    """One emulated management server.

    `on_ssvm` is called when a zone's secondary storage VM runs and when a store is added to a zone that has one, outside
    every lock, until it returns without an exception; without it the templates are simply there. `template_seeded` is asked
    with the url of a staging store (of secondary storage in the legacy era) and a hypervisor whether that hypervisor's
    system VM template was put there by hand; without it a legacy server takes it for put there.
    `wall` is the time by which signed requests expire: clients sign by the machine's clock, not by a test's.
    """

    data_dir: Path
    api_key: str
    secret_key: str
    password: str
    username: str = "admin"
    era: Era = "modern"
    latency: float = 0.0
    job_seconds: float = 0.0
    clock: Clock = field(default_factory=RealClock)
    wall: Callable[[], float] = time.time
    on_ssvm: OnSsvm | None = None
    template_seeded: TemplateSeeded | None = None

    @property
    def state_file(self) -> Path:
        """Where the records are kept."""
        return self.data_dir / "cloudstack.json"

    @property
    def journal_file(self) -> Path:
        """Where each request is written down."""
        return self.data_dir / "cloudstack-journal.jsonl"


@dataclass
class Settings:
    """What a running emulator can be told to do differently; times are seconds on its clock.

    `system_vms`: "observed" follows the rules of templates and stores; "never" keeps them away; "always" needs no
    template. `races`: so many adds of a name that is taken pass all the same, as when two come at once
    (the real server does not serialise them). `simulator`: the server was built with the simulator hypervisor, whose
    NFS provider knows no scopes and whose builtin template is everywhere at once. `dead_hosts` are the host:port of
    KVM hosts that do not answer.
    """

    latency: float
    job_seconds: float
    restart_seconds: float = 5.0
    system_vms: str = "observed"
    system_vm_after: float = 30.0
    system_vm_boot: float = 20.0
    ssvm_agent: float = 3.0
    ssvm_retry: float = 30.0
    host_maintenance: float = 3.0
    host_stats_after: float = 60.0
    races: int = 0
    simulator: bool = False
    dead_hosts: tuple[str, ...] = ("127.0.0.1:1",)
