"""`strata lab journal`: the requests that the emulators served, each a part of the lab."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lab.environment import Lab
from lab.failures import LabFailure
from strata.cli.lab.emulators import EMULATORS, client_of, running

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

UNTOLD = ("apiKey", "signature", "signatureVersion", "expires", "sessionkey", "response", "command")


def add_commands(commands: Subparsers, common: argparse.ArgumentParser) -> None:
    """Add the command."""
    journal = commands.add_parser("journal", parents=[common], help="every request the emulators served")
    journal.add_argument("--part", choices=EMULATORS, help="only this emulator's (both, by time)")
    journal.add_argument("--json", action="store_true", help="everything, for a program")
    journal.add_argument("--writes", action="store_true", help="only those that change something")
    journal.add_argument(
        "--since", type=int, default=0, metavar="N", help="only those after number N; needs --part"
    )
    journal.add_argument("--clear", action="store_true", help="forget them all")
    journal.set_defaults(lab_action=_journal)


def _journal(arguments: argparse.Namespace, lab: Lab) -> int:
    parts = [arguments.part] if arguments.part else running(lab)
    if arguments.since and not arguments.part:
        raise LabFailure("Each emulator counts its own requests: --since needs --part as well.")
    if arguments.clear:
        last = {part: _ask(lab, part, "DELETE")["last"] for part in parts}
        following = ", ".join(f"{part} {number + 1}" for part, number in last.items())
        print(f"The journal is empty; the next numbers are {following}.")
        return 0
    query = {"since": arguments.since, "writes": int(arguments.writes)}
    answers = {part: _ask(lab, part, "GET", query) for part in parts}
    entries = merged({part: each["entries"] for part, each in answers.items()})
    last = {part: each["last"] for part, each in answers.items()}
    if arguments.json:
        print(json.dumps({"last": last, "entries": entries}, indent=2))
        return 0
    for each in entries:
        print(line(each))
    if not entries:
        numbers = ", ".join(f"{part} {number}" for part, number in last.items())
        print(f"No such request; the last numbers are {numbers}.")
    return 0


def _ask(lab: Lab, part: str, method: str, query: Mapping[str, int] | None = None) -> dict[str, Any]:
    with client_of(lab, part) as client:
        answer: dict[str, Any] = (
            client.request(method, "/_lab/journal", params=query).raise_for_status().json()
        )
    return answer


def merged(journals: Mapping[str, Sequence[dict[str, Any]]]) -> list[dict[str, Any]]:
    """One list by time; each entry tells its part."""
    entries = [{"part": part, **each} for part, journal in journals.items() for each in journal]
    return sorted(entries, key=lambda each: (each["time"], each["seq"]))


def line(entry: dict[str, Any]) -> str:
    """One request: part, number, local time, status ("lost" when no answer was given), method, path, query.

    CloudStack's path is always the same: the command stands there, and what it was asked with but for what signs it.
    """
    at = time.strftime("%H:%M:%S", time.localtime(entry["time"]))
    shown, where = entry["query"], entry["path"]
    if entry["part"] == "cloudstack":
        where = entry["query"].get("command", entry["path"])
        shown = {name: value for name, value in shown.items() if _told(name)}
    query = "&".join(f"{name}={value}" for name, value in shown.items())
    status = entry["status"] or "lost"
    numbered = f"{entry['part']:<10} {entry['seq']:>5}  {at}  {status:>4}"
    return (
        f"{numbered}  {entry['method']:<6} {where}?{query}"
        if query
        else f"{numbered}  {entry['method']:<6} {where}"
    )


def _told(name: str) -> bool:
    """Details may hold a store's key, so none of them is shown."""
    return name not in UNTOLD and not name.lower().startswith("details")
