"""Sizes as a stack file writes them: `50GiB`."""

from __future__ import annotations

import re
from typing import Final

UNITS: Final = {"KiB": 1024, "MiB": 1024**2, "GiB": 1024**3, "TiB": 1024**4, "PiB": 1024**5}
SMALLEST_VOLUME: Final = 20 * 1024**2
"""ONTAP's own lower limit of a FlexVol."""

_SIZE: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)(KiB|MiB|GiB|TiB|PiB)")
_LOOSE: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([kmgtp])\w*", re.IGNORECASE)


def parse(text: str) -> int | None:
    """Bytes of `1.5TiB`; None for anything else. All units count by 1024, as ONTAP's do."""
    found = _SIZE.fullmatch(text)
    if found is None:
        return None
    whole, _, decimals = found[1].partition(".")
    scale: int = 10 ** len(decimals)
    return int(whole + decimals) * UNITS[found[2]] // scale


def suggestion(text: str) -> str | None:
    """`50GiB` for ONTAP's own `50g`, for `50 GB` and `50 gigs`; None where nobody can know what was meant."""
    found = _LOOSE.fullmatch(text.strip())
    return f"{found[1]}{found[2].upper()}iB" if found else None
