"""Two stages beside each other: files are written by some threads and read back by others, so that both ways of the wire work."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from queue import Empty, SimpleQueue
from typing import Final, Union

from strata.migration.journal import Proof
from strata.migration.survey import Image
from strata.migration.transfer import Count, Transfer

BACKLOG: Final = 32
"""As many files may be open: those at work, and those that are written and wait for being read back."""

READERS: Final = 4
"""One reader for so many writers: reading is faster than writing, and several readers at once slow each other down."""

Outcome = Union[Proof, Exception]  # noqa: UP007  (the host may have Python 3.9)


def carry(
    wanted: Sequence[Image],
    new: str,
    count: Count,
    workers: int,
    take: Callable[[Image, Outcome], None],
    idle: tuple[float, Callable[[], None]],
) -> None:
    """take: gets each image with what became of it, in this thread. idle: (seconds, called when nothing came for so long)."""
    done: SimpleQueue[tuple[Image, Outcome]] = SimpleQueue()
    room = threading.Semaphore(max(BACKLOG, 2 * workers))
    writers = ThreadPoolExecutor(max(1, workers))
    readers = ThreadPoolExecutor(max(1, workers // READERS))

    def over(one: Transfer, outcome: Outcome) -> None:
        one.close()
        room.release()
        done.put((one.image, outcome))

    def write(image: Image) -> None:
        room.acquire()
        one = Transfer(image, new, count)
        try:
            one.write()
            readers.submit(verify, one)
        except Exception as error:
            over(one, error)

    def verify(one: Transfer) -> None:
        try:
            outcome: Outcome = one.verify()
        except Exception as error:
            outcome = error
        over(one, outcome)

    try:
        # The largest first, so that no writer is left with it at the end.
        for image in sorted(wanted, key=lambda image: -(image.size or 0)):
            writers.submit(write, image)
        for _ in wanted:
            take(*_next(done, *idle))
    finally:
        writers.shutdown(wait=True, cancel_futures=True)
        # What is written is read back: whoever waits for room would wait for ever otherwise.
        readers.shutdown(wait=True)


def _next(
    done: SimpleQueue[tuple[Image, Outcome]], seconds: float, idle: Callable[[], None]
) -> tuple[Image, Outcome]:
    while True:
        try:
            return done.get(timeout=seconds)
        except Empty:
            idle()
