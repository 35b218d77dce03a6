"""Sizes as they stand in stack files (`50GiB`) and as bytes on the wire. Pure.

Units are 1024-based and spelt so: KiB, MiB, GiB, TiB, PiB. ONTAP's own `50g` and `50GB` mean 50GiB; they are refused here,
with that hint, because elsewhere they mean something else.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

UNITS: Final = {"B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40, "PiB": 1 << 50}
BLOCK: Final = 4096
"""ONTAP gives out space in blocks of this many bytes."""

_SIZE: Final = re.compile(r"(\d+(?:\.\d+)?) ?([A-Za-z]+)")
_LOOSE: Final = {"k": "KiB", "m": "MiB", "g": "GiB", "t": "TiB", "p": "PiB"}


def parse_size(text: str) -> int:
    """Bytes of a size such as `50GiB` or `1.5TiB`; raises ValueError with what is allowed."""
    found = _SIZE.fullmatch(text.strip())
    if not found:
        raise ValueError(
            f"found {text!r}; a size is a number with KiB, MiB, GiB, TiB or PiB, for example 50GiB"
        )
    number, unit = found.groups()
    if unit not in UNITS:
        meant = _LOOSE.get(unit[0].lower()) if len(unit) <= 3 else None
        hint = f"; did you mean {number}{meant}?" if meant else ", for example 50GiB"
        raise ValueError(f"found {text!r}; the units are KiB, MiB, GiB, TiB and PiB{hint}")
    size = Decimal(number) * UNITS[unit]
    if size != size.to_integral_value():
        raise ValueError(f"found {text!r}, which is not a whole number of bytes")
    return int(size)


def format_size(size: int) -> str:
    """The one canonical spelling: the largest unit that divides the size exactly."""
    fits = [unit for unit, factor in UNITS.items() if size % factor == 0]
    unit = fits[-1] if size else "B"
    return f"{size // UNITS[unit]}{unit}"


def canonical_size(text: str) -> str:
    """A declared size in canonical spelling, rounded up to a whole block as ONTAP does."""
    size = parse_size(text)
    return format_size(-(-size // BLOCK) * BLOCK)
