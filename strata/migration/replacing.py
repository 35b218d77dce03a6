"""One configuration file replaced by its successor at one stroke: mode, owner and extended attributes stay, a backup is kept.

The slow part (writing and syncing the new text, the backup) is done by `stage`, beforehand; `put` is one rename.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from strata.hostfiles import decode, encode
from strata.migration import points
from strata.migration.failure import Stopped, words
from strata.migration.journal import sync_folder

LOCKS = "/run/lock"
"""Where the scripts that change a host's files lock them too, as `strata-files`."""


def read(path: str) -> str | None:
    """The text, None where there is no such file."""
    try:
        with open(path, "rb") as file:
            return decode(file.read())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Stopped(
            f"{path} can't be read: {words(error)}. See its rights and its disk, and repeat."
        ) from error


@dataclass(frozen=True)
class Staged:
    """The new text beside the file, on the disk. old: what the file has to hold still when it is put; None: nothing to put."""

    path: str
    old: str | None
    new: str | None

    @property
    def _beside(self) -> str:
        return os.path.join(os.path.dirname(self.path), f".{os.path.basename(self.path)}.strata-migration")

    def put(self) -> None:
        """At one stroke, if nobody has changed the file meanwhile."""
        if self.new is None:
            return
        with _locked():
            if read(self.path) != self.old:
                raise Stopped(
                    f"{self.path} was changed by somebody else while this ran, so it was left alone. See who does, and repeat."
                )
            os.replace(self._beside, self.path)
            sync_folder(os.path.dirname(self.path))

    def drop(self) -> None:
        """Takes back what was staged and not put."""
        with suppress(OSError):
            os.unlink(self._beside)

    def _write(self, new: str) -> None:
        os.makedirs(os.path.dirname(self.path), exist_ok=True)
        self.drop()
        handle = os.open(self._beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with open(handle, "wb") as out:
            out.write(encode(new))
            out.flush()
            if self.old is None:
                os.fchmod(handle, 0o644)
            else:
                _like(self.path, self._beside)
            os.fsync(handle)


def staged_at(path: str) -> Staged:
    """What a dead process may have staged for that file; only to be dropped."""
    return Staged(os.path.realpath(path), None, None)


def stage(path: str, old: str | None, new: str, *, backup: bool) -> Staged:
    """Prepares `new` in the place of `old`, which is what `read` gave."""
    if new == old:
        return Staged(os.path.realpath(path), old, None)
    staged = Staged(os.path.realpath(path), old, new)
    try:
        if backup and old is not None:
            _back_up(staged.path)
        staged._write(new)
    except OSError as error:
        staged.drop()
        raise Stopped(
            f"{path} can't be replaced: {words(error)}. It was left as it is. Make room or correct the rights, and repeat."
        ) from error
    points.reach("file.staged", path)
    return staged


def remove(path: str) -> None:
    """Removes a file, if it is there, and its folder, if that is empty then."""
    with suppress(FileNotFoundError):
        os.unlink(path)
    with suppress(OSError):
        os.rmdir(os.path.dirname(path))


def _like(path: str, new: str) -> None:
    there = os.stat(path)
    os.chown(new, there.st_uid, there.st_gid)
    shutil.copystat(path, new)
    os.utime(new)


def _back_up(path: str) -> None:
    """The file as it was before anything of ours touched it: an older backup stays."""
    backup = f"{path}.strata-backup"
    if os.path.lexists(backup):
        return
    new = f"{backup}.new"
    with suppress(FileNotFoundError):
        os.unlink(new)
    os.close(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    shutil.copyfile(path, new)
    there = os.stat(path)
    os.chown(new, there.st_uid, there.st_gid)
    shutil.copystat(path, new)
    handle = os.open(new, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    os.rename(new, backup)
    sync_folder(os.path.dirname(path))


@contextmanager
def _locked(seconds: float = 10) -> Iterator[None]:
    if not os.path.isdir(LOCKS):
        yield
        return
    handle = os.open(os.path.join(LOCKS, "strata-files"), os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        end = time.monotonic() + seconds
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > end:
                    raise Stopped(
                        f"{LOCKS}/strata-files has been locked for {seconds:g} s by another change of this host's files. Wait "
                        "for its end and repeat."
                    ) from None
                time.sleep(0.05)
        yield
    finally:
        os.close(handle)
