"""Property paths as the engine writes them."""

from __future__ import annotations

from typing import Any

import pytest

from strata.drift import paths

VALUE = {
    "rules": [{"clients": ["a", "b"]}],
    "metadata": {"a.b": 1, 'q"[': 2},
    "key": "[secret]",
    "none": None,
}


@pytest.mark.parametrize(
    ("path", "expected", "because"),
    [
        ("rules[0].clients[1]", "b", "keys and indices"),
        ('metadata["a.b"]', 1, "a key with a dot is quoted"),
        ('metadata["q\\"["]', 2, "and one with quotes is escaped"),
        ("rules[3].clients", None, "beyond the list is nothing"),
        ("rules.clients", None, "a list has no keys"),
        ("key.inner", "[secret]", "what lies in a secret is one"),
        ("none.inner", None, "nothing lies in nothing"),
    ],
)
def test_the_value_at_a_path(path: str, expected: Any, because: str) -> None:
    assert paths.at(VALUE, path) == expected, because


@pytest.mark.parametrize(
    ("path", "other", "expected", "because"),
    [
        ("rules", "rules[0].clients", True, "within"),
        ("rules[0].clients", "rules", False, "around"),
        ("size", "sizeLimit", False, "another name that begins alike"),
        ("efficiency.dedupe", "efficiency.dedupe", True, "the same"),
    ],
)
def test_a_path_covers_what_lies_within_it(path: str, other: str, expected: bool, because: str) -> None:
    assert paths.covers(path, other) is expected, because
