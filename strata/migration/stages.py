"""Several files at once; each is written and then read back by the same thread, so that both ways of the wire are in use."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from queue import Empty, SimpleQueue
from typing import Union

from strata.migration.journal import Proof
from strata.migration.survey import Image
from strata.migration.transfer import Count, Transfer

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
    pool = ThreadPoolExecutor(max(1, workers))

    def one(image: Image) -> None:
        transfer = Transfer(image, new, count)
        try:
            outcome: Outcome = transfer.carry()
        except Exception as error:
            outcome = error
        finally:
            transfer.close()
        done.put((image, outcome))

    try:
        # The largest first, so that nobody is left with it at the end.
        for image in sorted(wanted, key=lambda image: -(image.size or 0)):
            pool.submit(one, image)
        for _ in wanted:
            take(*_next(done, *idle))
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _next(
    done: SimpleQueue[tuple[Image, Outcome]], seconds: float, idle: Callable[[], None]
) -> tuple[Image, Outcome]:
    while True:
        try:
            return done.get(timeout=seconds)
        except Empty:
            idle()
