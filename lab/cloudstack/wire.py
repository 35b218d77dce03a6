"""Requests and answers as they travel: parameters, secrets struck out, JSON or XML under one wrapper."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

_SECRET = {"apikey", "secretkey", "accesskey", "signature", "sessionkey", "password", "key"}
_OPEN_DETAILS = {"account", "username", "storagepolicy"}
_DETAIL = re.compile(r"details\[(\w+)\]\.value", re.IGNORECASE)


@dataclass(frozen=True)
class Asked:
    """One request: its parameters as they came, query and form together, and by lower-case name."""

    method: str
    pairs: tuple[tuple[str, str], ...]
    cookie: str | None

    @property
    def params(self) -> dict[str, str]:
        """The parameters by lower-case name; the last of two equal ones counts."""
        return {name.lower(): value for name, value in self.pairs}

    @property
    def command(self) -> str | None:
        """What is asked for."""
        return self.params.get("command")


@dataclass(frozen=True)
class Answer:
    """What goes back. `wrapper` is the one key of the body; None sends the body as plain text."""

    status: int
    wrapper: str | None
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: Mapping[str, str] = field(default_factory=dict)

    def encoded(self, as_json: bool) -> tuple[str, str]:
        """The content and its type."""
        if self.wrapper is None:
            return str(self.body), "text/plain"
        if as_json:
            return json.dumps({self.wrapper: self.body}), "application/json;charset=utf-8"
        inner = "".join(_xml(name, value) for name, value in self.body.items())
        document = f'<?xml version="1.0" encoding="UTF-8"?><{self.wrapper}>{inner}</{self.wrapper}>'
        return document, "text/xml;charset=utf-8"


def asked(method: str, query: str, body: bytes, cookie: str | None) -> Asked:
    """The request read; a form counts as the query does."""
    pairs = parse_qsl(query, keep_blank_values=True)
    pairs += parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
    return Asked(method, tuple(pairs), cookie)


def redacted(pairs: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """The parameters for the journal, without keys, passwords, signatures and the details that may hold one."""
    names = {name.lower(): value for name, value in pairs}
    shown = {}
    for name, value in pairs:
        detail = _DETAIL.fullmatch(name)
        kept = detail is not None and names.get(f"details[{detail[1].lower()}].key") in _OPEN_DETAILS
        secret = name.lower() in _SECRET or (detail is not None and not kept)
        shown[name] = "***" if secret else value
    return shown


def _xml(name: str, value: Any) -> str:
    if isinstance(value, list):
        return "".join(_xml(name, each) for each in value)
    if isinstance(value, dict):
        return f"<{name}>{''.join(_xml(key, each) for key, each in value.items())}</{name}>"
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return f"<{name}>{escape(text)}</{name}>"
