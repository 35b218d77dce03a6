"""How a nearer file goes over a farther one."""

from __future__ import annotations

from typing import Any

import pytest

from strata.stackfile.merging import merge

ONTAP = ("config", "strata:ontap")


@pytest.mark.parametrize(
    ("path", "below", "above", "merged", "because"),
    [
        ((), {"a": {"b": 1, "c": 2}}, {"a": {"c": 3}}, {"a": {"b": 1, "c": 3}}, "objects merge deeply"),
        ((), {"a": [1, 2]}, {"a": [3]}, {"a": [3]}, "a list replaces"),
        ((), {"a": {"b": 1}}, {"a": "text"}, {"a": "text"}, "a single value replaces an object"),
        ((), {"a": "text"}, {"a": {"b": 1}}, {"a": {"b": 1}}, "and the other way round"),
        ((), {"a": 1, "b": 2}, {"a": None}, {"b": 2}, "null takes away"),
        ((), {"b": 2}, {"a": None}, {"b": 2, "a": None}, "a null with nothing to take stays to be refused"),
        ((), {"a": None}, {"a": None}, {"a": None}, "a null takes no null away"),
        ((), {"a": None}, {"a": 1}, {"a": 1}, "a value goes over a null"),
        ((), {"a": {"b": 1}}, {"a": {"c": None}}, {"a": {"b": 1, "c": None}}, "deep down as well"),
        ((), {"a": False}, {"a": None}, {}, "false is a value that is there"),
        (
            (*ONTAP, "clusters", "c1"),
            {"password": {"env": "A"}},
            {"password": {"file": "b"}},
            {"password": {"file": "b"}},
            "a secret is one value, and not two sources",
        ),
        (
            (*ONTAP, "clusters", "c1"),
            {"hostname": {"env": "A"}},
            {"hostname": {"file": "b"}},
            {"hostname": {"file": "b"}},
            "so is an address",
        ),
        (
            (*ONTAP, "clusters", "c1"),
            {"password": {"env": "A"}},
            {"password": "decrypted"},
            {"password": "decrypted"},
            "the engine hands a secret over in plain",
        ),
        (
            ("config", "strata:swift", "accounts", "a"),
            {"metadata": {"Owner": "x"}},
            {"metadata": {"env": "prod"}},
            {"metadata": {"Owner": "x", "env": "prod"}},
            "metadata called env is no source",
        ),
        (
            (*ONTAP, "volumes", "v"),
            {"exportPolicy": {"rules": [1]}},
            {"exportPolicy": {"rules": None, "existing": "default"}},
            {"exportPolicy": {"existing": "default"}},
            "another form of the same thing takes a null",
        ),
    ],
)
def test_merge(path: Any, below: Any, above: Any, merged: Any, because: str) -> None:
    before = (repr(below), repr(above))
    assert merge(below, above, path) == merged, because
    assert (repr(below), repr(above)) == before, "what is merged stays as it is"
