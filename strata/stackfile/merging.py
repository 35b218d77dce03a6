"""How a nearer file goes over a farther one: the one rule, for the program, the provider and `strata explain`.

Objects merge key by key; a list, a single value and a value from outside (`{env: …}`) replace; `null` takes away what is
inherited.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from strata.stackfile import allowed
from strata.stackfile.located import Path


def merge(below: Any, above: Any, path: Path = ()) -> Any:
    """`above`, the nearer, over `below`; `path` is where both stand, from the top of the file.

    A null without anything to take away stays, so that the schema can refuse it at its place.
    """
    if not (_merges(below, path) and _merges(above, path)):
        return above
    merged = dict(below)
    for key, value in above.items():
        if value is None and merged.get(key) is not None:
            del merged[key]
        elif key in merged:
            merged[key] = merge(merged[key], value, (*path, key))
        else:
            merged[key] = value
    return merged


def _merges(value: Any, path: Path) -> bool:
    """Not where it is a single value: `{file: …}` over `{env: …}` would be both."""
    return isinstance(value, Mapping) and not allowed.takes_reference(path)
