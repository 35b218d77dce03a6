"""An ONTAP cluster: read, find, create, change and remove objects over its REST API, without blocking and without guessing.

Reads are repeated after answers that say nothing about the object. Writes wait for their job until the caller's deadline. A
create is never repeated blindly: before it is sent again, the object is looked for by name.

Source: netapp-ontap 9.19.1 against ONTAP 9.11.1 and newer.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, Final, Protocol, TypeVar

from strata.clients.ontap_errors import BUSY, DUPLICATES, OVERLOADED, AnswerLost, Site, failure
from strata.clients.ontap_transport import JOB, Address, Document, Ending, Transport, Trouble
from strata.errors import Failed, TimedOut

T = TypeVar("T")
Seek = Callable[[], Awaitable[Document | None]]
"""Looks for the object that a create makes."""

RETURN_TIMEOUT: Final = 5
"""Seconds that ONTAP may hold a write's answer back for its job; short, so that a cancelled run ends soon after."""
READ_PAUSES: Final = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds before each repeat of a read."""
LOST_ANSWERS: Final = 5
"""How many lost answers to one write are followed up before giving up."""
JOB_PAUSES: Final = (0.2, 0.3, 0.5, 0.8, 1.2, 2.0, 3.0, 5.0)
"""Seconds between looks at a job; the last is repeated."""
BUSY_PAUSE: Final = 5.0


class Clock(Protocol):
    """Where a pause comes from."""

    @property
    def sleep(self) -> Callable[[float], Awaitable[None]]: ...


class Patience(Protocol):
    """The caller's deadline: `pause` waits, or raises TimedOut with what was still going on."""

    def remaining(self) -> float: ...

    async def pause(self, seconds: float, doing: str) -> None: ...


class OntapClient:
    """One cluster. No method's error and no repr ever holds the password.

    name     as in the stack file
    ca_file  the CA to trust; None for the system's store. Environment variables do not override it.
    """

    def __init__(
        self,
        name: str,
        hostname: str,
        port: int,
        username: str,
        password: str,
        ca_file: str | None,
        verify: bool,
        clock: Clock,
    ) -> None:
        self.name = name
        self._site = Site(name, f"{hostname}:{port}", username, ca_file)
        self._ca_file = ca_file if verify else None
        self._secret = password
        self._clock = clock
        self._transport = Transport(
            hostname, port, username, password, (ca_file or True) if verify else False
        )

    def __repr__(self) -> str:
        return f"OntapClient({self._site.name!r}, {self._site.address!r})"

    async def read(self, at: Address, fields: Iterable[str]) -> Document | None:
        """One object with exactly these fields, or None when the cluster says that it is not there."""
        doing = f"reading {at.sort.noun} {'/'.join(map(str, at.keys))}"
        try:
            return await self._repeated(doing, lambda: self._transport.get(at, {"fields": ",".join(fields)}))
        except Trouble as trouble:
            if _is_gone(trouble):
                return None
            raise self._failure(trouble, doing) from trouble

    async def find(self, at: Address, fields: Iterable[str], **filters: str) -> list[Document]:
        """Every object that the filters fit (`svm_name` is sent as `svm.name`)."""
        query = {key.replace("_", ".", 1): value for key, value in filters.items()} | {
            "fields": ",".join(fields)
        }
        doing = f"looking for {at.sort.noun} {filters.get('name', '')}".rstrip()
        try:
            return await self._repeated(doing, lambda: self._transport.collection(at, query))
        except Trouble as trouble:
            if _is_gone(trouble):
                return []
            raise self._failure(trouble, doing) from trouble

    async def create(
        self, at: Address, body: Document, doing: str, patience: Patience, seek: Seek
    ) -> Document:
        """Make an object and return what `seek` finds then.

        Raises Duplicate when somebody else's is in the way.
        """
        query = {"return_timeout": RETURN_TIMEOUT}
        lost = 0
        while True:
            try:
                await self._finished(self._transport.post, at, body, query, doing=doing, patience=patience)
                break
            except Trouble as trouble:
                if _maybe_done(trouble) or (lost and trouble.code in DUPLICATES):
                    lost += 1
                    if found := await seek():
                        return found
                if not _passes(trouble) and not (_maybe_done(trouble) and lost <= LOST_ANSWERS):
                    raise self._failure(trouble, doing) from trouble
                await self._pause(trouble, doing, patience)
        if found := await seek():
            return found
        raise Failed(
            f"{doing[0].upper() + doing[1:]}: {self._site} says that it was done, but it is not to be found. Repeat."
        )

    async def change(
        self,
        at: Address,
        body: Document,
        doing: str,
        patience: Patience,
        *,
        query: Mapping[str, Any] | None = None,
        repeatable: bool = True,
    ) -> None:
        """Change exactly the given leaves.

        repeatable: sending it twice comes to the same. When it is not, a lost answer raises AnswerLost.
        """
        asked = {"return_timeout": RETURN_TIMEOUT, **(query or {})}
        await self._insist(
            self._transport.patch, at, body, asked, doing=doing, patience=patience, repeatable=repeatable
        )

    async def add(self, at: Address, body: Document, doing: str, patience: Patience) -> None:
        """Make an object that has no name to look for; a lost answer raises AnswerLost."""
        await self._insist(
            self._transport.post, at, body, {}, doing=doing, patience=patience, repeatable=False
        )

    async def remove(
        self,
        at: Address,
        doing: str,
        patience: Patience,
        *,
        query: Mapping[str, Any] | None = None,
        repeatable: bool = True,
    ) -> None:
        """Remove an object; gone already is success.

        repeatable: False where the key is a place that another object moves into (the index of an export rule).
        """
        asked = {"return_timeout": RETURN_TIMEOUT, **(query or {})}
        try:
            await self._insist(
                self._transport.delete, at, asked, doing=doing, patience=patience, repeatable=repeatable
            )
        except Trouble as trouble:
            if not _is_gone(trouble):
                raise self._failure(trouble, doing) from trouble

    async def _insist(
        self, call: Callable[..., Document], *arguments: Any, doing: str, patience: Patience, repeatable: bool
    ) -> None:
        """Send a change until it is done, refused or too late."""
        lost = 0
        while True:
            try:
                return await self._finished(call, *arguments, doing=doing, patience=patience)
            except Trouble as trouble:
                if _is_gone(trouble) and call == self._transport.delete:
                    raise
                lost += _maybe_done(trouble)
                if not _passes(trouble) and not (
                    _maybe_done(trouble) and repeatable and lost <= LOST_ANSWERS
                ):
                    raise self._failure(trouble, doing) from trouble
                await self._pause(trouble, doing, patience)

    async def _finished(
        self, call: Callable[..., Document], *arguments: Any, doing: str, patience: Patience
    ) -> None:
        """Send once and wait for the job."""
        self._require_ca_file(doing)
        answer = await asyncio.to_thread(call, *arguments)
        job = answer.get("job") if isinstance(answer.get("job"), dict) else None
        if job and job.get("uuid"):
            await self._wait_for(str(job["uuid"]), doing, patience)

    async def _wait_for(self, job: str, doing: str, patience: Patience) -> None:
        """Watch a job to its end; raises Trouble with its code and words when it failed."""
        at, last, looks = Address(JOB, (job,)), "not seen yet", 0
        while True:
            try:
                found = await asyncio.to_thread(
                    self._transport.get, at, {"fields": "state,message,code,error"}
                )
            except Trouble as trouble:
                if _is_gone(trouble):
                    return  # ONTAP forgets jobs in time; what became of this one shows in the object
                if not _says_nothing(trouble):
                    raise
                last = f"{last}; then no answer"
            else:
                last = f"{found.get('state')}: {found.get('message') or 'no message'}"
                if found.get("state") == "success":
                    return
                if found.get("state") in ("failure", "cancelled", "expired"):
                    raise _job_trouble(job, found)
            pause = JOB_PAUSES[min(looks, len(JOB_PAUSES) - 1)]
            looks += 1
            await patience.pause(pause, f"Job {job} ({doing}; last seen as {last}) on {self._site}")

    async def _repeated(self, doing: str, call: Callable[[], T]) -> T:
        """A read, repeated while the answers say nothing about the object."""
        self._require_ca_file(doing)
        for pause in READ_PAUSES:
            try:
                return await asyncio.to_thread(call)
            except Trouble as trouble:
                if not _says_nothing(trouble) or trouble.ending is Ending.NO_CONNECTION:
                    raise
                await self._clock.sleep(max(pause, trouble.retry_after))
        return await asyncio.to_thread(call)

    async def _pause(self, trouble: Trouble, doing: str, patience: Patience) -> None:
        pause = trouble.retry_after or (BUSY_PAUSE if trouble.code in BUSY else 1.0)
        try:
            await patience.pause(pause, f"{doing[0].upper() + doing[1:]} on {self._site}")
        except TimedOut as late:
            raise TimedOut(f"{late} Last answer: {self._failure(trouble, doing)}") from trouble

    def _require_ca_file(self, doing: str) -> None:
        if self._ca_file and not os.path.isfile(self._ca_file):
            raise Failed(
                f"{doing[0].upper() + doing[1:]}: the caFile {self._ca_file} of {self._site} is not there. "
                "Correct the path, which is relative to the project folder, or make the file."
            )

    def _failure(self, trouble: Trouble, doing: str) -> Exception:
        """The sentence; should an answer repeat the password, it is masked."""
        if self._secret and self._secret in trouble.message:
            trouble = replace(trouble, message=trouble.message.replace(self._secret, "[secret]"))
        return failure(trouble, doing, self._site)


def _is_gone(trouble: Trouble) -> bool:
    """ONTAP says that there is no such object (a bare 404 may come from something that is no ONTAP)."""
    return trouble.ending is Ending.ANSWERED and trouble.code == "4" and not trouble.job


def _passes(trouble: Trouble) -> bool:
    """Nothing was done, and the same request may go through later."""
    return trouble.code in BUSY or (trouble.ending is Ending.ANSWERED and trouble.status in OVERLOADED)


def _maybe_done(trouble: Trouble) -> bool:
    """The change may have been done although no good answer came."""
    if trouble.ending is Ending.ANSWERED:
        return trouble.status >= 500 and not trouble.job
    return trouble.ending in (Ending.LOST, Ending.GARBLED)


def _says_nothing(trouble: Trouble) -> bool:
    """The answer to a read says nothing about the object."""
    if trouble.ending is Ending.GARBLED:
        return False  # no ONTAP, and it will not become one
    return _passes(trouble) or _maybe_done(trouble) or trouble.ending is Ending.NO_CONNECTION


def _job_trouble(job: str, found: Mapping[str, Any]) -> Trouble:
    error = found.get("error") if isinstance(found.get("error"), dict) else {}
    assert isinstance(error, dict)
    code, message = error.get("code", found.get("code", "")), error.get("message") or found.get("message")
    return Trouble(Ending.ANSWERED, str(message or found.get("state")), code=str(code), job=job)


__all__ = ["Address", "AnswerLost", "Clock", "OntapClient", "Patience"]
