"""CloudStack's API: signed calls by POST, lists to their last page, jobs to their end.

The PyPI package `cs` signs (version 3, with an expiry) and speaks HTTP; retries, jobs and words for the operator are ours, because they
need the operation's deadline. A read is repeated when no answer comes; a write never is: its answer may be lost
while the work was done (`LostAnswer`), and the caller looks before it asks again.

Source: facts/cloudstack-real.md 4. `cs` 5.2.0 leaves `~` unescaped, which the server's signature does not.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Literal

import requests
from cs import CloudStack, CloudStackApiException, CloudStackException
from urllib3.exceptions import MaxRetryError, NewConnectionError

from strata.clients.cloudstack_errors import UNAUTHORIZED, LostAnswer, Refused
from strata.deadline import Clock, Deadline
from strata.errors import Failed, Unreachable

Document = dict[str, Any]
Era = Literal["modern", "legacy"]
"""Whether image stores are known (CloudStack 4.2 and later) or `addSwift` and a setting (3.0 to 4.1)."""
Say = Callable[[str], Awaitable[None]]

ANSWER_SECONDS = 60
"""How long one answer may take; createPod and addHost are known to be slow."""
READ_SECONDS = 15.0
"""How long a read is repeated while nothing answers."""
_FIRST_PAUSE, _LONGEST_PAUSE = 0.25, 4.0


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
        options: dict[str, Any] = {
            "endpoint": endpoint,
            "key": api_key,
            "secret": secret_key,
            "method": "post",
            "timeout": ANSWER_SECONDS,
            "verify": ca_file or None,
            "dangerous_no_tls_verify": not verify,
        }
        self._reader = CloudStack(**options)
        # A connection of its own for each write: on a kept one that the server has closed, nobody could tell
        # whether the request arrived.
        self._writer = CloudStack(**options, headers={"Connection": "close"})

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
        self._check_values(doing, params, hide)
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
            if error.code == UNAUTHORIZED:
                raise
            return False  # an unknown name is a failure of the server's own (530)
        return any(row.get("name") == command for row in found)

    async def era(self) -> Era:
        """By what the server can do, never by its version's number."""
        if await self.has("addImageStore"):
            return "modern"
        if await self.has("addSwift"):
            return "legacy"
        raise Failed(
            f"CloudStack at {self.endpoint} offers neither addImageStore nor addSwift to this API key. "
            "The key must be a root administrator's."
        )

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
                if error.code != 503:
                    raise
            await deadline.pause(1.0, doing)

    async def _read(self, command: str, **params: Any) -> Any:
        """A read, repeated with growing pauses while there is no answer at all or the server is on its way up or down (503)."""
        began, pause = self._clock.now(), _FIRST_PAUSE
        while True:
            try:
                return await self._ask(self._reader, command, f"asking {command}", (), params)
            except (Unreachable, LostAnswer, Refused) as error:
                again = not isinstance(error, Refused) or error.code == 503
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
            state = await self.read("queryAsyncJobResult", jobid=job)
            result = state.get("jobresult")
            if state.get("jobstatus") == 1:
                return result if isinstance(result, dict) else {}
            if state.get("jobstatus") == 2:
                told = result if isinstance(result, dict) else {"errortext": str(result)}
                raise self._refusal(doing, told, int(state.get("jobresultcode") or 530), hide, job=job)
            if progress:
                await progress(f"{doing}: job {job} is under way")
            await deadline.pause(pause, f"{doing[:1].upper()}{doing[1:]} (job {job} of CloudStack)")
            pause = min(pause * 1.5, _LONGEST_PAUSE)

    async def _ask(
        self, through: CloudStack, command: str, doing: str, hide: Sequence[str], params: Mapping[str, Any]
    ) -> Any:
        try:
            return await asyncio.to_thread(getattr(through, command), **params)
        except CloudStackApiException as error:
            told = error.error if isinstance(error.error, dict) else {}
            status = error.response.status_code if error.response is not None else 0
            raise self._refusal(doing, told, status, hide) from None
        except CloudStackException as error:
            status = error.response.status_code if error.response is not None else 0
            if status == 503:
                raise Refused(f"CloudStack is not ready yet (503) while {doing}.", 503, 0, "") from None
            raise Failed(
                f"What answers at {self.endpoint} while {doing} is not CloudStack's API (HTTP {status}). "
                "The endpoint ends in /client/api, for example http://cloudstack:8080/client/api."
            ) from None
        except requests.exceptions.RequestException as error:
            raise self._no_answer(doing, error) from None

    def _refusal(
        self, doing: str, told: Mapping[str, Any], status: int, hide: Sequence[str], job: str = ""
    ) -> Refused:
        text = self._scrubbed(str(told.get("errortext", "")).strip(), hide)
        code = int(told.get("errorcode") or status)
        reason = int(told.get("cserrorcode") or 0)
        where = f"job {job} of CloudStack" if job else "CloudStack"
        sentence = f"{where[:1].upper()}{where[1:]} refused {doing}: {code} {text}".rstrip(". ") + "."
        if code == UNAUTHORIZED:
            sentence += (
                " The API key or the secret key is wrong, belongs to a disabled user, or the clocks of this machine"
                " and of the server are minutes apart."
            )
        return Refused(sentence, code, reason, text, bool(job))

    def _no_answer(self, doing: str, error: requests.exceptions.RequestException) -> Failed:
        if isinstance(error, requests.exceptions.SSLError):
            return Failed(
                f"CloudStack at {self.endpoint} shows a certificate that is not trusted: give its CA as caFile in strata:cloudstack."
            )
        if _nothing_sent(error):
            return Unreachable(
                f"CloudStack at {self.endpoint} does not answer while {doing}: no connection. "
                "Is the management server running, and the endpoint right?"
            )
        return LostAnswer(
            f"CloudStack at {self.endpoint} gave no answer while {doing}; it may have been done all the same."
        )

    def _check_values(self, doing: str, params: Mapping[str, Any], hide: Sequence[str]) -> None:
        for name, value in params.items():
            if "~" in str(value):
                shown = (
                    "its value" if any(secret and secret in str(value) for secret in hide) else repr(value)
                )
                raise Failed(
                    f"Before {doing}: {name} holds a tilde ({shown}), which can't be signed for CloudStack. Leave it out."
                )

    def _scrubbed(self, text: str, hide: Sequence[str]) -> str:
        for secret in (*self._secrets, *hide):
            if secret:
                text = text.replace(secret, "***")
        return text


def _given(params: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in params.items() if value is not None}


def _nothing_sent(error: requests.exceptions.RequestException) -> bool:
    if isinstance(error, requests.exceptions.ConnectTimeout | requests.exceptions.InvalidURL):
        return True
    cause = error.args[0] if error.args else None
    return isinstance(cause, MaxRetryError) and isinstance(cause.reason, NewConnectionError)
