"""The recorded pairs of a real 4.23 server: read where they stand, and replayed against an emulator.

Ids differ from run to run: those in recorded answers are mapped to the emulator's as the answers go by. Keys, sessions
and signatures were struck out of the recordings, so the replay signs afresh, wrongly where the real request was wrong.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

from lab.cloudstack.server import PATH
from lab.cloudstack.testing import RunningCloudStack

FILE = Path(__file__).resolve().parents[3].parent / "shared" / "recordings" / "cloudstack-4.23.jsonl"
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
JOB = "queryAsyncJobResult"
_STRUCK = "***"


@dataclass(frozen=True)
class Pair:
    """One request and its answer; `number` is its line in the file, from 0."""

    number: int
    set: str
    method: str
    params: tuple[tuple[str, str], ...]
    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def command(self) -> str:
        """What was asked."""
        return dict(self.params).get("command", "")

    def has(self, name: str) -> bool:
        """Whether it carries the parameter, whatever its case."""
        return any(each.lower() == name for each, _ in self.params)


def pairs() -> list[Pair]:
    """All of them, in the file's order."""
    lines = FILE.read_text(encoding="utf-8").splitlines()
    return [_pair(number, json.loads(line)) for number, line in enumerate(lines)]


def _pair(number: int, row: dict[str, Any]) -> Pair:
    params = tuple((name, value) for name, value in row["params"])
    return Pair(number, row["set"], row["method"], params, row["status"], row["headers"], row["body"])


@dataclass
class Replay:
    """One emulator, the ids learned so far, the users' keys and the session of the last login."""

    cloud: RunningCloudStack
    ids: dict[str, str] = field(default_factory=dict)
    keys: dict[str, tuple[str, str]] = field(default_factory=dict)
    session: str = ""
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(
        self, pair: Pair, signing: str = "good", user: str = "admin", cookies: bool = True
    ) -> httpx.Response:
        """Send the recorded request as `user`; `signing` names what was wrong with it, if anything."""
        if pair.command == JOB and isinstance(pair.body, dict):
            self._wait(pair.body["queryasyncjobresultresponse"])
        sent = [(name, UUID.sub(self._known, value)) for name, value in pair.params if value != _STRUCK]
        jar: dict[str, str] = {}
        if pair.has("apikey"):
            sent = self._signed(pair, sent, signing, user)
        elif pair.has("sessionkey"):
            sent.append(("sessionkey", self.session))
            jar = self.cookies if cookies else {}
        elif signing == "cookie only":
            jar = self.cookies
        answer = self._send(pair.method, sent, jar)
        self._learn(pair, answer)
        return answer

    def _send(self, method: str, sent: list[tuple[str, str]], jar: dict[str, str]) -> httpx.Response:
        client = self.cloud.client
        client.cookies.clear()
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in jar.items())} if jar else {}
        if method == "GET":
            return client.get(PATH, params=dict(sent), headers=headers)
        return client.post(PATH, data=dict(sent), headers=headers)

    def _signed(
        self, pair: Pair, sent: list[tuple[str, str]], signing: str, user: str
    ) -> list[tuple[str, str]]:
        key, secret = self.keys.get(user, (self.cloud.api_key, self.cloud.secret_key))
        spelled = next(name for name, _ in pair.params if name.lower() == "apikey")
        sent = [*sent, (spelled, "no-such-key" if signing == "unknown key" else key)]
        if pair.has("expires"):
            sent.append(("expires", signing if signing != "good" else "2099-01-01T00:00:00+0000"))
        return [*sent, ("signature", _signature(sent, secret, signing))]

    def _wait(self, body: dict[str, Any]) -> None:
        # A job that was over when it was asked for is over here too; a pending one is still pending.
        if body.get("jobstatus", 0) != 0:
            self.cloud.advance(self.cloud.emulator.system.settings.job_seconds)

    def _known(self, found: re.Match[str]) -> str:
        return self.ids.get(found.group(), found.group())

    def _learn(self, pair: Pair, answer: httpx.Response) -> None:
        if not isinstance(pair.body, dict) or answer.status_code != pair.status:
            return
        body = answer.json()
        for recorded, ours in leaves(pair.body, body):
            if isinstance(recorded, str) and UUID.fullmatch(recorded) and isinstance(ours, str):
                self.ids.setdefault(recorded, ours)
        if pair.command == "login" and answer.status_code == 200:
            self.session = body["loginresponse"]["sessionkey"]
            self.cookies = {name: str(value) for name, value in answer.cookies.items()}
        keys = body.get("queryasyncjobresultresponse", {}).get("jobresult", {}).get("userkeys")
        if keys:
            self.keys[keys["username"]] = (keys["apikey"], keys["secretkey"])


def _signature(sent: list[tuple[str, str]], secret: str, signing: str) -> str:
    """Made here once more, so that the emulator's own function is not its own judge."""
    safe = {"raw tilde": "*-_.~", "encoded star": "-_."}.get(signing, "*-_.")
    fold = signing == "sorted without case"
    pieces = []
    for name, value in sorted(sent, key=lambda pair: pair[0].lower() if fold else pair[0]):
        coded = quote(value, safe=safe)
        pieces.append(f"{name}={coded if signing == 'raw tilde' else coded.replace('~', '%7E')}")
    used = "not the secret" if signing == "wrong secret" else secret
    digest = hmac.new(used.encode(), "&".join(pieces).lower().encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def leaves(one: Any, other: Any) -> Iterable[tuple[Any, Any]]:
    """The leaves that stand at the same place of two bodies; rows of lists are met by name where they have one."""
    if isinstance(one, dict) and isinstance(other, dict):
        for name in one.keys() & other.keys():
            yield from leaves(one[name], other[name])
    elif isinstance(one, list) and isinstance(other, list):
        for index, row in enumerate(one):
            yield from leaves(row, fellow(row, index, other))
    else:
        yield one, other


def fellow(row: Any, index: int, others: list[Any]) -> Any:
    """The row of the other list that is meant: of the same name, else of the same keys, else at the same place."""
    if isinstance(row, dict):
        named = [each for each in others if "name" in row and each.get("name") == row["name"]]
        alike = [each for each in others if each.keys() == row.keys()]
        for found in (named, alike):
            if len(found) == 1 or (found and not row):
                return found[0]
    return others[index] if index < len(others) else None
