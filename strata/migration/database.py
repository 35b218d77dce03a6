"""Glance's database: which locations there are, and their rewriting in one transaction.

Glance writes a location as `file://` and the path as it is, nothing quoted (glance_store, the filesystem driver's get_uri).
"""

from __future__ import annotations

import importlib
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from strata.migration.failure import Stopped

SUPPORTED: Final = ("sqlite", "mysql", "mariadb", "postgresql")
SCHEMES: Final = ("file://", "filesystem://")


def file_of(value: str) -> str | None:
    """The path in a location, made plain; None for one of another store."""
    for scheme in SCHEMES:
        if value.startswith(scheme + "/"):
            return os.path.normpath("/" + value[len(scheme) :].lstrip("/"))
    return None


@dataclass(frozen=True)
class Location:
    """One live row of image_locations, with what its image's row says. size, algorithm and digest may not be set yet."""

    row: int
    image: str
    value: str
    store: str
    status: str
    size: int | None
    algorithm: str
    digest: str

    @property
    def path(self) -> str | None:
        """The file, its path made plain; None where the image is in another store."""
        return file_of(self.value)


@dataclass(frozen=True)
class Change:
    """One location before and after."""

    row: int
    image: str
    old: str
    new: str


@dataclass(frozen=True)
class Record:
    """A live image as Glance has recorded it, wherever it lies; algorithm and digest may be empty, `locations` too."""

    image: str
    status: str
    size: int | None
    algorithm: str
    digest: str
    locations: tuple[str, ...] = ()


class Unexpected(Exception):
    """A row was not as it was read; the transaction was taken back."""

    def __init__(self, change: Change) -> None:
        super().__init__(change.image)
        self.change = change


def sqlalchemy() -> Any:
    """Glance brings it; Strata's own environment need not have it."""
    return importlib.import_module("sqlalchemy")


class Database:
    """Glance's database by Glance's own connection text."""

    def __init__(self, connection: str) -> None:
        sql = self._sql = sqlalchemy()
        try:
            url = sql.engine.make_url(connection)
            self.kind: str = url.get_backend_name()
        except Exception as error:
            raise Stopped(
                f"Glance's [database] connection can't be understood ({type(error).__name__}). Correct it and repeat."
            ) from None
        if self.kind not in SUPPORTED:
            raise Stopped(
                f"Glance's database is {self.kind}; only {', '.join(SUPPORTED)} are supported. Nothing was changed."
            )
        if self.kind == "sqlite" and not os.path.exists(url.database or ""):
            raise Stopped(
                f"Glance's database {url.database} does not exist. Name the configuration that Glance uses."
            )
        with self._answers():
            # A server may close a connection that waits; a look first costs one round trip.
            self.engine = sql.create_engine(url, pool_pre_ping=self.kind != "sqlite")
        column, table = sql.column, sql.table
        # Typed, so that every database gets its own word for false.
        gone = sql.Boolean()
        self.images = table(
            "images",
            *(column(name) for name in ("id", "status", "size", "checksum", "os_hash_algo", "os_hash_value")),
            column("deleted", gone),
        )
        self.locations = table(
            "image_locations",
            *(column(name) for name in ("id", "image_id", "value", "meta_data")),
            column("deleted", gone),
        )

    @contextmanager
    def _answers(self) -> Iterator[None]:
        try:
            yield
        except (Stopped, Unexpected, OSError):
            raise
        except Exception as error:
            # Its words may hold the connection's text, password included.
            raise Stopped(
                f"Glance's database ({getattr(self, 'kind', 'of an unknown kind')}) did not answer as expected: "
                f"{type(error).__name__}. Nothing was changed there. See that it runs and can be reached, and repeat."
            ) from None

    def select(self) -> Any:
        """Every live location of a live image."""
        one, image = self.locations.c, self.images.c
        return (
            self._sql.select(
                one.id,
                one.image_id,
                one.value,
                one.meta_data,
                image.status,
                image.size,
                image.checksum,
                image.os_hash_algo,
                image.os_hash_value,
            )
            .select_from(self.locations.join(self.images, one.image_id == image.id))
            .where(one.deleted == self._sql.false(), image.deleted == self._sql.false())
            .order_by(one.id)
        )

    def read(self) -> list[Location]:
        """In one query."""
        with self._answers(), self.engine.connect() as connection:
            return [_location(row) for row in connection.execute(self.select())]

    def records(self) -> list[Record]:
        """Every live image, those without a location too."""
        here: dict[str, list[str]] = {}
        for row in self.read():
            here.setdefault(row.image, []).append(row.value)
        image = self.images.c
        query = self._sql.select(
            image.id, image.status, image.size, image.checksum, image.os_hash_algo, image.os_hash_value
        ).where(image.deleted == self._sql.false())
        with self._answers(), self.engine.connect() as connection:
            return [
                Record(id, status or "", size, *_hash(checksum, algorithm, digest), tuple(here.get(id, ())))
                for id, status, size, checksum, algorithm, digest in connection.execute(query)
            ]

    def deleted_images(self, ids: Iterable[str]) -> set[str]:
        """Those of the images of which Glance itself says that they are deleted."""
        found: set[str] = set()
        wanted = sorted(set(ids))
        image = self.images.c
        with self._answers(), self.engine.connect() as connection:
            for begin in range(0, len(wanted), 500):
                query = self._sql.select(image.id).where(
                    image.id.in_(wanted[begin : begin + 500]), image.deleted == self._sql.true()
                )
                found |= {row[0] for row in connection.execute(query)}
        return found

    def update(self) -> Any:
        """One location, only if it still has its old value."""
        bind, one = self._sql.bindparam, self.locations.c
        return (
            self._sql.update(self.locations)
            .where(one.id == bind("row"), one.value == bind("old"), one.deleted == self._sql.false())
            .values(value=bind("new"))
        )

    def rehearse(self) -> None:
        """Asks for a change of no row at all and takes it back: whether we may write is known before Glance is stopped."""
        nothing = {"row": -1, "old": "", "new": ""}
        with self._answers(), self.engine.connect() as connection, connection.begin() as transaction:
            connection.execute(self.update(), [nothing, nothing])
            connection.execute(self.select()).first()
            transaction.rollback()

    def rewrite(self, changes: Sequence[Change], before_commit: Any = None) -> None:
        """All of them or none, in one transaction; a row that has another value afterwards raises Unexpected.

        They are handed over at once and read back at once: no driver tells the same of many, and Glance stands still meanwhile.
        """
        with self._answers(), self.engine.begin() as connection:
            connection.execute(
                self.update(), [{"row": one.row, "old": one.old, "new": one.new} for one in changes]
            )
            now = {row[0]: row[2] for row in connection.execute(self.select())}
            for change in changes:
                if now.get(change.row) != change.new:
                    raise Unexpected(change)
            if before_commit is not None:
                before_commit()


def _location(row: Sequence[Any]) -> Location:
    id, image, value, meta, status, size, checksum, algorithm, digest = row
    try:
        fields = json.loads(meta) if isinstance(meta, (str, bytes)) else meta
        store = str((fields or {}).get("store") or (fields or {}).get("backend") or "")
    except (ValueError, AttributeError):
        # Glance before Rocky pickled it.
        store = ""
    return Location(id, image, value or "", store, status or "", size, *_hash(checksum, algorithm, digest))


def _hash(checksum: Any, algorithm: Any, digest: Any) -> tuple[str, str]:
    if algorithm and digest:
        return str(algorithm), str(digest)
    return ("md5", str(checksum)) if checksum else ("", "")
