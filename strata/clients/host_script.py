"""The shell scripts that a host runs: how they are handed over, and the ones that read and replace a file. Pure.

POSIX sh with GNU coreutils, as every Linux distribution with OpenStack packages has them.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from typing import Final

CHANGED: Final = 75
"""Exit code of REPLACE_FILE: the file is not as it was when it was read."""


def command(script: str, *, sudo: bool) -> tuple[str, bytes]:
    """(command line, beginning of its input) for a script; what follows in the input is the script's own.

    The script stands in braces: if the connection breaks half-way, the shell sees a syntax error and runs none of it.
    The pipe may break when nobody reads the answer any more; what was begun shall still come to its end.
    """
    prelude = "set -eu\ntrap '' HUP PIPE\nexport LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin\numask 022"
    whole = f"{{\n{prelude}\n{script}\n}}\n".encode("utf-8", "surrogateescape")
    line = f"sh -c 'script=$(head -c {len(whole)}) && eval \"$script\"'"
    return (f"sudo -n -- {line}" if sudo else line), whole


def new_mark() -> str:
    """A line that no file can hold by accident."""
    return f"--strata-{secrets.token_hex(12)}"


def in_parts(parts: Mapping[str, str], mark: str, before: str = "") -> str:
    """One script that prints the output of each part under a head line; a part that fails leaves what it printed.

    before: sets variables that the parts use.
    """
    pieces = [
        f"printf '%s\\n' '{mark} {name}'\n(\n{script}\n) </dev/null 2>/dev/null || true\necho"
        for name, script in parts.items()
    ]
    return "\n".join([before, *pieces])


def parts_of(printed: bytes, mark: str) -> dict[str, bytes]:
    """What each part of `in_parts` printed, byte for byte."""
    pieces = re.split(rf"^{mark} (.*)\n".encode(), printed, flags=re.MULTILINE)[1:]
    return {name.decode(): text[:-1] for name, text in zip(pieces[::2], pieces[1::2], strict=True)}


READ_FILE: Final = """
[ -e {path} ] || exit 0
real=$(readlink -f -- {path})
stat -c '%a %U %G %n' -- "$real"
cat -- "$real"
"""

REPLACE_FILE: Final = """
target={path}
real=$(readlink -m -- "$target")
mkdir -p -- "$(dirname -- "$real")"
if command -v flock >/dev/null && [ -d /run/lock ]; then exec 9>>/run/lock/strata-files; flock 9; fi
digest() {{ if [ -e "$1" ]; then sha256sum <"$1" | cut -d ' ' -f 1; else echo none; fi; }}
new=$(mktemp -- "$(dirname -- "$real")/.$(basename -- "$real").strata-XXXXXX")
trap 'rm -f -- "$new"' EXIT
if [ -e "$real" ]; then cp --preserve=all -- "$real" "$new"; else chmod 0644 -- "$new"; fi
cat >"$new"
if [ "$(digest "$new")" != {new} ]; then echo 'the new content did not arrive whole; nothing was changed' >&2; exit 1; fi
sync -- "$new"
if [ "$(digest "$real")" != {old} ]; then exit 75; fi
if [ {backup} = yes ] && [ -e "$real" ] && [ ! -e "$real.strata-backup" ]; then
  cp --preserve=all -- "$real" "$new.backup"
  sync -- "$new.backup"
  mv -n -- "$new.backup" "$real.strata-backup"
fi
mv -fT -- "$new" "$real"
sync -- "$(dirname -- "$real")"
"""
"""Content by standard input; the temporary file starts as a copy, so that mode, owner and attributes are those of the old one."""
