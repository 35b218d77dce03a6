"""The commands: one for each phase, and two that only look. The answer is one JSON document; exit code 1 goes with `problems`."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Final, TextIO

from strata.migration import checking, copying, locating, proving, pruning, settings, spec, watching
from strata.migration.api import Api
from strata.migration.cutover import cutover
from strata.migration.database import Database
from strata.migration.failure import Stopped, words
from strata.migration.job import Job
from strata.migration.journal import Journal
from strata.migration.rollback import rollback
from strata.migration.survey import move

FOLDER: Final = "/var/lib/strata/migrations"
LOOKING: Final = ("check", "progress", "status")
WORKING: Final = ("copy", "delta", "locate", "restore", "cutover", "rollback", "prove", "prune")
NEXT: Final = {
    "check": "copy",
    "copy": "cutover",
    "delta": "locate",
    "locate": "prune",
    "start": "prove",
    "rolled back": "cutover",
}
"""Phase that has ended without problems -> the next command."""


def arguments(given: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="strata-migration")
    commands = parser.add_subparsers(dest="command", required=True)
    for name in (*LOOKING, *WORKING):
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
        one.add_argument("--leave", action="append", default=[], help="id of an image whose file is lost")
        one.add_argument("--workers", type=int, default=8)
        one.add_argument(
            "--images", default="-", help="prune: a file with a JSON list of image ids, - for the input"
        )
        if name == "check":
            one.add_argument("--no-probe", action="store_true", help="write nothing, not even a probe file")
            one.add_argument(
                "--target-absent", action="store_true", help="the new place may still be to come"
            )
            one.add_argument("--measure-start", action="store_true", help="say how long Glance takes to load")
        if name == "prove":
            one.add_argument(
                "--api",
                type=_address,
                required=True,
                help="ADDRESS:PORT; a token comes as the input's first line",
            )
            one.add_argument(
                "--proof", type=_amount, default="auto", help="all, auto, or how many images in whole"
            )
        if name in ("cutover", "rollback"):
            one.add_argument("--spec", required=True, help="a file with what is to be set, - for the input")
    return parser.parse_args(given)


def _address(given: str) -> tuple[str, int]:
    address, _, port = given.rpartition(":")
    return address.strip("[]"), int(port)


def _amount(given: str) -> str:
    return given if given in ("all", "auto") else str(max(0, int(given)))


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
    code = 1 if answer.get("problems") and chosen.command not in ("progress", "status") else 0
    if watching.stuck():
        # An interpreter that ends waits for its threads, and this one waits for a server that is gone.
        out.flush()
        os._exit(code)
    return code


def _run(chosen: argparse.Namespace, journal: Journal, input: TextIO) -> dict[str, Any]:
    if chosen.command == "progress":
        return journal.state()
    if chosen.command == "status":
        return status(journal)
    read = settings.read(chosen.config, chosen.config_dir)
    job = Job(
        read,
        Database(read.connection),
        journal,
        # Putting back does not need the new place, whose server may be gone.
        move(chosen.old, chosen.new, chosen.leave, look=chosen.command != "rollback"),
        chosen.source,
        chosen.mounted_at,
        chosen.workers,
        tuple(settings.files_of(chosen.config, chosen.config_dir)),
    )
    if chosen.command == "check":
        return checking.check(
            read,
            job.database,
            journal,
            job.move,
            source=chosen.source,
            at=chosen.mounted_at,
            probe=not chosen.no_probe,
            target_absent=chosen.target_absent,
            measure_start=chosen.measure_start,
        )
    given = spec.read(chosen.spec, input) if chosen.command in ("cutover", "rollback") else None
    if chosen.command != "rollback":
        job.refuse()
    with journal.locked(f"`{chosen.command}`"), _noted(chosen.command, journal):
        _same_move(journal, job.move.old, job.move.new)
        if given is not None:
            return cutover(job, given) if chosen.command == "cutover" else rollback(job, given)
        return _phase(chosen, job, input)


def _phase(chosen: argparse.Namespace, job: Job, input: TextIO) -> dict[str, Any]:
    """One of the phases that a cutover is made of, by itself; or what comes after it."""
    database, journal, directories = job.database, job.journal, job.move
    if chosen.command in ("copy", "delta"):
        final = chosen.command == "delta"
        return copying.copy(database, journal, directories, final=final, workers=job.workers).answer
    if chosen.command == "prove":
        return proving.prove(job, Api(chosen.api[0], chosen.api[1], input.readline().strip()), chosen.proof)
    if chosen.command == "prune":
        return pruning.prune(database, journal, directories, _ids(chosen.images, input), time.time)
    if chosen.command == "restore":
        journal.begin("rollback")
        answer = locating.restore(database, journal)
        journal.note(phase="rolled back", ended=time.time())
        return answer
    journal.begin("locate")
    answer = locating.locate(database, journal, directories)
    journal.note(ended=time.time(), located=answer["already"] + answer["rewritten"])
    return answer


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
    elif (sorted(state["old"]), state["new"]) != (sorted(old), new):
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
    over = state.get("ended") is not None and not state.get("problems")
    following = "nothing" if "pruned" in state and phase == "done" else "prune" if phase == "done" else None
    return {
        "phase": phase,
        "next": following or (NEXT.get(phase) if over else "") or (phase and "copy") or "check",
        "working": journal.working(),
        "problems": state.get("problems", []),
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
