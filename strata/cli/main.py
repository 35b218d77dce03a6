"""The entry of the `strata` command."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Final

from strata import __version__
from strata.cli import adopt, drift, explain, graph, lab, new, validate, verify
from strata.errors import StrataError

SUBCOMMANDS: Final = (validate, explain, new, adopt, verify, drift, graph, lab)
"""Each has `register(subparsers)`; its parser sets `run`, from the arguments to the exit code."""

WRONG_INPUT: Final = 2

EXAMPLES: Final = """\
examples:
  strata validate                        check every stack file, without passphrase and network
  strata validate tokyo --format json    one stack, for a program
  strata explain tokyo                   where each value comes from: file and line
  strata new osaka --from tokyo          a new environment after the model of another
  strata adopt kyoto                     the stack file of an environment that is there already
  strata lab up                          the embedded environment
  strata verify lab                      prove the result by use
  strata drift --all                     what has moved away from what is declared
  strata graph lab --output lab.svg      the resources, and the edges that order them
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one subcommand. 2 is wrong usage or input; other codes are the subcommand's own."""
    arguments = parser().parse_args(argv)
    try:
        code: int = arguments.run(arguments)
    except StrataError as error:
        print(f"strata {arguments.subcommand}: {error}", file=sys.stderr)
        return WRONG_INPUT
    except KeyboardInterrupt:
        print(f"strata {arguments.subcommand}: interrupted.", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # Whoever read the output has gone (`strata … | head`); nothing is left to say.
        sys.stderr.close()
        return 141
    return code


def parser() -> argparse.ArgumentParser:
    """The parser with every subcommand that is there."""
    top = argparse.ArgumentParser(
        prog="strata",
        description="The storage foundation of a private cloud, declared in one YAML file per environment.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"strata {__version__}")
    subparsers = top.add_subparsers(dest="subcommand", metavar="COMMAND", required=True)
    for subcommand in SUBCOMMANDS:
        subcommand.register(subparsers)
    return top


if __name__ == "__main__":
    sys.exit(main())
