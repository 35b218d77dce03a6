"""The statements as each database gets them, and which rows are files of ours."""

from __future__ import annotations

import importlib

import pytest

from strata.migration.database import Database, Location
from tests.unit.migration.site_of_glance import Site


@pytest.mark.parametrize(
    ("dialect", "live"),
    [
        ("sqlite", "image_locations.deleted = 0 AND images.deleted = 0"),
        ("mysql", "image_locations.deleted = false AND images.deleted = false"),
        ("postgresql", "image_locations.deleted = false AND images.deleted = false"),
    ],
)
def test_the_statements(site: Site, dialect: str, live: str) -> None:
    speaks = importlib.import_module(f"sqlalchemy.dialects.{dialect}.base")
    names = {"sqlite": "SQLiteDialect", "mysql": "MySQLDialect", "postgresql": "PGDialect"}
    database = Database(f"sqlite:///{site.root}/glance.db")
    select, update = (
        " ".join(str(statement.compile(dialect=getattr(speaks, names[dialect])())).split())
        for statement in (database.select(), database.update())
    )
    assert f"WHERE {live} ORDER BY image_locations.id" in select
    assert update.startswith("UPDATE image_locations SET value=")
    for condition in ("id = ", "value = ", f"deleted = {live.split()[2]}"):
        assert f"image_locations.{condition}" in update, "only the row as it was read"


@pytest.mark.parametrize(
    ("value", "path", "because"),
    [
        ("file:///images/a", "/images/a", "as Glance writes it"),
        ("filesystem:///images/a", "/images/a", "the other scheme of the same store"),
        ("file:///images//a", "/images/a", "the directory was configured with a slash at its end"),
        ("file:////images/a", "/images/a", "or at its beginning"),
        ("file:///images/a%20b", "/images/a%20b", "Glance quotes nothing"),
        ("rbd://images/a", None, "another store"),
        ("https://there/images/a", None, "another store"),
        ("file://", None, "no path"),
    ],
)
def test_the_file_of_a_location(value: str, path: str | None, because: str) -> None:
    assert Location(1, "a", value, "", "active", 1, "", "").path == path, because


def test_only_the_directory_and_not_its_namesakes(site: Site) -> None:
    beside = site.root / "old2"
    beside.mkdir()
    site.upload("beside", folder=beside)
    for phase in ("copy", "delta", "locate"):
        site.done(phase)
    values = site.values()
    assert values.pop("beside") == f"file://{beside}/beside"
    assert all(value.startswith(f"file://{site.new}/") for value in values.values())


def test_a_rewrite_changes_the_value_and_nothing_else(site: Site) -> None:
    before = site.rows()
    for phase in ("copy", "delta", "locate"):
        site.done(phase)
    for old, new in zip(before, site.rows(), strict=True):
        assert old[2].replace(f"file://{site.old}/", f"file://{site.new}/") == new[2]
        assert old[:2] + old[3:] == new[:2] + new[3:], "id, image, store, state and time stay"


def test_several_old_directories(site: Site) -> None:
    second = site.root / "second"
    second.mkdir()
    site.upload("in-the-second", folder=second)
    for phase in ("check", "copy", "delta", "locate"):
        site.done(phase, "--from", str(second))
    assert site.served() == site.images
    assert len(set(site.values().values())) == 21
