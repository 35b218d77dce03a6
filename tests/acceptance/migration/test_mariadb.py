"""The same move where Glance keeps its records in MariaDB."""

from __future__ import annotations

import pytest

from lab.glance.images import STORE
from lab.glance.population import specimens
from tests.acceptance.migration.site import MOUNT, STORE_MOVED, Site

pytestmark = [pytest.mark.acceptance, pytest.mark.migration, pytest.mark.timeout(900)]


def test_the_move_and_its_way_back_with_mariadb(site: Site) -> None:
    site.images.use_mariadb()
    site.populate(specimens(12, 8 * 1024 * 1024))
    site.declare(MOUNT, STORE_MOVED)
    site.up()
    site.is_good()
    assert site.project.resource("strata:glance:ImageMigration")["outputs"]["database"] in (
        "mysql",
        "mariadb",
    )
    assert "unchanged" in site.up().output
    site.project.destroy()
    site.is_good(STORE)
