"""While Glance stands still somebody watches the work: a server that is gone blocks for ever whoever asks it.

The work is done by a thread of its own; whatever moves on says so (`beat`). A thread that is given up may still hang in the
kernel: it never touches anything again, and the program does not wait for it (`stuck`).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, TypeVar

from strata.migration.failure import Stopped

T = TypeVar("T")
LONGEST: Final = 120.0
"""Seconds without a byte or a file after which the work is given up; a server that fails over is back before."""
LOOK: Final = 1.0
PARTING: Final = 5.0
"""Seconds in which a thread that is given up may come to its end: it is only slow, or it hangs."""


class GivenUp(Exception):
    """Ends a thread whose work was given up while it hung."""


@dataclass
class Watch:
    """The work that is watched now; `keeper` is the thread that watches."""

    last: float
    clock: Callable[[], float]
    keeper: int = field(default_factory=threading.get_ident)
    given_up: bool = False
    thread: threading.Thread | None = None


_WATCHES: Final[list[Watch]] = []
"""At most one: the window of a cutover is the only work that is watched."""


def beat() -> None:
    """Something has moved on. Raises GivenUp where nobody waits for it any more."""
    for watch in _WATCHES:
        if watch.given_up and watch.keeper != threading.get_ident():
            raise GivenUp
        watch.last = watch.clock()


def stuck() -> bool:
    """Whether a thread that was given up still hangs: then the program must leave without waiting for it."""
    return any(one.given_up and one.thread is not None and one.thread.is_alive() for one in _WATCHES)


def watched(
    act: Callable[[], T], told: Callable[[float], str], clock: Callable[[], float] = time.monotonic
) -> T:
    """What `act` gives; whatever is raised here meanwhile (by a signal) ends it too. told: the sentence for so many seconds."""
    watch = Watch(clock(), clock)
    _WATCHES[:] = [watch]
    over = threading.Event()
    results: list[T] = []
    errors: list[BaseException] = []

    def work() -> None:
        try:
            results.append(act())
        except BaseException as error:
            errors.append(error)
        finally:
            over.set()

    watch.thread = threading.Thread(target=work, name="window", daemon=True)
    watch.thread.start()
    try:
        while not over.wait(LOOK):
            if clock() - watch.last > LONGEST:
                raise Stopped(told(LONGEST))
    except BaseException:
        watch.given_up = True
        over.wait(PARTING)
        raise
    watch.thread.join()
    if errors:
        raise errors[0]
    return results[0]
