"""`strata lab fault`: make an emulator, a server or the guest misbehave."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

from lab.environment import Lab
from lab.failures import LabFailure
from lab.http.faults import EFFECTS
from strata.cli.lab import outages
from strata.cli.lab.emulators import EMULATORS, client_of, running

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

EXAMPLES = """\
examples:
  strata lab fault add status --status 503 --times 3           three times 503, then all is well
  strata lab fault add lost_answer --method POST --path volumes$
                                                               done, and the connection closed without an answer
  strata lab fault add job_failure --path volumes --code 917536 --message 'no space'
  strata lab fault add delay --seconds 5 --times 0             every answer takes five seconds
  strata lab fault add lost_answer --part cloudstack --path createZone
  strata lab fault list
  strata lab fault clear
  strata lab fault nfs down
  strata lab fault swift down
  strata lab fault cloudstack restart                          the service on the guest, and all sessions end
  strata lab fault guest reset                                 pulls the plug and boots again
"""


def add_commands(commands: Subparsers, common: argparse.ArgumentParser) -> None:
    """Add the command and what stands below it."""
    fault = commands.add_parser(
        "fault",
        help="make an emulator, a server or the guest misbehave",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    below = fault.add_subparsers(dest="fault_command", metavar="COMMAND", required=True)
    for name, words, action in (("list", "what is injected", _list), ("clear", "no more of it", _clear)):
        command = below.add_parser(name, parents=[common], help=words)
        command.add_argument("--part", choices=EMULATORS, help="only in this emulator (both)")
        command.set_defaults(lab_action=action)
    _add_add(below, common)
    outages.add_commands(below, common)


def _add_add(below: Subparsers, common: argparse.ArgumentParser) -> None:
    add = below.add_parser("add", parents=[common], help="a fault of an emulator")
    add.add_argument("--part", choices=EMULATORS, default="ontap", help="which emulator (ontap)")
    add.add_argument("effect", choices=EFFECTS)
    add.add_argument("--method", help="of the requests that it meets; WRITE is all but GET (any)")
    add.add_argument(
        "--path",
        help="regular expression, searched in the request's path; CloudStack's is /client/api/<command> (any)",
    )
    add.add_argument("--times", type=int, help="how often; 0 for ever (1)")
    add.add_argument("--after", type=int, help="let so many pass first (0)")
    add.add_argument("--status", type=int, help="for status: the answer's code (503)")
    add.add_argument("--code", help="the system's own error code")
    add.add_argument("--message", help="and its message")
    add.add_argument("--seconds", type=float, help="for delay")
    add.add_argument(
        "--applied", action="store_true", default=None, help="the job does its work all the same"
    )
    add.set_defaults(lab_action=_add)


_FIELDS = ("effect", "method", "path", "times", "after", "status", "code", "message", "seconds", "applied")


def _add(arguments: argparse.Namespace, lab: Lab) -> int:
    given = {name: getattr(arguments, name) for name in _FIELDS}
    body = {name: value for name, value in given.items() if value is not None}
    with client_of(lab, arguments.part) as client:
        answer = client.post("/_lab/faults", json=body)
    if answer.is_error:
        raise LabFailure(f"The emulator takes no such fault: {answer.json()['error']}")
    return _print([{"part": arguments.part, **each} for each in answer.json()["faults"]])


def _list(arguments: argparse.Namespace, lab: Lab) -> int:
    return _print(_asked(arguments, lab, "GET"))


def _clear(arguments: argparse.Namespace, lab: Lab) -> int:
    return _print(_asked(arguments, lab, "DELETE"))


def _asked(arguments: argparse.Namespace, lab: Lab, method: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for part in [arguments.part] if arguments.part else running(lab):
        with client_of(lab, part) as client:
            faults = client.request(method, "/_lab/faults").raise_for_status().json()["faults"]
        found += [{"part": part, **each} for each in faults]
    return found


def _print(faults: list[dict[str, Any]]) -> int:
    for each in faults:
        print(json.dumps(each))
    if not faults:
        print("No fault is injected.")
    return 0
