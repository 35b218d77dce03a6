"""`strata verify STACK`: proves the result by use, on the systems themselves."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from strata import stackfile
from strata.stackfile.project import stack_name

if TYPE_CHECKING:
    from strata.verify.check import Check
    from strata.verify.object_store import Verified

    Subparsers = argparse._SubParsersAction[Any]

FAILED = 1
WAIT = 60.0
"""Templates follow a zone's secondary storage VM within a minute or so; a difference that stays longer is one."""

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
        help="prove the result by use: a probe image through Glance, Swift's containers beside secondary storage",
        description=(
            "Looks at every volume, mount and store of a stack where it stands, sends a probe image through Glance and a probe "
            "object into Swift, and compares every container of CloudStack's with secondary storage: name, size, MD5."
        ),
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("stack", metavar="STACK", help="the stack, as in stacks/Pulumi.STACK.yaml")
    parser.add_argument(
        "--wait",
        metavar="SECONDS",
        type=float,
        default=WAIT,
        help=f"how long Swift and secondary storage may still be on their way to each other (default: {WAIT:g})",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Exit status 0 when every check holds."""
    from strata.verify.check import table
    from strata.verify.comparison import picture
    from strata.verify.configuration import connections
    from strata.verify.images import verify as verify_images
    from strata.verify.object_store import verify as verify_object_store

    project = stackfile.root(Path.cwd())
    file = stackfile.find(arguments.stack, project)
    stack = stackfile.load(file)
    systems = connections(file, stack_name(file), project)

    async def both() -> tuple[list[Check], Verified]:
        return await verify_images(stack, systems), await verify_object_store(
            stack, systems, arguments.wait, say=_say
        )

    images, store = asyncio.run(both())
    checks = images + store.checks
    print(table(checks))
    if store.pairs:
        print(f"\n{picture(store.pairs)}\n")
    failed = sum(not check.holds for check in checks)
    print(f"{len(checks) - failed} of {len(checks)} checks hold.")
    return FAILED if failed else 0


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
