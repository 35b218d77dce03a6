"""Which tests go one after the other when `tools/test.sh` runs them in two processes.

A file's tests stay together, and so do all that use the one lab of tests/acceptance: one process has that lab, its state and its
guest, from its first `up` to its `down`. They come last, when all else is done: an emulated guest has use for both
processors, and with another beside it each of its steps takes three times as long.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from xdist.scheduler import LoadScopeScheduling

ACCEPTANCE = PurePosixPath("tests/acceptance")
WITHOUT_THAT_LAB = (ACCEPTANCE / "engine", ACCEPTANCE / "lab")
"""Their emulators and labs are their own; whatever comes to tests/acceptance beside them is taken to share the one lab."""
LAB = "the lab of tests/acceptance"
FIRST_SECONDS = 1200
"""For the first test with a lab: it may have to build the guest's image."""


def what_it_shares(nodeid: str) -> str:
    """Tests that give the same answer run in one process, in their order."""
    file = PurePosixPath(nodeid.partition("::")[0])
    own = not file.is_relative_to(ACCEPTANCE) or any(file.is_relative_to(one) for one in WITHOUT_THAT_LAB)
    return str(file) if own else LAB


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """In two processes the lab's tests are handed out last; in one the order stays as it is."""
    begun = set()
    for item in items:
        shared = what_it_shares(item.nodeid)
        if shared not in begun and "lab" in getattr(item, "fixturenames", ()):
            begun.add(shared)
            item.add_marker(pytest.mark.timeout(FIRST_SECONDS))
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: what_it_shares(item.nodeid) == LAB)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    """Hand tests out by what they share."""
    from xdist.scheduler import LoadScopeScheduling

    class ByWhatTheyShare(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return what_it_shares(nodeid)

    # By the order of the items, and not by the number of tests of a file.
    config.option.loadscopereorder = False
    return ByWhatTheyShare(config, log)
