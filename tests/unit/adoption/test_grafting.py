"""New entries in texts as people write them: nothing that stands there may change."""

from __future__ import annotations

from typing import Any

import pytest

from strata.adoption.grafting import graft
from strata.errors import Failed

BLOCK = """\
# the stack
config:
  strata:ontap:   # storage
    clusters:
      c1: {hostname: h}   # the first
    # volumes come here

  strata:hosts:
    a: {address: b}
"""


@pytest.mark.parametrize(
    ("text", "added", "expected", "because"),
    [
        ("", {"config": {"a": 1}}, "config: {a: 1}\n", "an empty file"),
        ("config:\n", {"config": {"a": {"b": 1}}}, "config:\n  a: {b: 1}\n", "a key with nothing"),
        ("config: {}\n", {"config": {"a": {"b": 1}}}, "config: {a: {b: 1}}\n", "empty braces"),
        (
            "config: {z: 1}\n",
            {"config": {"a": "b, c"}},
            "config: {z: 1, a: 'b, c'}\n",
            "braces with something",
        ),
        ("config:\n  z: 1", {"config": {"a": 2}}, "config:\n  z: 1\n  a: 2\n", "no end of the last line"),
        (
            "config:\n  z: |\n    long\n    text\n# end\n",
            {"config": {"a": 2}},
            "config:\n  z: |\n    long\n    text\n  a: 2\n# end\n",
            "after a block of text",
        ),
        (
            "config:\n  y: &y\n    b: 1\n  z: *y\n",
            {"config": {"a": 2}},
            "config:\n  y: &y\n    b: 1\n  z: *y\n  a: 2\n",
            "after an alias",
        ),
        (
            "config:\n    z:\n        - 1\n",
            {"config": {"a": {"b": {"c": 1}}}},
            "config:\n    z:\n        - 1\n    a:\n      b: {c: 1}\n",
            "the indent of the file",
        ),
        (
            "config:\n  a:\n    x: 1\n  b: 2\n",
            {"config": {"a": {"y": 2}, "c": 3}},
            "config:\n  a:\n    x: 1\n    y: 2\n  b: 2\n  c: 3\n",
            "two places at once",
        ),
    ],
)
def test_where_entries_go(text: str, added: dict[str, Any], expected: str, because: str) -> None:
    assert graft(text, added) == expected, because


def test_comments_stay_with_what_they_are_about() -> None:
    grafted = graft(BLOCK, {"config": {"strata:ontap": {"volumes": {"v": {"size": "1GiB"}}}}})
    lines = grafted.splitlines()
    assert [line for line in lines if line in BLOCK.splitlines()] == BLOCK.splitlines()
    assert lines[4] == "      c1: {hostname: h}   # the first"
    assert lines[5:7] == ["    volumes:", "      v: {size: 1GiB}"]


@pytest.mark.parametrize(
    "value", ["0755", "on", "no", "1e3", "12:30", "~", "null", "# x", "a: b", "", " x", "{a}", "v1:x"]
)
def test_a_text_stays_a_text(value: str) -> None:
    grafted = graft("config:\n  z: 1\n", {"config": {"a": value, "list": [value]}})
    assert grafted.startswith("config:\n  z: 1\n"), "graft itself compares what is read with what was meant"


def test_what_can_only_be_done_by_touching_more_is_refused() -> None:
    text = "one: &x {a: 1}\ntwo: *x\n"
    with pytest.raises(Failed, match="Nothing was written"):
        graft(text, {"two": {"b": 2}})
