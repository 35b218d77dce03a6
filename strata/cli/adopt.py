"""`strata adopt STACK`: writes the stack file of an environment that is there already."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from strata import stackfile
from strata.errors import Failed
from strata.stackfile.project import stack_name

if TYPE_CHECKING:
    from strata.adoption.adopt import Adopted

    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

DONE, COULD_NOT_TELL = 0, 1
ONLY = ("ontap", "hosts", "swift", "cloudstack")

EXAMPLES = """\
examples:
  strata adopt tokyo                                   print the stack file with all that is there
  strata adopt tokyo --only ontap --output found.yaml  one system, into a file of its own
  strata adopt tokyo --write --import-file found.json  into the stack file itself
  pulumi import --file found.json --stack tokyo --yes --generate-code=false --protect=false
  pulumi preview --stack tokyo --expect-no-changes     and there is nothing left to do

The stack file needs only its connections: clusters, hosts, Swift accounts, CloudStack's endpoint and keys. What it has already
is never changed, and nothing is written to any system.

exit code: 0 done, 1 a system could not be looked at (the others were), 2 the stack file is wrong
"""


def register(subparsers: Subparsers) -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser(
        "adopt",
        help="write the stack file of an environment that is there already",
        description=(
            "Looks at the systems that a stack file says how to reach, and writes what it lacks: volumes with their access, "
            "mounts, Glance's store, Swift's containers, CloudStack with its zones; and Pulumi's import file for all of it."
        ),
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("stack", metavar="STACK", help="the stack, as in stacks/Pulumi.STACK.yaml")
    parser.add_argument(
        "--only", choices=ONLY, action="append", help="look at this system only; may be given several times"
    )
    parser.add_argument("--all", action="store_true", help="also what belongs to the systems themselves")
    parser.add_argument("--import-file", metavar="FILE", type=Path, help="where Pulumi's import file goes")
    into = parser.add_mutually_exclusive_group()
    into.add_argument("--output", metavar="FILE", type=Path, help="where the stack file goes (printed)")
    into.add_argument("--write", action="store_true", help="put the entries into the stack file itself")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Look, write, and tell on standard error what was found."""
    from strata.adoption.adopt import Source, adopt
    from strata.verify.configuration import connections

    project = stackfile.root(Path.cwd())
    file = stackfile.find(arguments.stack, project)
    source = Source.of(file)
    systems = connections(file, stack_name(file), project)
    adopted = asyncio.run(adopt(source, systems, arguments.only or ONLY, arguments.all))
    target = file if arguments.write else arguments.output
    # The import file first: written again it does no harm, while entries without it would be created.
    if arguments.import_file is not None:
        _put(arguments.import_file, json.dumps(adopted.imports, indent=2, ensure_ascii=False) + "\n")
    if target is None:
        print(adopted.text, end="")
    else:
        _put(target, adopted.text)
    _tell(adopted, arguments)
    return COULD_NOT_TELL if adopted.troubles else DONE


def _put(file: Path, text: str) -> None:
    """At one stroke, so that an interrupted run leaves the file as it was."""
    beside = file.with_name(f".{file.name}.strata")
    try:
        beside.write_text(text, encoding="utf-8")
        os.replace(beside, file)
    except OSError as error:
        raise Failed(f"{file} could not be written: {error.strerror}.") from error


def _tell(adopted: Adopted, arguments: argparse.Namespace) -> None:
    for trouble in adopted.troubles:
        _say(f"could not tell: {trouble}")
    for finding in adopted.findings:
        _say(f"left out: {finding}")
    if adopted.skipped and not arguments.all:
        _say(f"{len(adopted.skipped)} objects of the systems themselves were passed over; --all shows them.")
    resources = adopted.imports["resources"]
    into = f", for the import in {arguments.import_file}" if arguments.import_file else ""
    _say(f"{sum('id' in one for one in resources)} resources{into}.")


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
