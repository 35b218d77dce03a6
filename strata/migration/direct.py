"""Files past this host's memory (O_DIRECT), where their file system can do that.

Each image is read once and written once: in the page cache it would only drive out what Glance serves, and on a host with little
memory, writing and reading back at the same time take twice as long by it. What is read back comes from the volume for certain.
"""

from __future__ import annotations

import errno
import fcntl
import mmap
import os
from collections.abc import Callable
from typing import Final, TypeVar

T = TypeVar("T")
BLOCK: Final = 4096
"""What file systems want offset, length and buffer to be a multiple of, at most."""


def room(size: int) -> memoryview:
    """Memory for a part of at least so many bytes; it begins with a page, and a child process does not disturb what comes in."""
    return memoryview(mmap.mmap(-1, _rounded(max(size, 1))))


class Direct:
    """An open file; its position is not used. direct: whether it is read and written so now."""

    def __init__(self, handle: int) -> None:
        self._handle = handle
        self.direct = self._set(True)

    def read(self, part: memoryview, count: int, at: int) -> memoryview:
        """At most so many bytes from there on into the part that `room` gave; none at the end of the file."""
        return self._once_more(
            lambda: part[: os.preadv(self._handle, [part[: _rounded(count) if self.direct else count]], at)]
        )[:count]

    def write(self, part: memoryview, at: int) -> int:
        """How many bytes were written."""
        return self._once_more(lambda: os.pwrite(self._handle, part, at))

    def _once_more(self, act: Callable[[], T]) -> T:
        try:
            return act()
        except OSError as error:
            if error.errno != errno.EINVAL or not self.direct:
                raise
        # No multiple of its block: the last bytes of a file, or the edge of a hole where blocks are small.
        self.direct = self._set(False)
        return act()

    def _set(self, wanted: bool) -> bool:
        flags = fcntl.fcntl(self._handle, fcntl.F_GETFL) & ~os.O_DIRECT
        try:
            fcntl.fcntl(self._handle, fcntl.F_SETFL, flags | (os.O_DIRECT if wanted else 0))
        except OSError:
            return False
        return wanted


def _rounded(count: int) -> int:
    return -(-count // BLOCK) * BLOCK
