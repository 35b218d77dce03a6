"""`strata lab up`, `down`, `reset` and `status`."""

from __future__ import annotations

import argparse
import json
import time
from typing import TYPE_CHECKING, Any

from lab.environment import Lab, Progress
from lab.folder import ERAS, PARTS

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

GOOD, DOWN = 0, 3


def add_commands(commands: Subparsers, common: argparse.ArgumentParser) -> None:
    """Add the four commands."""
    up = commands.add_parser("up", parents=[common], help="start what does not run, wait until it answers")
    up.add_argument("--parts", default=",".join(PARTS), help=f"comma-separated ({','.join(PARTS)})")
    up.add_argument("--guests", type=int, default=1, help="1 or 2 Glance hosts (1)")
    up.add_argument("--kvm", action="store_true", help="use KVM when the guest boots with it")
    up.add_argument(
        "--era", choices=ERAS, default="modern", help="CloudStack 4.2 and up, or 3.0 to 4.1 (modern)"
    )
    up.set_defaults(lab_action=_up)
    down = commands.add_parser("down", parents=[common], help="end everything; what is stored stays")
    down.set_defaults(lab_action=_down)
    reset = commands.add_parser(
        "reset", parents=[common], help="an untouched guest, a cluster without volumes"
    )
    reset.set_defaults(lab_action=_reset)
    status = commands.add_parser("status", parents=[common], help="what runs, and where; 0 up, 3 down")
    status.add_argument("--json", action="store_true", help="for a program; holds the emulator's password")
    status.set_defaults(lab_action=_status)


def elapsed_lines() -> Progress:
    """Print each step with the seconds since now."""
    began = time.monotonic()

    def tell(part: str, words: str) -> None:
        print(f"{time.monotonic() - began:6.1f} s  {part:<10} {words}", flush=True)

    return tell


def _up(arguments: argparse.Namespace, lab: Lab) -> int:
    tell = elapsed_lines()
    parts = [each.strip() for each in arguments.parts.split(",") if each.strip()]
    started = lab.up(tell, parts=parts, guests=arguments.guests, kvm=arguments.kvm, era=arguments.era)
    tell("lab", f'"{lab.name}" is up' if started else f'"{lab.name}" was already up')
    _print_table(lab.status())
    return GOOD


def _down(_arguments: argparse.Namespace, lab: Lab) -> int:
    tell = elapsed_lines()
    ended = lab.down(tell)
    print(f"Ended: {', '.join(ended)}." if ended else f'Nothing of lab "{lab.name}" was running.')
    return GOOD


def _reset(_arguments: argparse.Namespace, lab: Lab) -> int:
    tell = elapsed_lines()
    lab.reset(tell)
    tell("lab", f'"{lab.name}" is as new')
    return GOOD


def _status(arguments: argparse.Namespace, lab: Lab) -> int:
    status = lab.status()
    if arguments.json:
        print(json.dumps(status, indent=2))
    else:
        _print_table(status)
    return GOOD if lab.running else DOWN


def _print_table(status: dict[str, Any]) -> None:
    for part, where in _rows(status):
        state = "up" if status[part]["running"] else "down"
        kind = "real" if status[part]["real"] else "emulated"
        print(f"  {part:<10} {state:<5} {kind:<9} {where}")
    for junction_path, directory in status["ontap"]["exports"].items():
        if junction_path != "/":
            print(f"  exports {junction_path} = {directory}")


def _rows(status: dict[str, Any]) -> list[tuple[str, str]]:
    ontap, nfs, host = status["ontap"], status["nfs"], status["host"]
    rows = [
        ("ontap", f"{ontap['url']}  user {ontap['username']}, CA {ontap['ca']}"),
        ("nfs", f"{nfs['address']} port {nfs['port']}  ({nfs['lif']} port 2049 on the guest)"),
    ]
    if "port" in host:
        rows.append(("host", f"ssh -p {host['port']} -i {host['key']} {host['user']}@{host['address']}"))
        rows.append(("glance", f"{status['glance']['url']}"))
    swift, cloudstack = status["swift"], status["cloudstack"]
    if swift["auth_url"]:
        rows.append(("swift", f"{swift['auth_url']}  user {swift['user']}"))
    if cloudstack["endpoint"]:
        rows.append(("cloudstack", f"{cloudstack['endpoint']}  {cloudstack['era']}"))
    return rows
