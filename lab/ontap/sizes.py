"""Sizes as ONTAP's REST API takes them: bytes, or a number with a 1024-based unit (facts: ontap 1, 5)."""

from __future__ import annotations

import re

_UNITS = {"": 1, "k": 2**10, "m": 2**20, "g": 2**30, "t": 2**40, "p": 2**50}
_SIZE = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*([kmgtp]?)i?b?\s*$", re.IGNORECASE)


def parse_size(value: object) -> int | None:
    """Bytes for 53687091200, "50g", "50GB" or "50GiB"; None when it is no size."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    match = _SIZE.match(value) if isinstance(value, str) else None
    if match is None:
        return None
    return int(float(match[1]) * _UNITS[match[2].lower()])
