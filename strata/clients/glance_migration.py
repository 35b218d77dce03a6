"""The program that moves Glance's images, and its journals, on the one host where it runs.

A look hands the program's text over by standard input and writes nothing. The work itself runs as a unit of systemd, so that it
survives the run and the connection, and the next run finds it again; nothing is asked of it but files.
"""

from __future__ import annotations

import json
import secrets
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from strata.clients import glance_migration_scripts as scripts
from strata.clients.glance_migration_move import Move
from strata.clients.host import CommandFailed, HostClient
from strata.deadline import Deadline
from strata.errors import Failed, StrataError
from strata.migration.bundle import bundle, version

FOLDER: Final = "/var/lib/strata/migrations"
RUNNING: Final = ("active", "activating", "deactivating", "reloading")
ACT_SECONDS: Final = 600.0
POLL_SECONDS: Final = 30.0
"""How long one poll may take before the host counts as lost for the moment."""


@dataclass(frozen=True)
class Order:
    """One command of the program as it is to run detached.

    input  what the program finds in the file whose path stands for INPUT in the arguments
    token  what it gets as its first line on standard input, None for a command that asks for nothing
    """

    command: str
    arguments: tuple[str, ...]
    input: bytes | None = None
    token: str | None = field(default=None, repr=False)
    run: str = field(default_factory=lambda: secrets.token_hex(8))


INPUT: Final = "{input}"


@dataclass(frozen=True)
class Poll:
    """How far a detached command is: `running` None where systemd was not asked; `answer` None while there is none."""

    running: bool | None
    state: dict[str, Any]
    answer: dict[str, Any] | None
    said: str


@dataclass(frozen=True)
class Seen:
    """What lies in the folder: the record, the hosts in the mark `back`, what was begun last and how far that is."""

    record: dict[str, Any] | None
    back: tuple[str, ...]
    running: bool
    last: dict[str, Any] | None
    answered: bool
    phase: str


class Program:
    """The program on its host. name: of the migration, `glance` where there is only one."""

    def __init__(self, host: HostClient, name: str) -> None:
        self.host = host
        self.name = name
        self.folder = f"{FOLDER}/{name}"
        self.unit = f"strata-migration-{name}.service"
        self._text = bundle()
        self._version = version(self._text)
        self.path = f"{self.folder}/program-{self._version}.py"

    def journal(self, move: Move) -> str:
        """The journal's folder of that move."""
        return f"{self.folder}/moves/{move.name}"

    async def look(self) -> Seen:
        """What was begun here and what is going on, in one round trip; only reads."""
        parts = {
            name: script.format(unit=self.unit, folder=self.folder) for name, script in scripts.LOOK.items()
        }
        found = await self.host.read_parts(parts, doing="looking at the journal of Glance's images")
        last = _document(found["running"])
        state = _document(found["state"]) or {}
        answered = _document(found["answered"])
        return Seen(
            record=_document(found["record"]),
            back=tuple(found["back"].decode().split()),
            running=found["active"].decode().strip() in RUNNING,
            last=last,
            answered=answered is not None and "died" not in answered,
            phase=str(state.get("phase", "")),
        )

    async def check(self, move: Move, *flags: str, mounted: bool = True) -> dict[str, Any]:
        """What there is to move and what stands in the way (`problems`); the program's text travels with the question."""
        arguments = move.on_its_mount if mounted else move.arguments
        given = ["check", "--journal", self.journal(move), *arguments, *flags]
        return await self._answer(f"python3 - {shlex.join(given)}", "looking at Glance's images")

    async def observe(self) -> dict[str, Any]:
        """`record`, and when there is one `state` of its journal and `check` of what lies below the sources now."""
        script = f"python3 -c {shlex.quote(scripts.OBSERVER)} {shlex.quote(self.folder)}"
        return await self._answer(script, "looking at Glance's images")

    async def upload(self, deadline: Deadline) -> None:
        """Put the program in its place, if it is not there as it has to be."""
        script = scripts.UPLOAD.format(folder=self.folder, program=self.path, version=self._version)
        doing = "bringing the program that moves Glance's images"
        await self.host.run(script, input=self._text.encode(), doing=doing, deadline=at_most(deadline))

    async def begin(self, journal: str, order: Order, deadline: Deadline) -> None:
        """Let a command run detached; the same order handed over twice is begun once."""
        path = f"{journal}/input-{order.command}"
        arguments = ["--journal", journal, *(path if one == INPUT else one for one in order.arguments)]
        noted = json.dumps(
            {"run": order.run, "command": order.command, "journal": journal, "arguments": arguments}
        )
        script = scripts.START.format(
            journal=shlex.quote(journal),
            unit=self.unit,
            running=f"{self.folder}/running.json",
            run=order.run,
            command=order.command,
            token="no" if order.token is None else "yes",
            input="" if order.input is None else f"cat >{shlex.quote(path)}",
            noted=shlex.quote(noted),
            description=shlex.quote("Strata moves Glance's images"),
            runner=shlex.quote(scripts.RUNNER),
            program=self.path,
            arguments=shlex.join([order.command, *arguments]),
        )
        given = order.input if order.token is None else f"{order.token}\n".encode()
        try:
            await self.host.run(
                script, input=given, doing=f"beginning `{order.command}`", deadline=at_most(deadline)
            )
        except CommandFailed as error:
            if "strata-at-work" not in error.stderr:
                raise
            raise Failed(
                f"Another run is moving Glance's images on host {self.host.name} ({self.unit} is at work). Wait for its end, "
                "and repeat."
            ) from error

    async def poll(self, journal: str, command: str, *, ask: bool) -> Poll:
        """How far it is. ask: whether systemd is asked for the unit even while there is no answer."""
        parts = {
            name: script.format(
                unit=self.unit, journal=shlex.quote(journal), command=command, slow="yes" if ask else "no"
            )
            for name, script in scripts.POLL.items()
        }
        deadline = Deadline(POLL_SECONDS)
        found = await self.host.read_parts(parts, doing=f"asking how far `{command}` is", deadline=deadline)
        active = found["active"].decode().strip()
        return Poll(
            running=None if active == "unknown" else active in RUNNING,
            state=_document(found["state"]) or {},
            answer=_document(found["answer"]),
            said=found["said"].decode("utf-8", "replace").strip(),
        )

    async def end(self, deadline: Deadline) -> None:
        """Stop the unit: only for one that waits and has changed nothing."""
        script = f"systemctl stop -- {self.unit} 2>/dev/null || true"
        await self.host.run(script, doing="ending a move that was not begun", deadline=at_most(deadline))

    async def go(self, journal: str, deadline: Deadline) -> None:
        """Let a cutover that waits go on; raises Failed where none waits any more. The same word twice is one."""
        script = scripts.GO.format(unit=self.unit, journal=shlex.quote(journal))
        try:
            await self.host.run(script, doing="going on", deadline=at_most(deadline))
        except CommandFailed as error:
            if "strata-not-waiting" not in error.stderr:
                raise
            raise Failed(
                f"The move on host {self.host.name} did not wait any longer for the other hosts to stop."
            ) from error

    async def read(self, journal: str, name: str) -> dict[str, Any] | None:
        """A document of a journal."""
        printed = await self.host.read(
            f"cat -- {shlex.quote(f'{journal}/{name}')} 2>/dev/null || true", doing=f"reading {name}"
        )
        return _document(printed)

    async def came_to_its_end(self, journal: str) -> bool:
        """Whether the last cutover did, after which nothing is put back; False where the host does not say."""
        try:
            noted = await self.read(journal, "setting.json")
        except StrataError:
            return False
        return noted is not None and not noted.get("open") and not noted.get("back")

    async def journals_to(self, directory: str) -> dict[str, tuple[str, ...]]:
        """Journals of moves to that directory -> from where."""
        script = scripts.JOURNALS.format(folder=self.folder)
        printed = await self.host.read(script, doing="reading the journals of Glance's images")
        found = {}
        for line in printed.decode("utf-8", "surrogateescape").splitlines():
            name, _, text = line.partition(" ")
            state = _document(text.encode("utf-8", "surrogateescape")) or {}
            if state.get("new") == directory:
                found[f"{self.folder}/moves/{name}"] = tuple(str(one) for one in state.get("old", []))
        return found

    async def write_record(self, record: dict[str, Any], deadline: Deadline) -> None:
        """Replace record.json at one stroke."""
        content = json.dumps(record, indent=1).encode()
        await self._write(f"{self.folder}/record.json", content, "keeping the record of the move", deadline)

    async def mark_back(self, hosts: Sequence[str], deadline: Deadline) -> None:
        """Leave word that the images go back to where they came from when the migration is deleted; none: they stay."""
        path = f"{self.folder}/back"
        if hosts:
            content = "".join(f"{one}\n" for one in hosts).encode()
            await self._write(path, content, "leaving word that the images go back", deadline)
        else:
            await self.host.run(f"rm -f -- {path}", doing="taking that word back", deadline=at_most(deadline))

    async def forget(self, deadline: Deadline) -> None:
        """Neither record nor mark; the journals stay."""
        script = f"rm -f -- {self.folder}/record.json {self.folder}/back"
        await self.host.run(
            script, doing="forgetting the move of Glance's images", deadline=at_most(deadline)
        )

    async def _write(self, path: str, content: bytes, doing: str, deadline: Deadline) -> None:
        await self.host.run(
            scripts.WRITE.format(path=path), input=content, doing=doing, deadline=at_most(deadline)
        )

    async def _answer(self, command: str, doing: str) -> dict[str, Any]:
        # The exit code 1 goes with problems as well, and then there is an answer.
        script = f'code=0\nanswer=$({command}) || code=$?\n[ -n "$answer" ] || exit "$code"\nprintf "%s\\n" "$answer"'
        try:
            printed = await self.host.read(
                script, input=self._text.encode(), doing=doing, deadline=Deadline(ACT_SECONDS)
            )
        except CommandFailed as error:
            raise Failed(f"{error}. {_advice(error)}") from error
        answer = _document(printed)
        if answer is None:
            raise Failed(
                f"{doing.capitalize()} on host {self.host.name} gave no answer that can be read. Repeat."
            )
        return answer


async def take_back(host: HostClient, name: str, deadline: Deadline) -> None:
    """The word that a store of that name has left in any folder on its own host."""
    script = scripts.TAKE_BACK.format(folder=FOLDER, name=shlex.quote(name))
    await host.run(script, doing="looking whether images were to go back", deadline=at_most(deadline))


def at_most(deadline: Deadline, seconds: float = ACT_SECONDS) -> Deadline:
    """For an act that is short, within an operation that may take days: a host that hangs is found out sooner."""
    return Deadline(min(seconds, deadline.remaining()), deadline.clock)


def _advice(error: CommandFailed) -> str:
    if "No module named 'sqlalchemy'" in error.stderr:
        return "The host's python3 has to be the one that Glance runs with; install python3-sqlalchemy there."
    return "See that Glance is installed there with its own Python, and repeat."


def _document(printed: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(printed)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
