"""`strata graph`: a picture of a stack's resources and of the edges that order them."""

from __future__ import annotations

import argparse
import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from strata import stackfile
from strata.cli import graph_drawing, graph_order
from strata.errors import Failed

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

EXAMPLES: Final = """\
examples:
  strata graph lab --output lab.svg                     open it in a browser
  strata graph lab --output lab.dot                     for Graphviz: dot -Tpdf lab.dot
  strata graph lab --state state.json --output lab.svg  from a file that `pulumi stack export` wrote

An arrow points from what is made first to what is made after it. Components and providers order nothing and are left out.
"""

DRAWINGS: Final = {".svg": graph_drawing.svg, ".dot": graph_drawing.dot}


def register(subparsers: Subparsers) -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser(
        "graph",
        help="draw the resources and the edges that order them",
        description="Draw a stack's resources and the edges that order them, from its state.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("stack", metavar="STACK", help="the stack, for example lab")
    parser.add_argument(
        "--output", metavar="FILE", type=Path, required=True, help="a file that ends in .svg or .dot"
    )
    parser.add_argument(
        "--state", metavar="FILE", type=Path, help="an exported state instead of the stack's own"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Read the state, draw it, and say what was drawn."""
    draw = DRAWINGS.get(arguments.output.suffix)
    if draw is None:
        raise Failed(
            f"{arguments.output} is neither a .svg nor a .dot file: give --output a name that ends in one of them."
        )
    export = exported(arguments.stack) if arguments.state is None else _read(arguments.state)
    order = graph_order.from_state(export)
    try:
        arguments.output.write_text(draw(order, f"stack {arguments.stack}"), encoding="utf-8")
    except OSError as error:
        raise Failed(f"The picture can't be written to {arguments.output}: {error.strerror}.") from error
    print(f"{arguments.output}: {len(order.resources)} resources, {len(order.edges)} edges that order them")
    return 0


def exported(stack: str) -> dict[str, Any]:
    """The state of a stack, secrets in it encrypted; raises Failed with the engine's words."""
    command = ["pulumi", "stack", "export", "--stack", stack]
    try:
        done = subprocess.run(
            command, cwd=stackfile.root(Path.cwd()), capture_output=True, text=True, check=False
        )
    except FileNotFoundError as error:
        raise Failed("The program pulumi isn't on PATH: `source .venv/bin/activate` and repeat.") from error
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip()] or ["it said nothing"]
        answer = lines[-1].strip().removeprefix("error: ")
        raise Failed(f"The state of stack {stack} can't be read: `pulumi stack export` answered: {answer}.")
    return _state(done.stdout, f"the answer of `pulumi stack export --stack {stack}`")


def _read(file: Path) -> dict[str, Any]:
    try:
        return _state(file.read_text(encoding="utf-8"), str(file))
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise Failed(f"The state {file} can't be read: {reason}.") from error


def _state(text: str, what: str) -> dict[str, Any]:
    try:
        state = json.loads(text)
    except json.JSONDecodeError as error:
        raise Failed(f"No state can be read from {what}: it is not JSON (line {error.lineno}).") from error
    if not isinstance(state, dict) or "deployment" not in state:
        raise Failed(
            f"No state can be read from {what}: it has no deployment; write it with `pulumi stack export`."
        )
    return state
