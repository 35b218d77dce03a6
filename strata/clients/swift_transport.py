"""Blocking calls to one Swift account through python-swiftclient, and what can become of a call.

A call is made exactly once and ends in a value or in `Trouble`; retries and words for the operator are in swift.py. The one
exception: an expired token. Swift checks it before anything else, so a refused call has done nothing and goes out again with a
new one.

swiftclient's own Connection is not used: it repeats writes, shares one socket between threads and logs what it failed on.
"""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeVar

import certifi
import requests
from urllib3.exceptions import HTTPError, LocationParseError, MaxRetryError, NewConnectionError

from strata.clients.lazily import Library

swift = Library("swiftclient.client")
keystone = Library("keystoneauth1.exceptions")
T = TypeVar("T")
NOT_ASKED_OR_NOT_UNDERSTOOD = (
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidSchema,
    requests.exceptions.MissingSchema,
    requests.exceptions.InvalidJSONError,
    requests.exceptions.TooManyRedirects,
    LocationParseError,
)
"""A URL that is none, or an answer that is no auth service's."""
ANSWER_SECONDS = 60
"""How long the socket may stay silent."""


class Ending(Enum):
    """How a call without a good answer ended."""

    NO_CONNECTION = "no connection"
    """Nothing was sent, so nothing was done."""
    TLS = "TLS"
    LOST = "lost"
    """The request was sent and the answer never came: it may have been done."""
    NO_AUTH_SERVICE = "no auth service"
    """What answers at the auth URL is not Swift's auth, nor Keystone."""
    NO_ENDPOINT = "no endpoint"
    """Keystone took the credentials; its catalogue has no object store (in that region)."""
    UNAUTHENTICATED = "unauthenticated"
    """The credentials are not accepted."""
    ANSWERED = "answered"
    """Swift said no."""


@dataclass(eq=False)
class Trouble(Exception):
    """A call that did not succeed. `authenticating`: it was the one for the token. `status` and `reason` are of the answer."""

    ending: Ending
    status: int = 0
    reason: str = ""
    authenticating: bool = False


@dataclass(frozen=True)
class Credentials:
    """What a stack file says of an account; `version` is "1" (tempauth and its kin) or "3" (Keystone)."""

    auth_url: str
    version: str
    user: str
    key: str
    project: str | None
    user_domain: str
    project_domain: str
    region: str | None

    def __repr__(self) -> str:
        return f"Credentials({self.auth_url}, version {self.version}, {self.user})"


@dataclass(frozen=True)
class Storage:
    """Where the account lies, the token for it, and a connection of this call's own."""

    url: str
    token: str
    http: tuple[Any, Any]

    def __repr__(self) -> str:
        return f"Storage({self.url})"


class Transport:
    """The calls of one account; safe for any number of threads."""

    def __init__(self, credentials: Credentials, ca_file: str | None, verify: bool) -> None:
        self.credentials = credentials
        # A path, and not merely True: for True, REQUESTS_CA_BUNDLE would silently take the place of the system's store.
        self._ca_file = ca_file or ssl.get_default_verify_paths().cafile or certifi.where()
        self._insecure = not verify
        self._known: tuple[str, str] | None = None
        self._lock = threading.Lock()

    @property
    def storage_url(self) -> str | None:
        """Where the account lies, once a call was made."""
        return self._known[0] if self._known else None

    def call(self, act: Callable[[Storage], T]) -> T:
        """What `act` gives; raises Trouble."""
        known = self._authenticated()
        try:
            return self._with(known, act)
        except Trouble as error:
            if error.ending is not Ending.ANSWERED or error.status != 401:
                raise
        with self._lock:
            if self._known == known:
                self._known = None
        return self._with(self._authenticated(), act)

    def _with(self, known: tuple[str, str], act: Callable[[Storage], T]) -> T:
        http = swift.http_connection(
            known[0], cacert=self._ca_file, insecure=self._insecure, timeout=ANSWER_SECONDS
        )
        try:
            return act(Storage(known[0], known[1], http))
        except swift.ClientException as error:
            status = int(error.http_status or 0)
            raise Trouble(Ending.ANSWERED, status, str(error.http_reason or "")) from None
        except (requests.exceptions.RequestException, HTTPError, OSError) as error:
            raise Trouble(_ending(error)) from None
        finally:
            http[1].close()

    def _authenticated(self) -> tuple[str, str]:
        with self._lock:
            if self._known is None:
                self._known = self._authenticate()
            return self._known

    def _authenticate(self) -> tuple[str, str]:
        given = self.credentials
        options = {
            "project_name": given.project,
            "user_domain_name": given.user_domain,
            "project_domain_name": given.project_domain,
            "region_name": given.region,
        }
        try:
            url, token = swift.get_auth(
                given.auth_url,
                given.user,
                given.key,
                auth_version=given.version,
                os_options=options if given.version == "3" else {},
                cacert=self._ca_file,
                insecure=self._insecure,
                timeout=ANSWER_SECONDS,
            )
        except Exception as error:
            # Whatever it is: its words may hold the key.
            raise _auth_trouble(error) from None
        if not url or not token:
            raise Trouble(Ending.NO_AUTH_SERVICE, 200, authenticating=True)
        return str(url), str(token)


def _auth_trouble(error: Exception) -> Trouble:
    """Which of the endings it was; swiftclient says it in its own class and words, and keystoneauth in many below it."""
    found = _by_its_causes(error)
    if found is None and isinstance(error, swift.ClientException):
        found = _by_its_words(int(error.http_status or 0), str(error.msg), str(error.http_reason or ""))
    found = found or Trouble(Ending.NO_AUTH_SERVICE)
    found.authenticating = True
    return found


def _by_its_causes(error: BaseException | None) -> Trouble | None:
    while error is not None:
        if isinstance(error, keystone.SSLError):
            return Trouble(Ending.TLS)
        if isinstance(error, keystone.ConnectionError):
            return Trouble(Ending.NO_CONNECTION)
        if isinstance(error, keystone.Unauthorized):
            return Trouble(Ending.UNAUTHENTICATED, 401)
        if isinstance(error, keystone.HttpError) and _is_in_trouble(error.http_status or 0):
            return Trouble(Ending.ANSWERED, error.http_status or 0)
        if isinstance(error, NOT_ASKED_OR_NOT_UNDERSTOOD):
            return Trouble(Ending.NO_AUTH_SERVICE)
        if isinstance(error, requests.exceptions.RequestException | HTTPError | OSError):
            return Trouble(_ending(error))
        error = error.__cause__ or error.__context__
    return None


def _by_its_words(status: int, words: str, reason: str) -> Trouble:
    if status == 401 or words.startswith("Unauthorized"):
        return Trouble(Ending.UNAUTHENTICATED, 401)
    if words.startswith("Endpoint for"):
        return Trouble(Ending.NO_ENDPOINT)
    if status == 403 or _is_in_trouble(status):
        return Trouble(Ending.ANSWERED, status, reason)
    return Trouble(Ending.NO_AUTH_SERVICE, status)


def _is_in_trouble(status: int) -> bool:
    """Whether it is the right server on a bad day; 501 is another server, which has no such method."""
    return status == 429 or (status >= 500 and status != 501)


def _ending(error: Exception) -> Ending:
    if isinstance(error, requests.exceptions.SSLError):
        return Ending.TLS
    if isinstance(error, requests.exceptions.ConnectTimeout | requests.exceptions.InvalidURL):
        return Ending.NO_CONNECTION
    cause = error.args[0] if error.args else None
    if isinstance(cause, MaxRetryError) and isinstance(cause.reason, NewConnectionError):
        return Ending.NO_CONNECTION
    return Ending.LOST
