"""What changed, by path; what a preview knows of the outputs."""

from __future__ import annotations

from typing import Any

import pytest

from tools.command import difference, flow, wire
from tools.command.properties import COPY_TO_REMOTE, LOCAL_COMMAND


def _asset(hash: str, path: str = "/a") -> dict[str, Any]:
    return {wire.MARK: wire.ASSET, "path": path, "hash": hash}


@pytest.mark.parametrize(
    ("old", "new", "found", "because"),
    [
        ({"create": "a", "stdout": "x"}, {"create": "a"}, {}, "an output is no input that went"),
        ({"create": "a"}, {"create": "b"}, {"create": "UPDATE"}, "another command"),
        ({}, {"stdin": "b"}, {"stdin": "ADD"}, "a property more"),
        ({"stdin": "b"}, {}, {"stdin": "DELETE"}, "a property less"),
        (
            {"environment": {"A": "1", "B": "2"}},
            {"environment": {"A": "2", "a.b": "3"}},
            {"environment.A": "UPDATE", "environment.B": "DELETE", 'environment["a.b"]': "ADD"},
            "each variable by itself, odd names in brackets",
        ),
        (
            {"triggers": ["1"]},
            {"triggers": ["2", "3"]},
            {"triggers[0]": "UPDATE", "triggers[1]": "ADD"},
            "by index",
        ),
        (
            {"triggers": ["1", "2"]},
            {"triggers": ["1"]},
            {"triggers[1]": "DELETE"},
            "the package replaces on these",
        ),
        ({}, {"triggers": ["1"]}, {"triggers": "ADD_REPLACE"}, "triggers that come replace"),
        ({"create": wire.secret("a")}, {"create": wire.secret("a")}, {}, "equal secrets"),
        ({"create": wire.secret("a")}, {"create": "a"}, {}, "the same text, no longer secret"),
        (
            {"environment": wire.secret({"A": "1"})},
            {"environment": wire.secret({"A": "2"})},
            {"environment": "UPDATE"},
            "what is inside a secret is not told",
        ),
        ({"create": "a"}, {"create": wire.UNKNOWN}, {"create": "UPDATE"}, "it may become another"),
    ],
)
def test_changes_by_path(
    old: dict[str, Any], new: dict[str, Any], found: dict[str, str], because: str
) -> None:
    assert difference.between(LOCAL_COMMAND, old, new) == found, because


@pytest.mark.parametrize(
    ("new", "found", "because"),
    [
        (_asset("1"), {}, "the same content"),
        (_asset("1", "/moved"), {}, "the same content from elsewhere"),
        (_asset("2"), {"source": "UPDATE"}, "other content"),
        ({wire.MARK: wire.ARCHIVE, "path": "/a", "hash": "1"}, {"source": "UPDATE"}, "a folder now"),
    ],
)
def test_assets_are_compared_by_their_hash(new: dict[str, Any], found: dict[str, str], because: str) -> None:
    assert difference.between(COPY_TO_REMOTE, {"source": _asset("1")}, {"source": new}) == found, because


def test_ignored_changes_are_none() -> None:
    assert difference.between(LOCAL_COMMAND, {"create": "a"}, {"create": "b"}, ["create"]) == {}


def test_outputs_are_unknown_when_an_input_changes_and_stay_otherwise() -> None:
    old = {"create": "a", "stdin": "x", "stdout": "printed", "stderr": ""}
    changed = flow.foreseen_update(LOCAL_COMMAND, old, {"create": "b", "stdin": "x"})
    assert changed["stdout"] == wire.UNKNOWN
    added = flow.foreseen_update(LOCAL_COMMAND, old, {"create": "a", "stdin": "x", "dir": "/"})
    assert added["stdout"] == "printed", (
        "as the official plugin: an input that was not there before is no change"
    )
    made = flow.foreseen_create(LOCAL_COMMAND, {"create": "a"})
    assert made == {"create": "a", "stdout": wire.UNKNOWN, "stderr": wire.UNKNOWN}
