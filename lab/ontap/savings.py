"""Space and savings from the volume's real files: bytes used, and what block-wise deduplication would share.

A file is read again only when its size or modification time has changed.
"""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from lab import privileged

BLOCK = 4096


@dataclass
class BlockCensus:
    """The 4-KiB blocks of each file that has been read, by path; all-zero blocks take no space and are not counted."""

    _seen: dict[Path, dict[str, tuple[tuple[int, int], Counter[bytes]]]] = field(default_factory=dict)

    def saved(self, directory: Path) -> int:
        """Bytes that would be shared if each distinct block were stored once."""
        total: Counter[bytes] = Counter()
        before, now = self._seen.get(directory, {}), {}
        for path, status in files_of(directory):
            stamp = (status.st_size, status.st_mtime_ns)
            known = before.get(path)
            blocks = known[1] if known is not None and known[0] == stamp else blocks_of(path)
            now[path] = (stamp, blocks)
            total.update(blocks)
        self._seen[directory] = now
        return sum(count - 1 for count in total.values()) * BLOCK


def blocks_of(path: str) -> Counter[bytes]:
    """How often each whole block with something in it occurs in the file."""
    blocks: Counter[bytes] = Counter()
    zero = bytes(BLOCK)
    try:
        with privileged.opened(Path(path)) as file:
            while block := file.read(BLOCK):
                if len(block) == BLOCK and block != zero:
                    blocks[hashlib.blake2b(block, digest_size=8).digest()] += 1
    except FileNotFoundError:
        return Counter()
    return blocks


def files_of(directory: Path) -> list[tuple[str, os.stat_result]]:
    """Every regular file below the directory; one that vanishes meanwhile is left out."""
    found = []
    for parent, _, names in os.walk(directory):
        for name in names:
            path = os.path.join(parent, name)
            try:
                status = os.lstat(path)
            except FileNotFoundError:
                continue
            if os.path.isfile(path) and not os.path.islink(path):
                found.append((path, status))
    return found


def used_bytes(directory: Path) -> int:
    """What the files occupy on the disk; holes are free."""
    return sum(status.st_blocks * 512 for _, status in files_of(directory))
