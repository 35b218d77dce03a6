"""`strata validate`: is a stack file good, and if not, everything that is wrong with it."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from strata import stackfile
from strata.errors import Failed
from strata.stackfile import Located, StackFile

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

GOOD, BAD = 0, 2

EXAMPLES = """\
examples:
  strata validate                               every file under stacks/
  strata validate tokyo                         stacks/Pulumi.tokyo.yaml
  strata validate stacks/base.yaml              a file that stacks extend, which need not be complete
  strata validate some/where/Pulumi.new.yaml    a file that lies elsewhere
  strata validate --format json                 for a program

exit code: 0 good, 2 bad. Needs no passphrase and no network.
"""


def register(subparsers: Subparsers) -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser(
        "validate",
        help="check stack files, all errors at once",
        description="Check stack files: syntax, keys, values, names between sections, secrets.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("stacks", nargs="*", metavar="STACK|FILE", help="stacks or files (all stacks)")
    parser.add_argument(
        "--format", choices=["text", "json"], default="text", help="form of the answer (text)"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Check each file and print what was found."""
    checked = {file: _problems(file) for file in files(arguments.stacks, Path.cwd())}
    if arguments.format == "json":
        print(
            json.dumps({"files": [_as_json(*one) for one in checked.items()]}, indent=2, ensure_ascii=False)
        )
    else:
        for file, problems in checked.items():
            _print(file, problems)
    return BAD if any(checked.values()) else GOOD


def files(named: Sequence[str], here: Path) -> list[Path]:
    """The files that an operator named by stack or path; all stacks where he named none."""
    if not named:
        project = stackfile.root(here)
        found = [*stackfile.stacks(project).values(), *stackfile.bases(project)]
        if not found:
            raise Failed(
                "There is no stack file: write stacks/Pulumi.<env>.yaml, for example after stacks/Pulumi.tokyo.yaml."
            )
        return found
    return [Path(name) if _is_file(name) else stackfile.find(name, stackfile.root(here)) for name in named]


def _problems(file: Path) -> list[Located]:
    return stackfile.validate_base(file) if stackfile.is_base(file) else stackfile.validate(file)


def _is_file(name: str) -> bool:
    return "/" in name or name.endswith((".yaml", ".yml"))


def _print(file: Path, problems: list[Located]) -> None:
    if not problems and stackfile.is_base(file):
        print(f"{os.path.relpath(file)}: good (for stacks that extend it)")
        return
    if not problems:
        print(f"{os.path.relpath(file)}: good ({summary(stackfile.load(file))})")
        return
    for problem in problems:
        print(problem, file=sys.stderr)
    print(f"{os.path.relpath(file)}: {count(len(problems), 'error')}", file=sys.stderr)


def summary(stack: StackFile) -> str:
    """`1 volume, 1 mount, 1 Glance host`: what the file declares."""
    policies = len(stack.ontap.export_policies)
    parts = [
        count(policies, "shared export policy", "shared export policies") if policies else "",
        count(len(stack.ontap.volumes), "volume"),
        count(len(stack.mounts), "mount"),
        count(len(stack.glance.hosts), "Glance host") if stack.glance else "",
        count(len(stack.swift.accounts), "Swift account") if stack.swift.accounts else "",
        count(len(stack.cloudstack.zones), "CloudStack zone") if stack.cloudstack else "",
    ]
    return ", ".join(part for part in parts if part)


def count(number: int, one: str, several: str | None = None) -> str:
    """`1 volume`, `2 volumes`."""
    return f"{number} {one if number == 1 else several or one + 's'}"


def _as_json(file: Path, problems: list[Located]) -> dict[str, object]:
    found = [
        {"file": p.file, "line": p.line, "column": p.column, "path": p.path, "message": p.message}
        for p in problems
    ]
    return {"file": os.path.relpath(file), "good": not problems, "problems": found}
