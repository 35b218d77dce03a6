"""`strata lab`: the embedded environment: ONTAP and CloudStack emulators, real NFS server, Swift, Debian guest with Glance."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from lab.environment import Lab
from lab.failures import LabFailure
from strata.cli.lab import fault, journal, life

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

FAILED = 1

EXAMPLES = """\
examples:
  strata lab up                          start everything and wait until it answers
  strata lab up --parts ontap,nfs        without the guest, in a few seconds
  strata lab status --json               addresses and credentials, for a program
  strata lab up --era legacy             CloudStack as it was up to 4.1
  strata lab journal --writes            what was changed on the emulators
  strata lab fault add status --status 503 --path volumes --times 3
  strata lab fault nfs down              the NFS server stops; `fault nfs up` starts it
  strata lab fault cloudstack restart    the management server's service on the guest
  strata lab fault guest reboot
  strata lab reset                       an untouched guest, no volumes, containers, zones
  strata lab --name dev up               another lab beside the first, with ports and data of its own
  strata lab list                        the labs that there are

Everything lies in .lab/<name>/ and listens on the loopback only.
"""


def register(subparsers: Subparsers) -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser(
        "lab",
        help="the embedded environment: up, down, status, list, reset, journal, fault",
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--name", default="lab", help="which lab (lab)")
    commands = parser.add_subparsers(dest="lab_command", metavar="COMMAND", required=True)
    # `strata lab --name x up` and `strata lab up --name x` mean the same; the inner one has no default to win with.
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--name", default=argparse.SUPPRESS, help="which lab (lab)")
    for part in (life, journal, fault):
        part.add_commands(commands, common)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run the lab's command; a failure is one sentence and exit code 1."""
    action: Callable[[argparse.Namespace, Lab], int] = arguments.lab_action
    try:
        return action(arguments, Lab(arguments.name))
    except LabFailure as failure:
        print(f"strata lab: {failure}", file=sys.stderr)
        return FAILED
