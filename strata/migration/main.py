"""The commands: one for each phase, and two that only look. The answer is one JSON document; exit code 1 goes with `problems`."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Final, TextIO

from strata.migration import checking, copying, locating, pruning, settings
from strata.migration.database import Database
from strata.migration.failure import Stopped, words
from strata.migration.journal import Journal
from strata.migration.survey import move

FOLDER: Final = "/var/lib/strata/migrations"
NEXT: Final = {
    "": "copy",
    "copy": "copy",
    "copy done": "delta",
    "delta": "delta",
    "delta done": "locate",
    "located": "prune",
    "restored": "copy",
    "pruned": "nothing",
}
"""Phase as the journal has it -> the next command. After `restored` a copy finds everything proven and is done at once."""


def arguments(given: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="strata-migration")
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("check", "copy", "delta", "locate", "restore", "prune", "progress", "status"):
        one = commands.add_parser(name)
        one.add_argument("--journal", required=True, help=f"the journal's folder, {FOLDER}/NAME")
        if name in ("progress", "status"):
            continue
        one.add_argument("--config", default="/etc/glance/glance-api.conf")
        one.add_argument("--config-dir", action="append", default=[])
        one.add_argument("--from", dest="old", action="append", required=True)
        one.add_argument("--to", dest="new", required=True)
        # Every phase asks again: a volume may be unmounted between two of them.
        one.add_argument("--source", help="what the new directory must lie on, `server:/export`")
        one.add_argument("--mounted-at", help="where that must be mounted")
        one.add_argument("--workers", type=int, default=4)
        one.add_argument(
            "--images", default="-", help="prune: a file with a JSON list of image ids, - for the input"
        )
    return parser.parse_args(given)


def main(given: Sequence[str], out: TextIO = sys.stdout, input: TextIO = sys.stdin) -> int:
    """Runs one command; its answer goes to `out`."""
    chosen = arguments(given)
    journal = Journal(chosen.journal)
    try:
        answer = _run(chosen, journal, input)
    except Stopped as stopped:
        answer = {"problems": list(stopped.problems)}
    except OSError as error:
        answer = {"problems": [_broken(chosen.command, error)]}
    json.dump(answer, out)
    out.write("\n")
    return 1 if answer.get("problems") and chosen.command not in ("progress", "status") else 0


def _run(chosen: argparse.Namespace, journal: Journal, input: TextIO) -> dict[str, Any]:
    if chosen.command == "progress":
        return journal.state()
    if chosen.command == "status":
        return status(journal)
    read = settings.read(chosen.config, chosen.config_dir)
    database, directories = Database(read.connection), move(chosen.old, chosen.new)
    if chosen.command == "check":
        return checking.check(
            read, database, journal, directories, source=chosen.source, at=chosen.mounted_at
        )
    checking.refuse(read, directories, source=chosen.source, at=chosen.mounted_at)
    with journal.locked(f"`{chosen.command}`"), _noted(chosen.command, journal):
        _same_move(journal, directories.old, directories.new)
        if chosen.command in ("copy", "delta"):
            return copying.copy(
                database, journal, directories, final=chosen.command == "delta", workers=chosen.workers
            )
        if chosen.command == "prune":
            return pruning.prune(database, journal, directories, _ids(chosen.images, input), time.time)
        if chosen.command == "restore":
            return locating.restore(database, journal, time.time)
        return locating.locate(database, journal, directories, time.time)


@contextmanager
def _noted(command: str, journal: Journal) -> Iterator[None]:
    """A command that runs detached has nobody who hears its answer: what stopped it stands in the journal as well."""
    try:
        yield
    except (Stopped, OSError) as error:
        told = list(error.problems) if isinstance(error, Stopped) else [_broken(command, error)]
        with suppress(OSError):
            journal.note(problems=told, ended=time.time())
        raise


def _broken(command: str, error: OSError) -> str:
    return f"`{command}` was stopped: {words(error)} ({error.filename or 'no file named'}). Repeat it."


def _same_move(journal: Journal, old: Sequence[str], new: str) -> None:
    """A journal belongs to its directories; the way back has one of its own."""
    state = journal.state()
    if "new" not in state:
        journal.note(old=list(old), new=new)
    elif (state["old"], state["new"]) != (list(old), new):
        raise Stopped(
            f"The journal {journal.folder} is of the move from {', '.join(state['old'])} to {state['new']}. "
            "Give this move a name of its own."
        )


def _ids(path: str, input: TextIO) -> list[str]:
    try:
        if path == "-":
            found = json.load(input)
        else:
            with open(path, encoding="utf-8") as file:
                found = json.load(file)
    except ValueError:
        found = None
    if not isinstance(found, list):
        raise Stopped("`prune` needs a JSON list of image ids, and got something else. Nothing was removed.")
    return [str(one) for one in found]


def status(journal: Journal) -> dict[str, Any]:
    """Phase, next command, and whether a command is at work now."""
    state = journal.state()
    phase = state.get("phase", "")
    return {
        "phase": phase,
        "next": NEXT.get(phase, "check"),
        "working": journal.working(),
        "problems": state.get("problems", []),
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
