"""`strata adopt STACK`: writes the stack file of an environment that is there already."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from strata import stackfile
from strata.cli.neighbours import loaded
from strata.errors import Failed
from strata.stackfile.project import stack_name

if TYPE_CHECKING:
    from strata.adoption.adopt import Adopted
    from strata.adoption.imports import Resources

    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

DONE, COULD_NOT_TELL = 0, 1
ONLY = ("ontap", "hosts", "swift", "cloudstack")

EXAMPLES = """\
examples:
  strata adopt tokyo                                   print the stack file with all that is there
  strata adopt tokyo --only ontap --output found.yaml  one system, into a file of its own
  strata adopt tokyo --write                           into the stack file itself, and import.tokyo.json beside it
  pulumi import --file import.tokyo.json --stack tokyo --yes --generate-code=false --protect=false
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
    parser.add_argument(
        "--import-file",
        metavar="FILE",
        type=Path,
        help="where Pulumi's import file goes (with --write: import.STACK.json)",
    )
    into = parser.add_mutually_exclusive_group()
    into.add_argument("--output", metavar="FILE", type=Path, help="where the stack file goes (printed)")
    into.add_argument("--write", action="store_true", help="put the entries into the stack file itself")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Look, write, and tell on standard error what was found."""
    from strata.adoption.adopt import Source, adopt
    from strata.adoption.imports import read, together
    from strata.adoption.notes import with_notes
    from strata.verify.configuration import connections

    project = stackfile.root(Path.cwd())
    file = stackfile.find(arguments.stack, project)
    source = Source.of(file)
    imports = arguments.import_file or (Path(f"import.{arguments.stack}.json") if arguments.write else None)
    earlier = read(imports) if imports is not None else []
    others, unread = loaded({name: one for name, one in stackfile.stacks(project).items() if one != file})
    systems = connections(file, stack_name(file), project)
    adopted = asyncio.run(adopt(source, systems, arguments.only or ONLY, arguments.all, others))
    text = with_notes(adopted.text, adopted.findings)
    # What was written into the stack file before is declared since then, and no later look finds it again.
    resources = together(earlier if arguments.write else [], adopted.imports["resources"])
    # The import file first: written again it does no harm, while entries without it would be created.
    if imports is not None:
        _put(imports, json.dumps({"resources": resources}, indent=2, ensure_ascii=False) + "\n")
    if arguments.write and text != source.text:
        _put(file, text)
    elif arguments.output is not None:
        _put(arguments.output, text)
    elif not arguments.write:
        print(text, end="")
    _tell(adopted, imports, resources, arguments)
    if unread:
        _say(f"{', '.join(unread)} can't be read: what is declared there may be among what is written here.")
    return COULD_NOT_TELL if adopted.troubles else DONE


def _put(file: Path, text: str) -> None:
    """At one stroke, so that an interrupted run leaves the file as it was; its mode and its ends of lines stay."""
    target = file.resolve()
    beside = target.with_name(f".{target.name}.strata")
    try:
        there = target.read_bytes() if target.exists() else b""
        beside.write_text(text, encoding="utf-8", newline="\r\n" if b"\r\n" in there else "\n")
        if target.exists():
            shutil.copymode(target, beside)
        os.replace(beside, target)
    except OSError as error:
        raise Failed(f"{file} could not be written: {error.strerror}.") from error


def _tell(
    adopted: Adopted, imports: Path | None, resources: Resources, arguments: argparse.Namespace
) -> None:
    from strata.adoption.imports import number

    for trouble in adopted.troubles:
        _say(f"could not tell: {trouble}")
    for finding in adopted.findings:
        _say(f"left out: {finding}")
    if adopted.skipped:
        _say(f"passed over: {len(adopted.skipped)} of the systems' own objects; --all shows them")
    found = number(adopted.imports["resources"])
    more = number(resources) - found
    if imports is None:
        _say(f"{found} resources; --import-file FILE writes what Pulumi needs to import them.")
    else:
        before = f" and {more} that an earlier look had found" if more else ""
        _say(f"{found} resources{before}, and in {imports} what Pulumi needs to import them:")
        command = f"pulumi import --file {imports} --stack {arguments.stack} --yes --generate-code=false --protect=false"
        _say(f"  {command}")


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
