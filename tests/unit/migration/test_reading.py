"""Reading back: every byte of a file counts for its hash, and no byte of a hole is asked for."""

from __future__ import annotations

import errno
import hashlib
import os
import threading
from pathlib import Path
from typing import NamedTuple

import pytest

from strata.migration import points, reading, transfer
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
    """Both ways of the wire are in use."""
    digest, written, begun = reading.digest, threading.Semaphore(0), threading.Lock()

    def slow(handle: int, algorithm: str) -> str:
        if "/new/" in os.readlink(f"/proc/self/fd/{handle}") and begun.acquire(blocking=False):
            for _ in range(10):
                assert written.acquire(timeout=30), "the others wait for one that is read back"
        return digest(handle, algorithm)

    monkeypatch.setattr(transfer, "digest", slow)
    monkeypatch.setitem(points.HOOKS, "copy.written", lambda path: written.release())
    assert site.done("copy", "--workers", "2")["copied"] == 20


def test_no_more_files_are_open_than_there_are_workers(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of thousands every one would be two open files."""
    open_: list[int] = []

    def look(path: str) -> None:
        open_.append(sum(1 for name in os.listdir(site.new) if name.startswith(".")))

    monkeypatch.setitem(points.HOOKS, "copy.verified", look)
    site.done("copy", "--workers", "3")
    assert 0 < max(open_) <= 3
    ours = [os.readlink(path) for path in Path("/proc/self/fd").iterdir() if path.exists()]
    assert [path for path in ours if path.startswith((str(site.old), str(site.new)))] == []
