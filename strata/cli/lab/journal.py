"""`strata lab journal`: the requests that the ONTAP emulator served."""

from __future__ import annotations

import argparse
import json
import time
from typing import TYPE_CHECKING, Any

from lab.environment import Lab

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]


def add_commands(commands: Subparsers, common: argparse.ArgumentParser) -> None:
    """Add the command."""
    journal = commands.add_parser("journal", parents=[common], help="every request the emulator served")
    journal.add_argument("--json", action="store_true", help="everything, for a program")
    journal.add_argument("--writes", action="store_true", help="only those that change something")
    journal.add_argument("--since", type=int, default=0, metavar="N", help="only those after number N")
    journal.add_argument("--clear", action="store_true", help="forget them all")
    journal.set_defaults(lab_action=_journal)


def _journal(arguments: argparse.Namespace, lab: Lab) -> int:
    with lab.ontap() as client:
        if arguments.clear:
            last = client.delete("/_lab/journal").raise_for_status().json()["last"]
            print(f"The journal is empty; the next request is number {last + 1}.")
            return 0
        query = {"since": arguments.since, "writes": int(arguments.writes)}
        answer = client.get("/_lab/journal", params=query).raise_for_status().json()
    if arguments.json:
        print(json.dumps(answer, indent=2))
        return 0
    for each in answer["entries"]:
        print(line(each))
    if not answer["entries"]:
        print(f"No such request; the last one is number {answer['last']}.")
    return 0


def line(entry: dict[str, Any]) -> str:
    """One request: number, local time, status (or "lost", when no answer was given), method, path, query."""
    at = time.strftime("%H:%M:%S", time.localtime(entry["time"]))
    query = "&".join(f"{name}={value}" for name, value in entry["query"].items())
    status = entry["status"] or "lost"
    where = f"{entry['path']}?{query}" if query else entry["path"]
    return f"{entry['seq']:>5}  {at}  {status:>4}  {entry['method']:<6} {where}"
