"""Who is asking: signatures of version 1 and 3, and sessions. The signature's rules are pure functions."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from lab.cloudstack.errors import UNVERIFIED_SESSION, unauthorized

SESSION_SECONDS = 18000
# Only in the enforced mode may a request not be signed for longer ahead (facts: cloudstack-real 4).
MOST_AHEAD = 15 * 60

Pairs = Iterable[tuple[str, str]]


def encoded(value: str) -> str:
    """As Java's encoder writes a value once `+` is `%20`: `*` stays, `~` does not."""
    return quote(value, safe="*-_.").replace("~", "%7E")


def signature(pairs: Pairs, secret: str) -> str:
    """The base64 HMAC-SHA1 over the parameters: sorted by name, case and all, then lower-cased as a whole."""
    signed = sorted((pair for pair in pairs if pair[0].lower() != "signature"), key=lambda pair: pair[0])
    text = "&".join(f"{name}={encoded(value)}" for name, value in signed).lower()
    digest = hmac.new(secret.encode(), text.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def check_expiry(params: Mapping[str, str], now: float, enforced: bool) -> None:
    """Judge `expires` of signature version 3; without version 3 a request never expires, unless that is enforced."""
    if params.get("signatureversion") != "3":
        if enforced:
            raise unauthorized()
        return
    try:
        expires = datetime.strptime(params.get("expires", ""), "%Y-%m-%dT%H:%M:%S%z").timestamp()
    except ValueError as error:
        raise unauthorized() from error
    if expires < now or (enforced and expires > now + MOST_AHEAD):
        raise unauthorized()


def same(one: str, other: str) -> bool:
    """Compare secrets."""
    return hmac.compare_digest(one.encode(), other.encode())


@dataclass
class Session:
    """A login: the cookie's value finds it, `key` must come with every call."""

    key: str
    user: str
    used: float


class Sessions:
    """The logins of one run of the server: a restart forgets them."""

    def __init__(self) -> None:
        self._open: dict[str, Session] = {}

    def start(self, user: str, now: float) -> tuple[str, Session]:
        """A new session; the first of the two is the cookie JSESSIONID."""
        cookie = secrets.token_hex(16).upper()
        self._open[cookie] = Session(secrets.token_urlsafe(20), user, now)
        return cookie, self._open[cookie]

    def user(self, cookie: str | None, key: str | None, now: float) -> str:
        """The user of a session; raises 401 when there is none or the key is not its own."""
        session = self._open.get(cookie or "")
        if session is None or session.used + SESSION_SECONDS < now:
            raise unauthorized()
        if key is None or not same(key, session.key):
            raise unauthorized(UNVERIFIED_SESSION)
        session.used = now
        return session.user

    def end(self, cookie: str | None) -> None:
        """Log out."""
        self._open.pop(cookie or "", None)

    def clear(self) -> None:
        """Forget every one."""
        self._open.clear()
