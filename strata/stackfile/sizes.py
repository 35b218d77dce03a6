"""Sizes of volumes, as far as a stack file can be wrong about them."""

from __future__ import annotations

import re
from typing import Final

from strata.units import parse_size

SMALLEST_VOLUME: Final = 20 * 1024**2
"""ONTAP's own lower limit of a FlexVol."""

_LOOSE: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([kmgtp])\w*", re.IGNORECASE)


def parse(text: str | None) -> int | None:
    """Bytes of `1.5TiB`; None for what isn't a size."""
    try:
        return None if text is None else parse_size(text)
    except ValueError:
        return None


def suggestion(text: str) -> str | None:
    """`50GiB` for ONTAP's own `50g`, for `50 GB` and `50 gigs`; None where nobody can know what was meant."""
    found = _LOOSE.fullmatch(text.strip())
    return f"{found[1]}{found[2].upper()}iB" if found else None
