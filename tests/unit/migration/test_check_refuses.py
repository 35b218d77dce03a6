"""What a check finds in the way of a move, before any other command: a sentence that names image, store, database or volume."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.migration.site_of_glance import Site
from tests.unit.migration.spoiled_site import Case, setting, truncate


def two_stores(first: Path, second: Path) -> str:
    folders = "".join(
        f"[{id}]\nfilesystem_store_datadir = {path}\n" for id, path in (("disk", first), ("fast", second))
    )
    return f"enabled_backends = disk:file, fast:file\n{folders}"


CHECKED = [
    Case(
        lambda s: (s.old / "image-06").unlink(), "Image image-06: Glance names", "an image without its file"
    ),
    Case(truncate, "image-06 has 10 bytes, and Glance recorded", "a file of another size"),
    Case(
        lambda s: setting(s, "metadata_encryption_key = 0123456789abcdef"),
        "metadata_encryption_key",
        "encrypted locations can't be rewritten",
    ),
    Case(
        lambda s: setting(
            s, "enabled_backends = other:file, far:rbd\n[other]\nfilesystem_store_datadir = /x\n"
        ),
        "20 locations belong to the store 'disk', which enabled_backends does not name",
        "a store id that is gone makes the image unreadable",
    ),
    Case(
        lambda s: setting(s, two_stores(s.old, s.old)),
        "and only one moves: disk (",
        "two stores in one directory",
    ),
    Case(
        lambda s: setting(s, two_stores(s.old, s.old / "deeper")),
        "and only one moves: disk (",
        "another store deeper in it",
    ),
    Case(
        lambda s: setting(s, two_stores(s.new, s.old)),
        "and only one moves: fast (",
        "one has moved, and the other stays",
    ),
]

FINE = [
    (lambda s: two_stores(s.old, s.root / "another"), "the other store lies elsewhere"),
    (lambda s: two_stores(s.new, s.root / "old-2"), "a name that begins alike is another directory"),
]


@pytest.mark.parametrize(("stores", "because"), FINE, ids=["elsewhere", "alike"])
def test_a_store_that_is_in_nobodys_way(site: Site, stores: Callable[[Site], str], because: str) -> None:
    setting(site, stores(site))
    assert site.done("check")["images"] == 20, because


@pytest.mark.parametrize("case", CHECKED, ids=lambda case: case.because.replace(" ", "-"))
def test_check_finds_it(site: Site, case: Case) -> None:
    case.spoil(site)
    answer = site.run("check")
    assert answer["code"] == 1
    assert len(answer["problems"]) == 1, case.because
    assert case.says in answer["problems"][0], case.because


def test_a_full_target_is_told_before(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("strata.migration.mounts.free", lambda directory: 4096)
    (problem,) = site.run("check")["problems"]
    assert "has 4096 bytes free" in problem


def test_a_target_that_refuses_writing(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.open

    def refuse(path: str, flags: int, *more: int) -> int:
        if ".strata-probe-" in str(path):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), path)
        return real(path, flags, *more)

    monkeypatch.setattr(os, "open", refuse)
    (problem,) = site.run("check")["problems"]
    assert "can't be written to: Read-only file system" in problem


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("connection = oracle+oracledb://user:geheim@host/glance", "Glance's database is oracle"),
        ("connection = sqlite:////nowhere/glance.db", "does not exist"),
        ("connection = what is this geheim", "can't be understood"),
        ("", "has no [database] connection"),
    ],
)
def test_a_database_that_is_not_supported(site: Site, line: str, says: str) -> None:
    site.config.write_text(f"[database]\n{line}\n")
    (problem,) = site.run("check")["problems"]
    assert says in problem
    assert "geheim" not in problem
