"""Sizes: one canonical spelling, 1024-based, and no unit that means something else elsewhere."""

from __future__ import annotations

import pytest

from strata.units import canonical_size, format_size, parse_size

GOOD = [
    ("50GiB", "50GiB", "canonical stays"),
    ("51200MiB", "50GiB", "the largest unit that is exact"),
    ("1.5TiB", "1536GiB", "fractions become whole units"),
    ("1024GiB", "1TiB", "a full unit goes up"),
    ("50 GiB", "50GiB", "a blank is let pass"),
    ("1B", "4KiB", "rounded up to a whole block"),
    ("4097B", "8KiB", "rounded up to a whole block"),
    ("0.5KiB", "4KiB", "half a KiB is 512 bytes"),
]


@pytest.mark.parametrize(("text", "canonical", "because"), GOOD, ids=[row[0] for row in GOOD])
def test_canonical(text: str, canonical: str, because: str) -> None:
    assert canonical_size(text) == canonical, because
    assert canonical_size(canonical) == canonical, "canonical is a fixed point"


BAD = [
    ("50g", "did you mean 50GiB", "ONTAP's own spelling"),
    ("50GB", "did you mean 50GiB", "1000-based elsewhere"),
    ("50 gigs", "KiB, MiB, GiB, TiB and PiB", "no unit"),
    ("50", "a number with KiB", "no unit at all"),
    ("-5GiB", "a number with KiB", "negative"),
    ("0.3B", "not a whole number of bytes", "half a byte"),
    ("", "a number with KiB", "nothing"),
]


@pytest.mark.parametrize(("text", "reason", "because"), BAD, ids=[row[0] or "empty" for row in BAD])
def test_refused_with_what_is_allowed(text: str, reason: str, because: str) -> None:
    with pytest.raises(ValueError, match=reason):
        canonical_size(text)


@pytest.mark.parametrize("size", [0, 1, 4096, 20 << 20, (50 << 30) + 4096, 1 << 50, 3 << 50])
def test_bytes_survive_the_round_trip(size: int) -> None:
    assert parse_size(format_size(size)) == size
