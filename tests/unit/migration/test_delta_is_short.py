"""The delta is the downtime: on two thousand images of which none changed it asks once, looks once, and opens no image."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from strata.migration.database import sqlalchemy
from strata.migration.journal import Journal, Proof
from tests.unit.migration.site_of_glance import Site

COUNT = 2000


@pytest.fixture
def large(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path)
    site.database.execute("BEGIN")
    for number in range(COUNT):
        site.upload(f"{number:08}-0000-4000-8000-000000000000", b"an image")
    site.database.execute("COMMIT")
    site.done("copy")
    yield site
    site.database.close()


def test_a_delta_without_changes(large: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: Counter[str] = Counter()

    def counted(name: str) -> None:
        real = getattr(os, name)

        def call(*given: Any, **more: Any) -> Any:
            # What the interpreter does for its own modules is not counted.
            if not str(given[0]).startswith("/") or str(given[0]).startswith(str(large.root)):
                calls[name] += 1
            return real(*given, **more)

        monkeypatch.setattr(os, name, call)

    for name in ("scandir", "stat", "lstat", "open", "read", "readv", "preadv", "unlink"):
        counted(name)
    sql = sqlalchemy()
    queries: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *more: Any) -> None:
        queries.append(statement)

    sql.event.listen(sql.engine.Engine, "before_cursor_execute", note)
    began = time.process_time()
    try:
        done = large.done("delta")
    finally:
        sql.event.remove(sql.engine.Engine, "before_cursor_execute", note)
    assert (done["images"], done["copied"]) == (COUNT, 0)
    assert len(queries) == 1, queries
    assert calls["scandir"] == 2, "one look into each directory"
    assert calls["readv"] == calls["preadv"] == calls["unlink"] == 0, "no image is read"
    assert sum(calls.values()) < 60, f"nothing is done once for each image: {calls}"
    assert time.process_time() - began < 2, "0.1 s of work were measured"


def test_one_change_among_many(large: Site) -> None:
    image = f"{7:08}-0000-4000-8000-000000000000"
    path = large.old / image
    path.write_bytes(b"an image")
    os.utime(path, ns=(1, 1))
    assert large.done("delta")["copied"] == 1, "another time: read again and verified, nothing else"


def test_the_journal_of_many_is_read_once_in_the_order_of_its_lines(large: Site) -> None:
    journal = Journal(str(large.journal))
    assert len(journal.proofs()) == COUNT
    first = next(iter(journal.proofs().values()))
    newer = Proof(**{**vars(first), "size": 1})
    journal.prove(newer)
    assert journal.proofs()[first.file] == newer
    journal.forget(first.file)
    assert len(journal.proofs()) == COUNT - 1
