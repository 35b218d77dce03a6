"""Reading for a hash: from where the file lies, and past the holes."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterator
from typing import Final

from strata.migration import watching
from strata.migration.direct import Direct, room

UNRECORDED: Final = "sha512"
"""For images of which Glance has recorded no hash: on a processor without special instructions the fastest of the strong ones."""

STEP: Final = 4 << 20
AHEAD: Final = 16 << 20
"""As many bytes are asked for before they are wanted."""

_ZEROS: Final = bytes(STEP)


def digest_of(path: str, algorithm: str) -> str:
    """The hash of a file, read from where it lies and not from this host's memory."""
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
        return digest(handle, algorithm)
    finally:
        os.close(handle)


def digest(handle: int, algorithm: str) -> str:
    """The same of an open file, which must be on the disk already.

    What the file system calls a hole counts as zeros without being read: reading it would give the same by the same word.
    """
    file = Direct(handle)
    os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
    os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_SEQUENTIAL)
    found = hashlib.new(algorithm, usedforsecurity=False)
    there = os.fstat(handle)
    size, at = there.st_size, 0
    # Over the network each question for a hole is a round trip: only where there must be some.
    sparse = there.st_blocks * 512 < size - size // 8
    for begin, end in stretches(handle, 0, size) if sparse else [(0, size)]:
        _zeros(found, begin - at)
        at = begin
        for part in _parts(file, handle, begin, end):
            found.update(part)
            watching.beat()
            at += len(part)
        if at < end:
            # Somebody has cut it off meanwhile; what is not there is no zeros.
            return found.hexdigest()
    _zeros(found, size - at)
    return found.hexdigest()


def _parts(file: Direct, handle: int, begin: int, end: int) -> Iterator[memoryview]:
    part = room(min(STEP, end - begin))
    at = asked = begin
    while at < end:
        # Past the host's memory nobody reads ahead; there a step is large enough to keep the wire busy.
        while not file.direct and asked < end and asked - at < AHEAD:
            os.posix_fadvise(handle, asked, min(STEP, end - asked), os.POSIX_FADV_WILLNEED)
            asked += STEP
        got = file.read(part, min(STEP, end - at), at)
        if not got:
            return
        yield got
        at += len(got)


def _zeros(found: hashlib._Hash, count: int) -> None:
    while count > 0:
        watching.beat()
        found.update(_ZEROS if count >= STEP else _ZEROS[:count])
        count -= STEP


def stretches(source: int, at: int, size: int) -> Iterator[tuple[int, int]]:
    """(begin, end) of what is no hole, from `at` on; all of it where the file system knows no holes."""
    while at < size:
        try:
            begin = os.lseek(source, at, os.SEEK_DATA)
            end = os.lseek(source, begin, os.SEEK_HOLE)
        except OSError as error:
            if error.errno == errno.ENXIO:
                return
            begin, end = at, size
        if begin >= size:
            return
        yield begin, min(end, size)
        at = end
