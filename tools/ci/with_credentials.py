"""`with_credentials.py COMMAND …`: run a command with what STRATA_CREDENTIALS holds in its environment.

A stack file says `{env: CLUSTER01_PASSWORD}`. A workflow can't pass on secrets whose names it does not know, so the ones of a
stack are one secret: a JSON object from names to values. Only the command sees them, one by one, and never in its arguments.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Mapping, Sequence

WHERE = "STRATA_CREDENTIALS"
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def environment(outer: Mapping[str, str]) -> dict[str, str]:
    """`outer` with the credentials unpacked. Raises ValueError with a sentence that holds none of them."""
    inner = {name: value for name, value in outer.items() if name != WHERE}
    packed = outer.get(WHERE, "").strip()
    if not packed:
        return inner
    try:
        credentials = json.loads(packed)
    except ValueError:
        credentials = None
    if not isinstance(credentials, dict) or not all(isinstance(one, str) for one in credentials.values()):
        raise ValueError(f'{WHERE} is not a JSON object of texts, such as {{"CLUSTER01_PASSWORD": "…"}}.')
    for name in credentials:
        if not NAME.fullmatch(name):
            raise ValueError(f"{WHERE} has a name that no environment variable can have.")
    return inner | credentials


def main(command: Sequence[str]) -> int:
    """Become the command."""
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
