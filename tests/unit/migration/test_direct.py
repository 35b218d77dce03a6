"""Past the host's memory: the same bytes whatever the file system allows, and no more than that."""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from strata.migration import direct, points
from strata.migration.direct import Direct, room
from tests.unit.migration.site_of_glance import Site

SIZES = (0, 1, 4095, 4096, 4097, 3 * 4096, 100_000)
STEP = 8192


def refused(number: int) -> Callable[..., int]:
    def call(*given: object) -> int:
        raise OSError(number, os.strerror(number))

    return call


def allowed(folder: Path) -> bool:
    """Whether the file system of the tests can do without the host's memory; a tmpfs can't."""
    try:
        os.close(os.open(folder / "asked", os.O_RDWR | os.O_CREAT | os.O_DIRECT))
    except OSError:
        return False
    return True


def strict(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the strictest file system: direct, nothing but whole blocks of aligned memory."""
    read, write, is_direct = os.preadv, os.pwrite, [False]
    ask = fcntl.fcntl

    def flags(handle: int, what: int, given: int = 0) -> int:
        if what == fcntl.F_SETFL:
            is_direct[0] = bool(given & os.O_DIRECT)
            return 0
        return int(ask(handle, what, given))

    def see(part: memoryview, at: int) -> None:
        if is_direct[0] and (len(part) % 4096 or at % 4096):
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))

    def preadv(handle: int, parts: list[memoryview], at: int) -> int:
        see(parts[0], at)
        return read(handle, parts, at)

    def pwrite(handle: int, part: memoryview, at: int) -> int:
        see(part, at)
        return write(handle, part, at)

    monkeypatch.setattr(direct.fcntl, "fcntl", flags)
    monkeypatch.setattr(os, "preadv", preadv)
    monkeypatch.setattr(os, "pwrite", pwrite)


def unable(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a file system that knows no such thing."""
    ask = fcntl.fcntl

    def flags(handle: int, what: int, given: int = 0) -> int:
        if what == fcntl.F_SETFL and given & os.O_DIRECT:
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        return int(ask(handle, what, given))

    monkeypatch.setattr(direct.fcntl, "fcntl", flags)


def usual(monkeypatch: pytest.MonkeyPatch) -> None:
    """As it is here."""


@pytest.mark.parametrize("kind", [usual, strict, unable])
@pytest.mark.parametrize("size", SIZES)
def test_a_file_is_copied_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: Callable[[pytest.MonkeyPatch], None], size: int
) -> None:
    whole = os.urandom(size)
    (tmp_path / "from").write_bytes(whole)
    kind(monkeypatch)
    source = os.open(tmp_path / "from", os.O_RDONLY)
    target = os.open(tmp_path / "to", os.O_RDWR | os.O_CREAT)
    at, files, part = 0, (Direct(source), Direct(target)), room(STEP)
    while got := files[0].read(part, STEP, at):
        written = 0
        while written < len(got):
            written += files[1].write(got[written:], at + written)
        at += len(got)
    os.close(source)
    os.close(target)
    assert (tmp_path / "to").read_bytes() == whole
    if kind is unable:
        assert not files[0].direct
        assert not files[1].direct
    if kind is strict:
        assert files[1].direct == (size % 4096 == 0), "only the last bytes go the usual way"


def test_no_more_comes_than_was_asked_for(tmp_path: Path) -> None:
    """A stretch of bytes before a hole is no multiple of a block where blocks are small."""
    (tmp_path / "from").write_bytes(bytes(range(256)) * 64)
    handle = os.open(tmp_path / "from", os.O_RDONLY)
    assert bytes(Direct(handle).read(room(STEP), 1000, 4096)) == (bytes(range(256)) * 4)[:1000]
    os.close(handle)


@pytest.mark.parametrize("name", ["preadv", "pwrite"])
def test_what_the_disk_says_is_not_taken_for_a_refusal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    handle = os.open(tmp_path / "file", os.O_RDWR | os.O_CREAT)
    file, part = Direct(handle), room(STEP)
    was = file.direct
    monkeypatch.setattr(os, name, refused(errno.EIO))
    with pytest.raises(OSError, match=os.strerror(errno.EIO)):
        file.read(part, STEP, 0) if name == "preadv" else file.write(part, 0)
    assert file.direct == was
    os.close(handle)


def test_images_pass_the_hosts_memory_by(site: Site) -> None:
    """Source and copy, while they are written and when the copy is read back."""
    seen: set[tuple[str, bool]] = set()

    def look(path: str) -> None:
        for one in Path("/proc/self/fd").iterdir():
            there = os.readlink(one) if one.is_symlink() else ""
            if there == path or there == str(site.old / Path(path).name[len(".strata-") : -len(".part")]):
                flags = fcntl.fcntl(int(one.name), fcntl.F_GETFL)
                seen.add((Path(there).parent.name, bool(flags & os.O_DIRECT)))

    site.upload("large", os.urandom(2 * 4096))
    points.HOOKS["copy.half"] = lambda path: look(path) if "large" in path else None
    site.done("copy", "--workers", "1")
    assert seen == {("old", allowed(site.old)), ("new", allowed(site.new))}
