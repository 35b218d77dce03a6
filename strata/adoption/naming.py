"""Keys of the stack file for what has a name already. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection

_LONGEST = 90


def key_for(name: str, taken: Collection[str]) -> str:
    """The name itself where it can be a key and is free, else one that is like it."""
    plain = re.sub(r"[^A-Za-z0-9_.-]+", "-", name).lstrip(".-")[:_LONGEST] or "unnamed"
    found, number = plain, 2
    while found in taken:
        found, number = f"{plain}-{number}", number + 1
    return found


def named(key: str, name: str) -> dict[str, str]:
    """`name` where the key does not say it already."""
    return {} if key == name else {"name": name}
