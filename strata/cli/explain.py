"""`strata explain`: what a value of a stack is, in which file it stands, and what it goes over there."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from strata.cli.validate import files
from strata.stackfile import explaining, extends, paths
from strata.stackfile.explaining import Explained, Standing
from strata.stackfile.located import StackFileError

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

FORMAT: Final = 1
"""Of the JSON; it grows when a reader would have to change."""

EXAMPLES: Final = """\
examples:
  strata explain tokyo strata:ontap.volumes.images.size          one value, and the file and line that it comes from
  strata explain tokyo strata:ontap.volumes                      everything below, defaults too
  strata explain tokyo                                           the whole stack
  strata explain tokyo 'strata:cloudstack.settings["expunge.delay"]' --json

Needs no passphrase and no network: of a secret it says where it comes from, and never what it is.
exit code: 0 explained, 2 there is no such path, or a file can't be read
"""


def register(subparsers: Subparsers) -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser(
        "explain",
        help="where a value comes from: file, line, and what it goes over",
        description="Say what a value is, in which file and line it stands, and what it goes over in the files under it.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("stack", metavar="STACK|FILE", help="the stack, or a file")
    parser.add_argument(
        "path",
        metavar="PATH",
        nargs="?",
        default="",
        help="as in strata:ontap.volumes.images.size (everything)",
    )
    parser.add_argument("--json", action="store_true", help="for a program")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print every value at the path."""
    (file,) = files([arguments.stack], Path.cwd())
    layers = extends.read(file)
    broken = [*layers.problems, *(one for layer in layers.all for one in extends.faults(layer))]
    if broken:
        raise StackFileError(broken)
    found = explaining.explain(layers, paths.in_configuration(arguments.path))
    if arguments.json:
        values = [_as_json(one) for one in found]
        print(
            json.dumps(
                {"version": FORMAT, "file": layers.nearest.shown, "values": values},
                indent=2,
                ensure_ascii=False,
            )
        )
    else:
        print("\n".join(line for one in found for line in text(one)))
    return 0


def text(one: Explained) -> list[str]:
    """A line for the value and one for each place, the one that counts first."""
    if one.state == "left out":
        return [f"{one.path}: left out", f"    {one.words}"]
    if one.state == "default":
        return [f"{one.path}: {_value(one.value)}", "    the default; no file says it"]
    default = "" if one.value is None else f", so the default counts: {_value(one.value)}"
    here = [f"    {one.here.place}"] if one.here else []
    return [
        f"{one.path}: {f'taken away{default}' if one.state == 'taken away' else _value(one.value)}",
        *here,
        *(f"    over {_overridden(standing)} in {standing.place}" for standing in one.over),
    ]


def _overridden(standing: Standing) -> str:
    return "what took it away" if standing.takes_away else _value(standing.value)


def _value(value: Any) -> str:
    if isinstance(value, dict) and len(value) == 1:
        ((source, name),) = value.items()
        said = {
            "env": f"from the environment variable {name}",
            "file": f"from the file {name}",
            "encrypted": "encrypted",
            "openly": "a secret written openly, which `strata validate` refuses",
        }
        if source in said:
            return said[source]
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _as_json(one: Explained) -> dict[str, Any]:
    return {
        "path": one.path,
        "state": one.state,
        "value": one.value,
        "secret": one.secret,
        "from": _place(one.here) if one.here else None,
        "over": [
            {**_place(standing), "value": standing.value, "takesAway": standing.takes_away}
            for standing in one.over
        ],
    }


def _place(standing: Standing) -> dict[str, Any]:
    return {"file": standing.file, "line": standing.line, "column": standing.column}
