"""The schema is what an editor completes from, so nothing in it may be without words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from strata.stackfile.shape import SCHEMA_FILE

SCHEMA: dict[str, Any] = json.loads(SCHEMA_FILE.read_text())


def properties(node: Any, at: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every property of every object, wherever it stands."""
    if isinstance(node, list):
        for i, item in enumerate(node):
            yield from properties(item, f"{at}[{i}]")
    if isinstance(node, dict):
        named = node.get("properties", {})
        for key, entry in named.items():
            yield f"{at}.{key}", entry
        for key, entry in node.items():
            if key not in ("examples", "default"):
                yield from properties(entry, f"{at}.{key}")


PROPERTIES = dict(properties(SCHEMA))


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert len(PROPERTIES) > 80, "the walk has lost its way"


@pytest.mark.parametrize("at", PROPERTIES)
def test_each_property_is_described_with_an_example(at: str) -> None:
    entry = PROPERTIES[at]
    assert entry["description"].endswith("."), at
    assert entry["examples"], at


@pytest.mark.parametrize("at", PROPERTIES)
def test_each_example_and_default_is_allowed(at: str) -> None:
    entry = PROPERTIES[at]
    check = Draft202012Validator({**entry, "$defs": SCHEMA["$defs"]})
    for value in [*entry["examples"], *([entry["default"]] if "default" in entry else [])]:
        assert not list(check.iter_errors(value)), f"{at}: {value}"


@pytest.mark.parametrize("name", sorted(SCHEMA["$defs"]))
def test_no_object_takes_keys_that_nobody_knows(name: str) -> None:
    definition = SCHEMA["$defs"][name]
    if "properties" in definition:
        assert definition["additionalProperties"] is False


def test_what_no_enum_explains_says_in_words_what_is_allowed() -> None:
    patterned = {at: entry for at, entry in PROPERTIES.items() if "pattern" in entry}
    assert patterned
    assert not [at for at, entry in patterned.items() if "errorMessage" not in entry]
