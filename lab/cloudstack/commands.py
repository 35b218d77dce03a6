"""The table of commands: what each needs, who answers it, and how its answer is wrapped."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lab.cloudstack.errors import ApiError, missing, no_such_entity
from lab.ontap.model import Document

if TYPE_CHECKING:
    from lab.cloudstack.system import System

BOTH = ("modern", "legacy")
MODERN = ("modern",)
LEGACY = ("legacy",)

# Parameters that name a row, for every command that has them.
REFERENCES = {
    "zoneid": "zones",
    "podid": "pods",
    "clusterid": "clusters",
    "physicalnetworkid": "physical_networks",
    "nspid": "providers",
    "networkid": "networks",
    "networkofferingid": "offerings",
    "jobid": "jobs",
}
# Answers that are not wrapped in the command's name in lower case plus "response".
_WRAPPERS = {
    "updateImageStore": ("updateImageStoreresponse", "updateImageStore"),
    "addImageStoreS3": ("addImageStoreS3Response", "addImageStoreS3Response"),
    "listSecondaryStagingStores": ("listsecondarystagingstoreresponse", "listsecondarystagingstoreresponse"),
    "enableStorageMaintenance": ("prepareprimarystorageformaintenanceresponse",) * 2,
    "cancelStorageMaintenance": ("cancelprimarystoragemaintenanceresponse",) * 2,
}
_READS = ("list", "query", "get", "login", "logout")


@dataclass(frozen=True)
class Call:
    """One request, its user known; names of parameters are in lower case."""

    system: System
    command: str
    params: Mapping[str, str]
    user: Document

    def get(self, name: str) -> str | None:
        """The value; None when it is absent."""
        return self.params.get(name)

    def flag(self, name: str) -> bool:
        """Whether it is true."""
        return self.params.get(name, "").lower() == "true"

    def row(self, name: str, table: str | None = None) -> Document:
        """The row that a parameter names; it may be one that was removed."""
        return self.system.store.table(table or REFERENCES[name])[self.params[name]]

    def live(self, name: str) -> Document | None:
        """The same, or None when the parameter is absent or the row was removed."""
        if name not in self.params:
            return None
        row = self.row(name)
        return None if row.get("~removed") else row

    def details(self) -> dict[str, str | None]:
        """`details[i].key` and `.value`: the number only groups, and the last of two equal keys wins."""
        groups: dict[str, dict[str, str]] = {}
        for name, value in self.params.items():
            if name.startswith("details[") and "]." in name:
                index, _, part = name[len("details[") :].partition("].")
                groups.setdefault(index, {})[part] = value
        return {str(group.get("key")): group.get("value") for group in groups.values()}


@dataclass(frozen=True)
class Started:
    """An asynchronous command under way. `id` stands in the answer; `kind` and `instance` in the job."""

    id: str | None = None
    kind: str | None = None
    instance: str | None = None
    seconds: float | None = None


Run = Callable[[Call], Any]
Finish = Callable[[Call, Started], Document]


@dataclass(frozen=True)
class Command:
    """One command. `of` is the table that its `id` names; `job` the class that a job of it shows, without the package.

    `gone`: its own words for a row that was removed, by the row's number; to the others such a row is none.
    """

    name: str
    run: Run
    required: tuple[str, ...] = ()
    of: str | None = None
    eras: tuple[str, ...] = BOTH
    job: str | None = None
    finish: Finish | None = None
    gone: Callable[[int], ApiError] | None = None

    def check(self, system: System, params: Mapping[str, str]) -> None:
        """What the server checks of every command before the command is asked: presence, length, uuids."""
        spoken = command_name(self.name)
        for name in self.required:
            if not params.get(name):
                raise missing(spoken, name)
        for name, value in params.items():
            if name == "name" and len(value) > 255:
                text = f"Unable to execute API command {spoken} due to invalid value. "
                raise ApiError(431, f"{text}Value greater than max allowed length 255 for param: {name}")
            table = self.of if name == "id" else REFERENCES.get(name)
            if table is None:
                continue
            row = system.store.table(table).get(value)
            if row is None:
                raise no_such_entity(spoken, name, value)
            if row.get("~removed") and changes(self.name):
                raise self.gone(row["~n"]) if self.gone else no_such_entity(spoken, name, value)


COMMANDS: dict[tuple[str, str], Command] = {}


def command(name: str, **more: Any) -> Callable[[Run], Run]:
    """Put the function under the command's name, in the eras that have it."""

    def put(run: Run) -> Run:
        made = Command(name, run, **more)
        for era in made.eras:
            COMMANDS[era, name] = made
        return run

    return put


def remove(row: Document) -> None:
    """Take a row away as the database does: it stays, marked, so that its number can still be told."""
    row["~removed"] = True


def removal(table: str) -> Finish:
    """The end of a job that takes one row away."""

    def finish(call: Call, _started: Started) -> Document:
        remove(call.row("id", table))
        return {"success": True}

    return finish


def wrapper(name: str) -> str:
    """The key over a good answer."""
    return _WRAPPERS.get(name, (name.lower() + "response",))[0]


def error_wrapper(name: str) -> str:
    """The key over a refusal."""
    return _WRAPPERS.get(name, (name.lower() + "response",))[-1]


def command_name(name: str) -> str:
    """How a refusal calls the command: the wrapper without its ending, oddities with it."""
    return error_wrapper(name).removesuffix("response")


def changes(name: str) -> bool:
    """Whether the command changes anything."""
    return not name.startswith(_READS)
