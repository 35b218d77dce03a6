"""`strata verify STACK`: proves the result by use, on the systems themselves."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

from strata import stackfile
from strata.stackfile.project import stack_name

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[Any]

FAILED = 1

EXAMPLES = """\
examples:
  strata verify lab
  OS_TOKEN=$(openstack token issue -f value -c id) strata verify tokyo

exit status: 0 everything holds, 1 something does not, 2 the stack file is wrong
"""


def register(subparsers: Subparsers) -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser(
        "verify",
        help="prove the result by use: a probe image through Glance, down to the volume",
        description="Looks at every volume, mount and store of a stack where it stands, and sends a probe image through Glance.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("stack", metavar="STACK", help="the stack, as in stacks/Pulumi.STACK.yaml")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Exit status 0 when every check holds."""
    from strata.verify.check import table
    from strata.verify.configuration import connections
    from strata.verify.images import verify

    project = stackfile.root(Path.cwd())
    file = stackfile.find(arguments.stack, project)
    stack = stackfile.load(file)
    checks = asyncio.run(verify(stack, connections(file, stack_name(file), project)))
    print(table(checks))
    failed = sum(not check.holds for check in checks)
    print(f"{len(checks) - failed} of {len(checks)} checks hold.")
    return FAILED if failed else 0
