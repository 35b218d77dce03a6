"""The two emulators of a lab, by the part's name: each has the same control interface."""

from __future__ import annotations

import httpx

from lab.environment import Lab
from lab.failures import LabFailure

EMULATORS = ("ontap", "cloudstack")


def client_of(lab: Lab, part: str) -> httpx.Client:
    """A client for the part's control interface; a failure when it does not run."""
    return lab.cloudstack() if part == "cloudstack" else lab.ontap()


def running(lab: Lab) -> list[str]:
    """Those that run; a failure when none does."""
    processes = {"ontap": lab.cluster.process, "cloudstack": lab.management.process}
    found = [part for part in EMULATORS if processes[part] is not None]
    if not found:
        raise LabFailure(f'No emulator of lab "{lab.name}" is running; `{lab.up_command}` starts them.')
    return found
