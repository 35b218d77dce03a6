"""`strata lab up`, `down`, `reset`, `status` and `list`."""

from __future__ import annotations

import argparse
import json
import time
from typing import TYPE_CHECKING, Any

from lab.environment import ROOT, Lab, Progress
from lab.folder import DEFAULT, ERAS, PARTS, command_line, names

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

GOOD, DOWN = 0, 3
NEVER = "was never started"


def add_commands(commands: Subparsers, common: argparse.ArgumentParser) -> None:
    """Add the five commands."""
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
    list_ = commands.add_parser("list", help="every lab, whether it runs, and of what it consists")
    list_.set_defaults(lab_action=_list)


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
    _print_table(lab)
    return GOOD


def _down(_arguments: argparse.Namespace, lab: Lab) -> int:
    known = lab.name in names(ROOT)
    ended = lab.down(elapsed_lines()) if known else []
    print(f"Ended: {', '.join(ended)}." if ended else f'Nothing of lab "{lab.name}" was running.')
    if not ended:
        _print_others(lab)
    return GOOD


def _reset(_arguments: argparse.Namespace, lab: Lab) -> int:
    tell = elapsed_lines()
    lab.reset(tell)
    tell("lab", f'"{lab.name}" is as new')
    return GOOD


def _status(arguments: argparse.Namespace, lab: Lab) -> int:
    if arguments.json:
        print(json.dumps(lab.status(), indent=2))
        return GOOD if lab.running else DOWN
    if lab.folder.wanted is None:
        print(f'Lab "{lab.name}" is down; `{lab.up_command}` starts it.')
        _print_others(lab)
        return DOWN
    _print_table(lab)
    return GOOD if lab.running else DOWN


def _list(_arguments: argparse.Namespace, _lab: Lab) -> int:
    for lab in map(Lab, names(ROOT)):
        wanted = lab.folder.wanted
        state = "down" if wanted is None else "up" if lab.running else "in part"
        guests = (
            f" ({wanted.guests} guests)" if wanted and "host" in wanted.parts and wanted.guests > 1 else ""
        )
        print(f"  {lab.name:<16} {state:<8} {', '.join(wanted.parts) if wanted else ''}{guests}".rstrip())
    if not names(ROOT):
        print(f"There is no lab yet; `{command_line(DEFAULT, 'up')}` makes one.")
    return GOOD


def _print_others(lab: Lab) -> None:
    """Whoever forgot --name is looking for one of these."""
    others = [name for name in names(ROOT) if name != lab.name and Lab(name).folder.wanted is not None]
    for name in others:
        print(f'Lab "{name}" is up: `{command_line(name, "status")}`.')


def _print_table(lab: Lab) -> None:
    """The parts that the last `up` asked for."""
    status, wanted = lab.status(), lab.folder.wanted
    parts = wanted.parts if wanted else ()
    for part, where in _rows(status):
        if status[part]["running"] or part in parts or (part == "glance" and "host" in parts):
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
    rows.append(("swift", f"{swift['auth_url']}  user {swift['user']}" if swift["auth_url"] else NEVER))
    where = f"{cloudstack['endpoint']}  {cloudstack['era']}" if cloudstack["endpoint"] else NEVER
    rows.append(("cloudstack", where))
    return rows
