"""What can become of a call to CloudStack's API, and the sentence for each."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import requests
from urllib3.exceptions import MaxRetryError, NewConnectionError

from strata.errors import Failed, Unreachable

INVALID, INTERNAL, UNAUTHORIZED, UNSUPPORTED, UNAVAILABLE = 431, 530, 401, 432, 503
_NO_ENTITY = re.compile(r"entity does not exist|doesn't exist|does not exist")


@dataclass
class Refused(Failed):
    """CloudStack said no.

    code         of the answer, or of the failed job: 431 a parameter, 530 an internal failure, 401 not allowed, …
    reason       CloudStack's own word for the exception (cserrorcode); 0 where it says none
    text         its words
    from_job     the call was accepted, its job failed
    """

    sentence: str
    code: int
    reason: int
    text: str
    from_job: bool = False

    def __post_init__(self) -> None:
        super().__init__(self.sentence)

    def __str__(self) -> str:
        return self.sentence

    @property
    def says_gone(self) -> bool:
        """Whether the words are those for an id that names nothing (any more)."""
        return self.code in (INVALID, INTERNAL) and bool(_NO_ENTITY.search(self.text))


class LostAnswer(Failed):
    """The request was sent and no answer came: it may have been done. Read before asking again."""


def refusal(
    doing: str, told: Mapping[str, Any], status: int, secrets: Sequence[str], job: str = ""
) -> Refused:
    """From the body of a refusal or the result of a failed job. Secrets are struck out of its words."""
    text = str(told.get("errortext", "")).strip()
    for secret in secrets:
        if secret:
            text = text.replace(secret, "***")
    code = int(told.get("errorcode") or status)
    reason = int(told.get("cserrorcode") or 0)
    where = f"Job {job} of CloudStack" if job else "CloudStack"
    sentence = f"{where} refused {doing}: {code} {text}".rstrip(". ") + "."
    if code == UNAUTHORIZED:
        sentence += (
            " The API key or the secret key is wrong, belongs to a disabled user, or the clocks of this machine"
            " and of the server are minutes apart."
        )
    return Refused(sentence, code, reason, text, bool(job))


def not_the_api(endpoint: str, doing: str, response: requests.Response | None) -> Failed:
    """From an answer that is not CloudStack's: of a balancer without a server behind it, cut off, or of something else."""
    status = response.status_code if response is not None else 0
    if status == UNAVAILABLE:
        return Refused(f"CloudStack is not ready ({UNAVAILABLE}) while {doing}.", UNAVAILABLE, 0, "")
    json = response is not None and "json" in response.headers.get("Content-Type", "")
    if status in (502, 504) or (json and status == 200):
        return _lost(endpoint, doing)
    if status == 500:
        return LostAnswer(
            f"CloudStack at {endpoint} failed (HTTP 500) while {doing} and did not say why; it may have been done all the same. "
            "Its log, management-server.log, says more."
        )
    return Failed(
        f"What answers at {endpoint} while {doing} is not CloudStack's API (HTTP {status}). "
        "The endpoint ends in /client/api, for example http://cloudstack:8080/client/api."
    )


def no_answer(endpoint: str, doing: str, error: requests.exceptions.RequestException) -> Failed:
    """From a failure on the way: a certificate, no connection, or an answer that never came."""
    if isinstance(error, requests.exceptions.SSLError):
        return Failed(
            f"CloudStack at {endpoint} shows a certificate that is not trusted: give its CA as caFile in strata:cloudstack."
        )
    if isinstance(error, ValueError):  # what requests raises for a URL that is none
        return Failed(
            f"The endpoint {endpoint!r} in strata:cloudstack is no URL; write it as http://cloudstack:8080/client/api."
        )
    if _nothing_sent(error):
        return Unreachable(
            f"CloudStack at {endpoint} does not answer while {doing}: no connection. "
            "Is the management server running, and the endpoint right?"
        )
    return _lost(endpoint, doing)


def _lost(endpoint: str, doing: str) -> LostAnswer:
    return LostAnswer(
        f"CloudStack at {endpoint} gave no answer while {doing}; it may have been done all the same."
    )


def _nothing_sent(error: requests.exceptions.RequestException) -> bool:
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return True
    cause = error.args[0] if error.args else None
    return isinstance(cause, MaxRetryError) and isinstance(cause.reason, NewConnectionError)
