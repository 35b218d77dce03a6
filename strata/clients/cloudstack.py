"""CloudStack's API: signed calls by POST, lists to their last page, jobs to their end.

The PyPI package `cs` signs (version 3, with an expiry) and speaks HTTP; retries, jobs and words for the operator are ours,
because they need the deadline of the operation. A read is repeated when no answer comes; a write never is: its answer may be lost
while the work was done (`LostAnswer`), and the caller looks before it asks again.

Source: facts/cloudstack-real.md 4. `cs` 5.2.0 leaves `~` unescaped, which the server's signature does not.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Literal

import requests
from cs import CloudStack, CloudStackApiException, CloudStackException
from urllib3.exceptions import LocationParseError

from strata.clients.cloudstack_errors import (
    INTERNAL,
    INVALID,
    UNAUTHORIZED,
    UNAVAILABLE,
    UNSUPPORTED,
    LostAnswer,
    Refused,
    no_answer,
    not_the_api,
    refusal,
)
from strata.deadline import Clock, Deadline
from strata.errors import Failed, Unreachable

Document = dict[str, Any]
Era = Literal["modern", "legacy"]
"""Whether image stores are known (CloudStack 4.2 and later) or `addSwift` and a setting (3.0 to 4.1)."""
Say = Callable[[str], Awaitable[None]]

ANSWER_SECONDS = 60
"""How long the answer to a read may take."""
WRITE_SECONDS = 300
"""How long the answer to a write may take: addHost answers when the host's agent has connected."""
READ_SECONDS = 15.0
"""How long a read is repeated while nothing answers."""
_FIRST_PAUSE, _LONGEST_PAUSE = 0.25, 4.0


def same_url(one: object, other: str) -> bool:
    """Whether two URLs of a store are the same but for a slash at the end, which CloudStack keeps as it was given."""
    return str(one).rstrip("/") == other.rstrip("/")


class CloudStackClient:
    """One management server (or the balancer in front of several)."""

    def __init__(
        self,
        *,
        endpoint: str,
        api_key: str,
        secret_key: str,
        ca_file: str | None = None,
        verify: bool = True,
        clock: Clock | None = None,
    ) -> None:
        self.endpoint = endpoint
        self._secrets = (secret_key, api_key)
        self._clock = clock or Clock()
        self._era: Era | None = None
        options: dict[str, Any] = {
            "endpoint": endpoint,
            "key": api_key,
            "secret": secret_key,
            "method": "post",
            "verify": ca_file or None,
            "dangerous_no_tls_verify": not verify,
        }
        self._reader = CloudStack(**options, timeout=ANSWER_SECONDS)
        # A connection of its own for each write: on a kept one that the server has closed, nobody could tell
        # whether the request arrived.
        self._writer = CloudStack(**options, timeout=WRITE_SECONDS, headers={"Connection": "close"})

    def __repr__(self) -> str:
        return f"<CloudStack at {self.endpoint}>"

    async def rows(self, command: str, **params: Any) -> list[Document]:
        """Every object of a list, all pages. Parameters that are None are left out."""
        wanted = _given(params)
        found = await self._read(command, fetch_list=True, **wanted)
        return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []

    async def row(self, command: str, id: str, **params: Any) -> Document | None:
        """The object of that id, or None when the server says that there is none."""
        try:
            rows = await self.rows(command, id=id, **params)
        except Refused as error:
            if error.says_gone:
                return None
            raise
        return rows[0] if rows else None

    async def read(self, command: str, **params: Any) -> Document:
        """The body of an answer that is no list, such as listCapabilities."""
        found = await self._read(command, **_given(params))
        return found if isinstance(found, dict) else {}

    async def write(
        self,
        command: str,
        doing: str,
        deadline: Deadline,
        *,
        progress: Say | None = None,
        hide: Sequence[str] = (),
        **params: Any,
    ) -> Document:
        """Ask once, wait for the job if there is one; the answer's body, or the job's result with the answer's `id` beside it.

        doing: what is being done, for errors: `adding the image store swift01`. hide: values that no message may show.
        Raises Refused, LostAnswer, Unreachable (nothing was sent), TimedOut.
        """
        answer = await self._ask(self._writer, command, doing, hide, _given(params))
        if not isinstance(answer, dict) or "jobid" not in answer:
            return answer if isinstance(answer, dict) else {}
        result = await self._job(str(answer["jobid"]), doing, deadline, progress, hide)
        return {"id": answer["id"], **result} if "id" in answer else result

    async def has(self, command: str) -> bool:
        """Whether the server knows a command, and our role may use it."""
        try:
            found = await self.rows("listApis", name=command)
        except Refused as error:
            if error.code in (INVALID, INTERNAL):
                return False  # an unknown name is a failure of the server's own (530)
            raise
        return any(row.get("name") == command for row in found)

    async def era(self) -> Era:
        """By what the server can do, never by its version's number; asked once."""
        if self._era is None:
            self._era = await self._found_era()
        return self._era

    async def _found_era(self) -> Era:
        try:
            modern, legacy = await self.has("addImageStore"), await self.has("addSwift")
        except Refused as error:
            # 3.0 and 4.0 have no listApis, and to a signed request an unknown command is like a wrong signature.
            if error.code not in (UNAUTHORIZED, UNSUPPORTED) or not await self._answers("listCapabilities"):
                raise
            modern, legacy = await self._answers("listImageStores"), await self._answers("listSwifts")
        if modern:
            return "modern"
        if legacy:
            return "legacy"
        raise Failed(
            f"CloudStack at {self.endpoint} offers neither addImageStore nor addSwift to this API key. "
            "The key must be a root administrator's."
        )

    async def _answers(self, command: str) -> bool:
        try:
            await self.read(command)
        except Refused as error:
            if error.code in (UNAUTHORIZED, UNSUPPORTED):
                return False
            raise
        return True

    async def wait_until_answers(self, deadline: Deadline, say: Say | None = None) -> None:
        """After a restart: until the API answers a signed request again."""
        doing, told = f"Waiting for the API of CloudStack at {self.endpoint}", False
        while True:
            try:
                await self._ask(self._reader, "listCapabilities", doing, (), {})
                return
            except (Unreachable, LostAnswer) as error:
                if say and not told:
                    await say(f"waiting for CloudStack to answer again ({error})")
                    told = True
            except Refused as error:
                if error.code != UNAVAILABLE:
                    raise
            await deadline.pause(1.0, doing)

    async def _read(self, command: str, **params: Any) -> Any:
        """A read, repeated with growing pauses while there is no answer at all or the server is on its way up or down (503)."""
        began, pause = self._clock.now(), _FIRST_PAUSE
        while True:
            try:
                return await self._ask(self._reader, command, f"asking {command}", (), params)
            except (Unreachable, LostAnswer, Refused) as error:
                again = not isinstance(error, Refused) or error.code == UNAVAILABLE
                if not again or self._clock.now() - began + pause > READ_SECONDS:
                    if isinstance(error, LostAnswer):
                        raise Unreachable(str(error)) from error
                    raise
            await self._clock.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)

    async def _job(
        self, job: str, doing: str, deadline: Deadline, progress: Say | None, hide: Sequence[str]
    ) -> Document:
        pause = _FIRST_PAUSE
        while True:
            state = await self._job_state(job, doing)
            result = state.get("jobresult")
            if state.get("jobstatus") == 1:
                return result if isinstance(result, dict) else {}
            if state.get("jobstatus") == 2:
                told = result if isinstance(result, dict) else {"errortext": str(result)}
                status = int(state.get("jobresultcode") or INTERNAL)
                raise refusal(doing, told, status, (*self._secrets, *hide), job)
            if progress:
                await progress(f"{doing}: job {job} is under way")
            last = "last seen pending" if "jobstatus" in state else "last asked for without an answer"
            what = f"{doing[:1].upper()}{doing[1:]} (job {job} of CloudStack, {last})"
            await deadline.pause(pause, what)
            pause = min(pause * 1.5, _LONGEST_PAUSE)

    async def _job_state(self, job: str, doing: str) -> Document:
        """What is known of a job; nothing while the server is away, for the job may go on."""
        try:
            return await self.read("queryAsyncJobResult", jobid=job)
        except Unreachable:
            return {}
        except Refused as error:
            if error.code == UNAVAILABLE:
                return {}
            # What became of it is unknown, and must not be taken for an object that is gone.
            raise LostAnswer(f"The job {job} of {doing} can't be looked after: {error}") from error

    async def _ask(
        self, through: CloudStack, command: str, doing: str, hide: Sequence[str], params: Mapping[str, Any]
    ) -> Any:
        secrets = (*self._secrets, *hide)
        _check_values(doing, params, secrets)
        try:
            return await asyncio.to_thread(getattr(through, command), **params)
        except CloudStackApiException as error:
            told = error.error if isinstance(error.error, dict) else {}
            status = error.response.status_code if error.response is not None else 0
            raise refusal(doing, told, status, secrets) from None
        except CloudStackException as error:
            raise not_the_api(self.endpoint, doing, error.response) from None
        except requests.exceptions.RequestException as error:
            raise no_answer(self.endpoint, doing, error) from None
        except LocationParseError as error:  # requests lets it through for some hosts that are none
            invalid = requests.exceptions.InvalidURL(str(error))
            raise no_answer(self.endpoint, doing, invalid) from None
        except OSError as error:  # what requests raises for a CA file that is not there
            raise Failed(
                f"CloudStack at {self.endpoint} could not be asked while {doing}: {error.strerror or error}. "
                "Check caFile in strata:cloudstack and what REQUESTS_CA_BUNDLE names."
            ) from None


def _check_values(doing: str, params: Mapping[str, Any], secrets: Sequence[str]) -> None:
    for name, value in params.items():
        if "~" in str(value):
            secret = any(one and one in str(value) for one in secrets)
            shown = "its value" if secret else repr(value)
            raise Failed(
                f"Before {doing}: {name} holds a tilde ({shown}), which can't be signed for CloudStack. Leave it out."
            )


def _given(params: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in params.items() if value is not None}
