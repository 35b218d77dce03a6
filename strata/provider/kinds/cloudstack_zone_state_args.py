"""What may be declared of a zone's state, and what is read back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from strata.provider.fields import managed, output, replaces, setting


@dataclass(frozen=True)
class ZoneStateArgs:
    """What the user may declare."""

    zone: str = replaces("Id of the zone.", example="6d8c9b5e-4f11-4c55-9f7e-0e9d6f8c1a20")
    state: Literal["Enabled", "Disabled"] = managed(
        "Whether users may use the zone.", example="Enabled", default="Enabled"
    )
    system_vms_ready: bool = managed(
        "Whether the system VMs ever ran; always true. Ones that never came are waited for again.",
        example=True,
        default=True,
    )
    wait_for_system_vms: bool = setting(
        "Wait until the secondary storage VM and the console proxy run, and say why where they do not.",
        example=True,
        default=True,
    )
    seeded: str = setting(
        "Any text: by what the system VM template was put on the staging store. Empty: by nothing in this stack.",
        example="systemVmTemplate of zone1",
        default="",
    )


@dataclass(frozen=True)
class ZoneStateOutputs:
    """What only CloudStack knows."""

    system_vms: tuple[str, ...] = output(
        "The zone's system VMs, each with its kind and state.",
        example=["consoleproxy v-2-VM Running", "secondarystoragevm s-1-VM Running"],
        default=(),
    )
