"""What the emulator is started with, and what may be changed while it runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lab.http.clock import Clock, RealClock
from lab.ontap.exports import Export

OnChange = Callable[[Sequence[Export]], None]


@dataclass(frozen=True)
class Config:
    """One emulated cluster. `version` and the fields from `latency` on can be changed through `/_lab/settings`.

    `platform` is fas, aff or fsx: `efficiency.state` can be set on fsx only (facts: ontap 0.1).
    """

    data_dir: Path
    password: str
    username: str = "admin"
    cluster: str = "cluster01"
    svm: str = "demo-nfs-svm"
    lif_address: str = "10.130.208.55"
    aggregate_size: int = 2**40
    platform: str = "fas"
    version: str = "9.14.1"
    latency: float = 0.0
    job_seconds: float = 0.0
    clock: Clock = field(default_factory=RealClock)
    on_change: OnChange | None = None
    exports_file: Path | None = None

    @property
    def state_file(self) -> Path:
        """Where the records are kept."""
        return self.data_dir / "ontap.json"

    @property
    def journal_file(self) -> Path:
        """Where each request is written down."""
        return self.data_dir / "ontap-journal.jsonl"

    @property
    def volumes_dir(self) -> Path:
        """Below it each volume has a directory named by its uuid."""
        return self.data_dir / "volumes"


@dataclass
class Settings:
    """What a running emulator can be told to do differently.

    `errors_in_jobs` names codes whose errors come in the job instead of the answer to the request:
    the documentation does not say which way a real system delivers each one (facts: ontap 2).
    """

    version: str
    platform: str
    latency: float
    job_seconds: float
    errors_in_jobs: tuple[str, ...] = ()

    @property
    def release(self) -> tuple[int, int]:
        """(9, 14) for 9.14.1."""
        generation, major, *_ = self.version.split(".")
        return int(generation), int(major)
