"""Images of one OS: mostly the same blocks, each with a part of its own; what deduplication is for."""

from __future__ import annotations

import random
from collections.abc import Iterator

BLOCK = 4096
BLOCKS = 2048


def contents(count: int) -> Iterator[tuple[str, bytes]]:
    """(name, 8 MiB of content) of `count` images; nine tenths of the blocks are the same in all, the same in every run."""
    system = random.Random(0).randbytes(BLOCK * BLOCKS * 9 // 10 // BLOCK * BLOCK)
    for number in range(1, count + 1):
        own = random.Random(number).randbytes(BLOCK * BLOCKS - len(system))
        yield f"debian-12-{number}", system + own
