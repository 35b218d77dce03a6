"""What can become of a call to Swift, in sentences. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from strata.clients.swift_transport import Credentials, Ending, Trouble
from strata.errors import Failed, Unreachable


@dataclass
class Refused(Failed):
    """Swift said no; `status` is its answer's."""

    sentence: str
    status: int

    def __post_init__(self) -> None:
        super().__init__(self.sentence)

    def __str__(self) -> str:
        return self.sentence


class BadCredentials(Failed):
    """The user, the key or the auth URL is wrong."""


class LostAnswer(Failed):
    """The request was sent and no answer came: it may have been done. Every write to Swift may be repeated."""


def failure(trouble: Trouble, name: str, given: Credentials, storage_url: str | None, doing: str) -> Failed:
    """The sentence for one call that did not succeed; `name` is the account's key in the stack file."""
    where = f"Swift account {name} at {given.auth_url}"
    ending = trouble.ending
    if ending is Ending.TLS:
        return Failed(f"{where} shows a certificate that is not trusted: give its CA as caFile.")
    if ending is Ending.NO_CONNECTION:
        return Unreachable(_no_connection(trouble, where, storage_url, doing))
    if ending is Ending.LOST:
        sentence = f"{where} gave no answer while {doing}"
        return Unreachable(f"{sentence}.") if trouble.authenticating else LostAnswer(f"{sentence}. Repeat.")
    if ending is Ending.NO_AUTH_SERVICE:
        return BadCredentials(_no_auth_service(trouble, where, given))
    if ending is Ending.NO_ENDPOINT:
        region = f" in the region {given.region}" if given.region else ""
        return BadCredentials(
            f"{where}: Keystone accepts the user, but its catalogue has no object-store endpoint{region}. "
            "Look at `openstack catalog list`, and set region."
        )
    if ending is Ending.UNAUTHENTICATED:
        return BadCredentials(_unauthenticated(where, given, doing))
    return Refused(_answered(trouble, where, given, doing), trouble.status)


def user_form(name: str, given: Credentials) -> BadCredentials | None:
    """Version 1 wants ACCOUNT:USER, and says no more than 401 to anything else."""
    account, colon, user = given.user.partition(":")
    if given.version != "1" or (colon and account and user):
        return None
    return BadCredentials(
        f"The user of Swift account {name} is {given.user!r}; with authVersion 1 it is written ACCOUNT:USER, "
        "for example test:tester."
    )


def _no_connection(trouble: Trouble, where: str, storage_url: str | None, doing: str) -> str:
    if trouble.authenticating or not storage_url:
        return f"{where} does not answer while {doing}: no connection. Is Swift's proxy running, and the auth URL right?"
    at = urlsplit(storage_url)
    return (
        f"{where} sends its clients to {at.scheme}://{at.netloc}, which does not answer while {doing}: no connection. "
        "Is that address reachable from this machine?"
    )


def _no_auth_service(trouble: Trouble, where: str, given: Credentials) -> str:
    said = f" (HTTP {trouble.status})" if trouble.status else ""
    if given.version == "1":
        return (
            f"{where}: what answers there is not Swift's auth{said}. With authVersion 1 the auth URL ends in "
            "/auth/v1.0, for example http://swift01:8080/auth/v1.0; for Keystone set authVersion 3."
        )
    return (
        f"{where}: what answers there is not Keystone{said}. With authVersion 3 the auth URL ends in /v3, "
        "for example https://keystone.example:5000/v3."
    )


def _unauthenticated(where: str, given: Credentials, doing: str) -> str:
    sentence = f"{where} does not accept the user {given.user} with that key (401) while {doing}."
    if given.version == "3":
        return f"{sentence} Check user, key, project ({given.project}), userDomain and projectDomain."
    if given.user.startswith("AUTH_"):
        return f"{sentence} The account stands there without the prefix AUTH_: {given.user.removeprefix('AUTH_')}."
    if "/auth" not in urlsplit(given.auth_url).path:
        return f"{sentence} Besides, the auth URL usually ends in /auth/v1.0, for example http://swift01:8080/auth/v1.0."
    return f"{sentence} Check user and key."


def _answered(trouble: Trouble, where: str, given: Credentials, doing: str) -> str:
    said = f"{trouble.status} {trouble.reason}".strip()
    if trouble.status == 401:
        return f"{where} does not accept its own token ({said}) while {doing}. Is there one memcached for all proxies?"
    if trouble.status == 403:
        return f"{where} does not let the user {given.user} do that ({said}): {doing}."
    if trouble.status == 413:
        return f"{where} refused {doing} ({said}): a quota is used up, or a limit of the cluster."
    if trouble.status >= 500:
        return f"{where} failed at {doing} ({said}). Look at the proxy's log, and repeat."
    return f"{where} refused {doing} ({said})."
