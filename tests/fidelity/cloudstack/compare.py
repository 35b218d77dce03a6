"""Where two answers differ in shape: status, headers, wrapper, keys, types, codes. Values may differ; ids always do."""

from __future__ import annotations

import re
from typing import Any

import httpx

from tests.fidelity.cloudstack.recorded import UUID, Pair, fellow

_NUMBERS = re.compile(r"\d+")
_CODES = ("errorcode", "cserrorcode", "jobstatus", "jobresultcode")


def differences(pair: Pair, answer: httpx.Response) -> list[str]:
    """Each difference as a phrase; none when the shapes are the same."""
    found: list[str] = []
    if answer.status_code != pair.status:
        return [f"HTTP {answer.status_code} instead of {pair.status}: {answer.text[:200]}"]
    for name, value in pair.headers.items():
        ours = answer.headers.get(name)
        if ours is None or (name == "Content-Type" and ours != value):
            found.append(f"header {name}: {ours} instead of {value}")
    if "X-Description" in answer.headers and "X-Description" not in pair.headers:
        found.append("header X-Description: the real server sent none")
    if isinstance(pair.body, str):
        return [] if answer.text == pair.body else [f"text {answer.text!r} instead of {pair.body!r}"]
    _shapes("", pair.body, answer.json(), found)
    return found


def same_words(pair: Pair, answer: httpx.Response) -> bool | None:
    """Whether a refusal is worded alike, ids and numbers aside; None when the pair is none."""
    if pair.status < 400 or not isinstance(pair.body, dict) or answer.status_code != pair.status:
        return None
    recorded, ours = (next(iter(body.values())).get("errortext", "") for body in (pair.body, answer.json()))
    return _NUMBERS.sub("#", UUID.sub("#", recorded)) == _NUMBERS.sub("#", UUID.sub("#", ours))


def _shapes(at: str, recorded: Any, ours: Any, found: list[str]) -> None:
    if type(recorded) is not type(ours):
        found.append(f"{at}: {type(ours).__name__} instead of {type(recorded).__name__}")
    elif isinstance(recorded, dict):
        lacking, surplus = recorded.keys() - ours.keys(), ours.keys() - recorded.keys()
        if lacking:
            found.append(f"{at}: lacks {', '.join(sorted(lacking))}")
        if surplus:
            found.append(f"{at}: has besides {', '.join(sorted(surplus))}")
        for name in recorded.keys() & ours.keys():
            if name in _CODES and recorded[name] != ours[name]:
                found.append(f"{at}.{name}: {ours[name]} instead of {recorded[name]}")
            _shapes(f"{at}.{name}", recorded[name], ours[name], found)
    elif isinstance(recorded, list):
        if len(recorded) != len(ours):
            found.append(f"{at}: {len(ours)} rows instead of {len(recorded)}")
        for row, one in enumerate(recorded[: len(ours)]):
            _shapes(f"{at}[{row}]", one, fellow(one, row, ours), found)
