"""`strata drift`: has anything moved away from what is declared, in one stack or in all of them."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from strata import stackfile
from strata.cli import ending
from strata.cli.drift_unmanaged import with_unmanaged
from strata.drift import earlier
from strata.drift.engine import Pulumi
from strata.drift.formats.as_json import as_json
from strata.drift.formats.junit import junit
from strata.drift.formats.markdown import markdown
from strata.drift.formats.sarif import sarif
from strata.drift.formats.table import table
from strata.drift.looking import Request, drift
from strata.drift.report import Report
from strata.errors import Failed

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

FORMATS: Final[Mapping[str, Callable[[Report], str]]] = {
    "table": table,
    "json": as_json,
    "junit": junit,
    "markdown": markdown,
    "sarif": sarif,
}

EXAMPLES: Final = """\
examples:
  strata drift tokyo                                      one stack, a line per property that is otherwise
  strata drift --all --parallel 8                         every stack file under stacks/
  strata drift --all --format markdown --output drift.md  for a pull request
  strata drift tokyo --only ontap:Volume                  volumes only; a name or KIND/NAME works too
  strata drift tokyo --unmanaged                          and what exists on its systems and is in no stack
  strata drift --all --format json --output tonight.json --earlier yesterday.json
                                                          with the time since when each difference is known
  strata drift tokyo --format json --output drift.json --also junit=drift.xml --also markdown=drift.md
                                                          several reports of one look, as CI wants them

Looks twice: at what `pulumi up` would do, and at what a refresh would change. No state is written and no lock taken.

exit code: 0 no drift, 7 drift, 1 could not tell (what was found is listed all the same), 2 wrong usage
"""


def register(subparsers: Subparsers) -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser(
        "drift",
        help="what has moved away from what is declared, one line per property",
        description="Compare what is declared with what is there. The state and the systems stay as they are.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("stacks", nargs="*", metavar="STACK", help="the stacks, for example tokyo")
    parser.add_argument("--all", action="store_true", help="every stack that has a file under stacks/")
    parser.add_argument(
        "--parallel", type=_number, default=4, metavar="N", help="stacks at the same time (default: 4)"
    )
    parser.add_argument(
        "--format", choices=FORMATS, default="table", help="form of the report (default: table)"
    )
    parser.add_argument("--output", type=Path, metavar="FILE", help="write the report there, not to stdout")
    parser.add_argument(
        "--also",
        type=_also,
        action="append",
        default=[],
        metavar="FORMAT=FILE",
        help="write the same report in another form too; may be repeated",
    )
    parser.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="KIND|NAME",
        help="only resources of this kind or name; may be repeated",
    )
    parser.add_argument(
        "--earlier",
        type=Path,
        metavar="FILE",
        help="an earlier report in JSON, from which it is known since when a difference is there",
    )
    parser.add_argument(
        "--unmanaged",
        action="store_true",
        help="also volumes, export policies, mounts, containers and zones that are in no stack; they are no drift",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Look, write the report, and say by the exit code what it says."""
    project = stackfile.root(Path.cwd())
    request = Request(_stacks(arguments, project), project, arguments.parallel, arguments.only)
    known = earlier.read(arguments.earlier) if arguments.earlier else None
    files = list(_files(arguments))
    for _, file in files:
        _refuse_unwritable(file)
    report = ending.run("drift", _looked(request, arguments.unmanaged))
    if arguments.earlier:
        report = earlier.dated(report, known or {})
    for format, file in files:
        _write(file, FORMATS[format](report))
        _say(f"{file}: {report.summary}")
    if arguments.output is None:
        print(FORMATS[arguments.format](report), end="")
    return report.exit_code


def _files(arguments: argparse.Namespace) -> Iterator[tuple[str, Path]]:
    """What to write besides stdout, each with its format."""
    yield from arguments.also
    if arguments.output is not None:
        yield arguments.format, arguments.output


async def _looked(request: Request, unmanaged: bool) -> Report:
    report = await drift(request, Pulumi(request.project), lambda: datetime.now(UTC), _say)
    return await with_unmanaged(report, request) if unmanaged else report


def _stacks(arguments: argparse.Namespace, project: Path) -> dict[str, Path]:
    if bool(arguments.stacks) == arguments.all:
        raise Failed("Name the stacks to look at, or say --all: one of the two.")
    if not arguments.all:
        return {name: stackfile.find(name, project) for name in arguments.stacks}
    found = stackfile.stacks(project)
    if not found:
        raise Failed(f"There is no stack file in {project / 'stacks'}, so there is nothing to look at.")
    return found


def _refuse_unwritable(file: Path) -> None:
    """Before the look: after it, what was found would be lost."""
    if file.is_dir():
        why = "that is a folder"
    elif not file.parent.is_dir():
        why = f"there is no folder {file.parent}"
    elif not os.access(file if file.exists() else file.parent, os.W_OK):
        why = "permission denied"
    else:
        return
    raise Failed(f"The report can't be written to {file}: {why}.")


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Failed(f"The report can't be written to {file}: {error.strerror}.") from error


def _also(text: str) -> tuple[str, Path]:
    format, _, file = text.partition("=")
    if format not in FORMATS or not file:
        raise argparse.ArgumentTypeError(
            f"FORMAT=FILE, with one of {', '.join(FORMATS)}, for example junit=drift.xml"
        )
    return format, Path(file)


def _number(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is no number from 1")
    return int(text)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
