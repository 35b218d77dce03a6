"""`strata lab fault`: make the emulator, the NFS server or the guest misbehave."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

from lab.addresses import GUESTS
from lab.environment import Lab, silent
from lab.failures import LabFailure
from lab.guest.image import cached_image
from lab.host import Host
from lab.ontap.faults import EFFECTS

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

EXAMPLES = """\
examples:
  strata lab fault add status --status 503 --times 3           three times 503, then all is well
  strata lab fault add lost_answer --method POST --path volumes$
                                                               done, and the connection closed without an answer
  strata lab fault add job_failure --path volumes --code 917536 --message 'no space'
  strata lab fault add delay --seconds 5 --times 0             every answer takes five seconds
  strata lab fault list
  strata lab fault clear
  strata lab fault nfs down
  strata lab fault guest reset                                 pulls the plug and boots again
"""


def add_commands(commands: Subparsers, common: argparse.ArgumentParser) -> None:
    """Add the command and what stands below it."""
    fault = commands.add_parser(
        "fault",
        help="make the emulator, the NFS server or the guest misbehave",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    below = fault.add_subparsers(dest="fault_command", metavar="COMMAND", required=True)
    below.add_parser("list", parents=[common], help="what is injected").set_defaults(lab_action=_list)
    below.add_parser("clear", parents=[common], help="no more of it").set_defaults(lab_action=_clear)
    add = below.add_parser("add", parents=[common], help="a fault of the ONTAP emulator")
    add.add_argument("effect", choices=EFFECTS)
    add.add_argument("--method", help="of the requests that it meets; WRITE is all but GET (any)")
    add.add_argument("--path", help="regular expression, searched in the request's path (any)")
    add.add_argument("--times", type=int, help="how often; 0 for ever (1)")
    add.add_argument("--after", type=int, help="let so many pass first (0)")
    add.add_argument("--status", type=int, help="for status: the answer's code (503)")
    add.add_argument("--code", help="ONTAP's error code")
    add.add_argument("--message", help="ONTAP's message")
    add.add_argument("--seconds", type=float, help="for delay")
    add.add_argument(
        "--applied", action="store_true", default=None, help="the job does its work all the same"
    )
    add.set_defaults(lab_action=_add)
    nfs = below.add_parser("nfs", parents=[common], help="stop or start the NFS server")
    nfs.add_argument("what", choices=["down", "up"])
    nfs.set_defaults(lab_action=_nfs)
    guest = below.add_parser("guest", parents=[common], help="reboot, shut down, reset or start the guest")
    guest.add_argument("what", choices=["reboot", "reset", "poweroff", "start"])
    guest.add_argument(
        "--guest", default=GUESTS[0].name, choices=[each.name for each in GUESTS], help="which one"
    )
    guest.set_defaults(lab_action=_guest)


_FIELDS = ("effect", "method", "path", "times", "after", "status", "code", "message", "seconds", "applied")


def _add(arguments: argparse.Namespace, lab: Lab) -> int:
    given = {name: getattr(arguments, name) for name in _FIELDS}
    body = {name: value for name, value in given.items() if value is not None}
    with lab.ontap() as client:
        answer = client.post("/_lab/faults", json=body)
    if answer.is_error:
        raise LabFailure(f"The emulator takes no such fault: {answer.json()['error']}")
    return _print(answer.json()["faults"])


def _list(_arguments: argparse.Namespace, lab: Lab) -> int:
    with lab.ontap() as client:
        return _print(client.get("/_lab/faults").raise_for_status().json()["faults"])


def _clear(_arguments: argparse.Namespace, lab: Lab) -> int:
    with lab.ontap() as client:
        return _print(client.delete("/_lab/faults").raise_for_status().json()["faults"])


def _print(faults: list[dict[str, Any]]) -> int:
    for each in faults:
        print(json.dumps(each))
    if not faults:
        print("No fault is injected.")
    return 0


def _nfs(arguments: argparse.Namespace, lab: Lab) -> int:
    if arguments.what == "down":
        ended = lab.ganesha.stop()
        print("The NFS server is stopped." if ended else "The NFS server was not running.")
    else:
        lab.ganesha.start()
        print(f"The NFS server answers on 127.0.0.1 port {lab.ganesha.port}.")
    return 0


def _guest(arguments: argparse.Namespace, lab: Lab) -> int:
    host = next(each for each in _known(lab) if each.guest.name == arguments.guest)
    if arguments.what == "poweroff":
        print(f"{host.guest.name} is off." if host.stop() else f"{host.guest.name} was not running.")
        return 0
    if arguments.what == "start" and host.process is None:
        host.start(cached_image(lab.folder.cache, lambda words: silent("host", words)))
    elif arguments.what == "reboot":
        host.reboot()
    elif arguments.what == "reset" and not host.reset():
        raise LabFailure(f"The guest {host.guest.name} cannot be reset: it is not running.")
    host.wait_for_ssh()
    print(f"{host.guest.name} answers on SSH.")
    return 0


def _known(lab: Lab) -> list[Host]:
    return [Host(lab.folder, each) for each in GUESTS]
