"""The provider's own look at what a stack file extends: the engine hands it the configuration of the stack file alone."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pulumi.provider.experimental.property_value import PropertyValue

from strata.provider import codec
from strata.stackfile import extends
from strata.stackfile.merging import merge
from strata.stackfile.project import FOLDER


def inherited(
    inputs: Mapping[str, PropertyValue], sections: Iterable[str], root: Path, urn: str
) -> dict[str, PropertyValue]:
    """The configuration with the sections of the bases under the stack's own, merged as the program merges them.

    Without the key `extends`: what is merged once has nothing to extend. Raises StackFileError.
    """
    found = {key: value for key, value in inputs.items() if key != "extends"}
    if "extends" not in inputs:
        return found
    stack = urn.split("::")[0].rpartition(":")[2]
    base = extends.bases(_named(inputs["extends"]), root / FOLDER, f"Pulumi.{stack}.yaml")
    # An unknown stands for the whole section, as a value that nothing can lie under.
    known = [
        key for key in sections if codec.to_plain(inputs.get(key, PropertyValue(""))) is not codec.UNKNOWN
    ]
    own = {f"strata:{key}": codec.section(inputs[key]) or None for key in known if key in inputs}
    config = merge(base, {"config": own}).get("config") or {}
    for key in known:
        found.pop(key, None)
        if (section := config.get(f"strata:{key}")) is not None:
            secret = key in inputs and inputs[key].contains_secret()
            found[key] = PropertyValue(json.dumps(section, sort_keys=True), is_secret=secret)
    return found


def _named(given: PropertyValue) -> Any:
    """A file's name, or a list of them, which the engine hands over as JSON."""
    plain = codec.to_plain(given)
    return json.loads(plain) if isinstance(plain, str) and plain.startswith("[") else plain
