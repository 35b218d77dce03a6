"""Reading back: every byte of a file counts for its hash, and no byte of a hole is asked for."""

from __future__ import annotations

import errno
import hashlib
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from strata.migration import points, reading, stages, transfer
from tests.unit.migration.site_of_glance import Site

MIB = 1 << 20
DATA = bytes(range(1, 256)) * 4112


class Case(NamedTuple):
    size: int
    data: tuple[int, ...]
    because: str


CASES = [
    Case(0, (), "an empty file"),
    Case(5, (0,), "less than a step"),
    Case(40 * MIB, (), "nothing but a hole"),
    Case(40 * MIB + 17, (0,), "a hole at the end, and no whole step"),
    Case(40 * MIB, (39 * MIB,), "a hole at the beginning"),
    Case(60 * MIB, (0, 20 * MIB, 59 * MIB), "holes between"),
    Case(3 * MIB, (0, MIB, 2 * MIB), "no hole at all"),
]


def made(path: Path, case: Case) -> bytes:
    whole = bytearray(case.size)
    with open(path, "wb") as out:
        out.truncate(case.size)
        for at in case.data:
            piece = DATA[: min(MIB, case.size - at)]
            out.seek(at)
            out.write(piece)
            whole[at : at + len(piece)] = piece
    return bytes(whole)


def no_seek(handle: int, at: int, how: int) -> int:
    raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.because.replace(" ", "-"))
@pytest.mark.parametrize("seeks", [True, False])
def test_the_hash_is_that_of_the_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, case: Case, seeks: bool
) -> None:
    path = tmp_path / "image"
    whole = made(path, case)
    count: list[int] = []
    read = os.preadv

    def counted(handle: int, buffers: list[memoryview], at: int) -> int:
        count.append(read(handle, buffers, at))
        return count[-1]

    monkeypatch.setattr(os, "preadv", counted)
    if not seeks:
        monkeypatch.setattr(os, "lseek", no_seek)
    assert reading.digest_of(str(path), "sha512") == hashlib.sha512(whole).hexdigest(), case.because
    expected = case.size - whole.count(0) if seeks else case.size
    assert expected <= sum(count) <= expected + 65536 * len(case.data), case.because


def test_what_is_cut_off_while_it_is_read_is_no_zeros(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "image"
    path.write_bytes(bytes(8 * MIB))
    read = os.preadv

    def cut(handle: int, buffers: list[memoryview], at: int) -> int:
        os.truncate(path, 2 * MIB)
        return read(handle, buffers, at)

    monkeypatch.setattr(os, "preadv", cut)
    assert reading.digest_of(str(path), "sha512") == hashlib.sha512(bytes(2 * MIB)).hexdigest()


def test_one_is_read_back_while_others_are_written(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Several readers at once slow each other down on the wire; a writer that waits for its reader would be idle."""
    digest: Callable[..., str] = reading.digest
    written, at_once, most = threading.Semaphore(0), [0], [0]

    def slow(handle: int, algorithm: str, *, cached: bool = False) -> str:
        if cached:
            return digest(handle, algorithm, cached=cached)
        at_once[0] += 1
        most[0] = max(most[0], at_once[0])
        if len(begun) == 0:
            begun.append(handle)
            for _ in range(20):
                assert written.acquire(timeout=30), "the writers do not wait for the reader"
        at_once[0] -= 1
        return digest(handle, algorithm, cached=cached)

    begun: list[int] = []
    monkeypatch.setattr(transfer, "digest", slow)
    monkeypatch.setitem(points.HOOKS, "copy.written", lambda path: written.release())
    assert site.done("copy")["copied"] == 20
    assert most == [1]


def test_no_more_files_are_open_than_there_is_room_for(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of thousands that are written and wait for their reader every one would be two open files."""
    monkeypatch.setattr(stages, "BACKLOG", 8)
    open_: list[int] = []
    monkeypatch.setitem(
        points.HOOKS,
        "copy.verified",
        lambda path: open_.append(sum(1 for name in os.listdir(site.new) if name.startswith("."))),
    )
    site.done("copy")
    assert 0 < max(open_) <= 8
    ours = [os.readlink(path) for path in Path("/proc/self/fd").iterdir() if path.exists()]
    assert [path for path in ours if path.startswith((str(site.old), str(site.new)))] == []
