"""`with_credentials.py COMMAND …`: run a command with what STRATA_CREDENTIALS holds in its environment.
`with_credentials.py --mask`: tell GitHub's runner each of these values, so that no log shows one.

A stack file says `{env: CLUSTER01_PASSWORD}`. A workflow can't pass on secrets whose names it does not know, so the ones of a
stack are one secret: a JSON object from names to values. Only the command sees them, one by one, and never in its arguments.
The runner masks that secret as a whole; the values in it are masked by nobody else.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import sys
from collections.abc import Mapping, Sequence

WHERE = "STRATA_CREDENTIALS"
SHORTEST = 4
"""Characters of what is masked; less would make every log unreadable."""
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def environment(outer: Mapping[str, str]) -> dict[str, str]:
    """`outer` with the credentials unpacked. Raises ValueError with a sentence that holds none of them."""
    return {name: value for name, value in outer.items() if name != WHERE} | credentials(outer)


def credentials(outer: Mapping[str, str]) -> dict[str, str]:
    """Those that are packed. Raises ValueError with a sentence that holds none of them."""
    packed = outer.get(WHERE, "").strip()
    if not packed:
        return {}
    try:
        found = json.loads(packed)
    except ValueError:
        found = None
    if not isinstance(found, dict) or not all(isinstance(one, str) for one in found.values()):
        raise ValueError(f'{WHERE} is not a JSON object of texts, such as {{"CLUSTER01_PASSWORD": "…"}}.')
    for name in found:
        if not NAME.fullmatch(name):
            raise ValueError(f"{WHERE} has a name that no environment variable can have.")
    return found


def masks(outer: Mapping[str, str]) -> list[str]:
    """The runner's command for each line of each value: a log has lines, and a key has several."""
    lines = {line.strip() for value in credentials(outer).values() for line in value.splitlines()}
    return [f"::add-mask::{line.replace('%', '%25')}" for line in sorted(lines) if len(line) >= SHORTEST]


def mask() -> int:
    """Tell the runner, where there is one; what is wrong with the credentials the command says that needs them."""
    if os.environ.get("GITHUB_ACTIONS") == "true":
        with contextlib.suppress(ValueError):
            sys.stdout.writelines(f"{line}\n" for line in masks(os.environ))
    return 0


def main(command: Sequence[str]) -> int:
    """Become the command."""
    if list(command) == ["--mask"]:
        return mask()
    try:
        inner = environment(os.environ)
        os.execvpe(command[0], list(command), inner)
    except ValueError as error:
        print(error, file=sys.stderr)
    except OSError as error:
        print(f"{command[0]} can't be run: {error.strerror}. Has `make setup` been run?", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
