"""A site in which one thing is wrong, and the sentence that has to say so."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import NamedTuple

from tests.unit.migration.site_of_glance import Site


class Case(NamedTuple):
    spoil: Callable[[Site], object]
    says: str
    because: str


def setting(site: Site, line: str) -> None:
    site.config.write_text(site.config.read_text().replace("debug = False", line))


def truncate(site: Site) -> None:
    os.truncate(site.old / "image-06", 10)
