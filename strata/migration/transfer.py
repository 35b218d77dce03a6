"""One file from here to there: its holes kept, read back from the target, and put in place only when its hash is right."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
from collections.abc import Callable, Iterator

from strata.migration import points
from strata.migration.direct import Direct, room
from strata.migration.failure import Stopped, words
from strata.migration.journal import Proof, sync_folder
from strata.migration.reading import UNRECORDED, digest, digest_of, stretches
from strata.migration.survey import PART, Image

STEP = 4 << 20
SYNC = 512 << 20
Count = Callable[[int], None]
CLOSED = -1


class Gone(Exception):
    """The source went away meanwhile: the image was deleted."""


def part_of(new: str, file: str) -> str:
    """Where the copy grows; Glance never serves a name with a dot in front."""
    return os.path.join(new, f"{PART}{file}.part")


class Transfer:
    """One file on its way; `close` in any case.

    A copy that was begun goes on where it ended; its hash says whether that was right, and if not, it is made anew.
    count: called with the bytes that are newly done, for the progress.
    """

    def __init__(self, image: Image, new: str, count: Count) -> None:
        self.image, self.new, self.count = image, new, count
        self.part, self.place = part_of(new, image.file), os.path.join(new, image.file)
        self._source = self._target = CLOSED
        self._algorithm, self._expected = image.expected

    def carry(self) -> Proof:
        """Written, read back, and in its place, which lasts when this returns. Raises Gone, or Stopped with a sentence."""
        with self._told():
            self._open()
            if not self._expected:
                self._algorithm, self._expected = UNRECORDED, digest(self._source, UNRECORDED)
            _known(self.image, self._algorithm)
            if _same(self.place, self._before) and self._is_right_in_place():
                return self._proof()
            found = ""
            # What an earlier run left may be torn: that costs none of the two attempts.
            for _ in range(3 if os.path.lexists(self.part) else 2):
                if found:
                    # Closed first: an NFS client keeps the file of an open handle under another name.
                    self._close_target()
                    drop(self.part)
                self._write()
                found = digest(self._target, self._algorithm)
                if found == self._expected:
                    points.reach("copy.verified", self.part)
                    self._refuse_changed()
                    os.replace(self.part, self.place)
                    return self._proof()
            raise Stopped(_wrong_hash(self.image, self.place, self._algorithm, self._expected, found))

    def close(self) -> None:
        self._close_target()
        if self._source != CLOSED:
            os.close(self._source)
            self._source = CLOSED

    def _close_target(self) -> None:
        if self._target != CLOSED:
            os.close(self._target)
            self._target = CLOSED

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise _refused(self.image, self.new, error) from error

    def _open(self) -> None:
        image = self.image
        try:
            self._source = os.open(image.source, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            raise Gone from None
        except OSError as error:
            raise Stopped(f"Image {image.id}: {image.source} can't be read: {words(error)}.") from error
        self._before = os.fstat(self._source)
        if image.size is not None and image.size != self._before.st_size:
            raise Stopped(_wrong_size(image, self._before.st_size))

    def _is_right_in_place(self) -> bool:
        self._target = os.open(self.place, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        # A copy by hand may be in this host's memory only.
        os.fsync(self._target)
        if digest(self._target, self._algorithm) != self._expected:
            return False
        points.reach("copy.verified", self.place)
        self._refuse_changed()
        if own_like(self._target, self._before):
            os.fsync(self._target)
        self.count(self._before.st_size)
        return True

    def _refuse_changed(self) -> None:
        now = os.fstat(self._source)
        if (now.st_size, now.st_mtime_ns) != (self._before.st_size, self._before.st_mtime_ns):
            raise Stopped(
                f"Image {self.image.id}: {self.image.source} was written to while it was copied. Glance never does that; "
                "see who does."
            )

    def _proof(self) -> Proof:
        sync_folder(self.new)
        points.reach("copy.renamed", self.place)
        there, image, before = os.stat(self.place), self.image, self._before
        return Proof(
            image.file,
            image.id,
            image.source,
            before.st_size,
            before.st_mtime_ns,
            there.st_mtime_ns,
            self._algorithm,
            self._expected,
        )

    def _write(self) -> None:
        self._close_target()
        size = self._before.st_size
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        # With its mode from the beginning, which is a question less for the server.
        target = self._target = os.open(self.part, flags, self._before.st_mode & 0o777)
        there = os.fstat(target).st_size
        # What a power failure tore is at the end; the last step is written again.
        at = max(0, min(there, size) - STEP) // STEP * STEP
        if at != there:
            os.ftruncate(target, at)
        points.reach("copy.started", self.part)
        self.count(at)
        source, copy, part = Direct(self._source), Direct(target), room(min(STEP, size))
        for begin, end in stretches(self._source, at, size):
            self.count(begin - at)
            at = begin
            while at < end:
                at += self._put(copy, source.read(part, min(STEP, end - at), at), at)
        if at < size:
            self.count(size - at)
            os.ftruncate(target, size)
        own_like(target, self._before)
        # The only one: before it nothing is known of the copy, after it the bytes are on the disk, and whose they are.
        os.fsync(target)
        points.reach("copy.written", self.part)

    def _put(self, copy: Direct, part: memoryview, at: int) -> int:
        got, written = len(part), 0
        if got == 0:
            raise Stopped(_wrong_size(self.image, at))
        while written < got:
            written += copy.write(part[written:], at + written)
        self.count(got)
        if (at + got) // SYNC > at // SYNC:
            # Or the sync at the end takes so long on a slow line that whoever watches takes the server for gone.
            os.fdatasync(self._target)
        points.reach("copy.half", self.part)
        return got


def own_like(handle: int, source: os.stat_result) -> bool:
    """Owner, group, mode and time of the source; says whether anything differed. Not on the disk when this returns."""
    there = os.fstat(handle)
    owner = (there.st_uid, there.st_gid) != (source.st_uid, source.st_gid)
    if owner:
        os.fchown(handle, source.st_uid, source.st_gid)
    # A change of owner takes some of the bits away.
    mode = owner or (there.st_mode ^ source.st_mode) & 0o7777 != 0
    if mode:
        os.fchmod(handle, source.st_mode & 0o7777)
    time = there.st_mtime_ns != source.st_mtime_ns
    if time:
        os.utime(handle, ns=(source.st_atime_ns, source.st_mtime_ns))
    return owner or mode or time


def _known(image: Image, algorithm: str) -> None:
    try:
        hashlib.new(algorithm, usedforsecurity=False)
    except ValueError:
        raise Stopped(
            f"Image {image.id} was recorded with a hash of the kind {algorithm!r}, which this host can't make, "
            "so its copy can't be proven. Nothing of it was copied."
        ) from None


def _same(place: str, source: os.stat_result) -> bool:
    """Whether something of that size lies at the new place already: a copy by hand, or ours before it was recorded."""
    try:
        there = os.lstat(place)
    except FileNotFoundError:
        return False
    return there.st_size == source.st_size and (there.st_mode & 0o170000) == 0o100000


def drop(path: str) -> None:
    """Removes a copy of ours, if it is there."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)


def _wrong_size(image: Image, size: int) -> str:
    return (
        f"Image {image.id}: {image.source} has {size} bytes, and Glance recorded {image.size}. Its downloads are broken already. "
        "Put the file back from a backup, or delete the image, and repeat."
    )


def _wrong_hash(image: Image, place: str, algorithm: str, expected: str, found: str) -> str:
    source = digest_of(image.source, algorithm)
    what = f"Image {image.id}: its copy for {place} has the {algorithm} {found}, twice, and expected was {expected}. "
    if source == expected:
        return (
            what
            + f"{image.source} is right: the volume or the way to it changes what is written. Look there, and repeat."
        )
    return (
        what
        + f"{image.source} itself has {source}: the image was damaged before. Put the file back from a backup, or delete "
        "the image, and repeat."
    )


def _refused(image: Image, new: str, error: OSError) -> Stopped:
    advice = {
        errno.ENOSPC: "The volume is full: enlarge it and repeat; what was copied stays.",
        errno.EDQUOT: "The quota is used up: enlarge it and repeat; what was copied stays.",
        errno.EFBIG: "The volume takes no file of that size.",
        errno.EROFS: "The export or the mount is read-only: correct its rule and repeat.",
        errno.EACCES: "See the export policy's rule: this host's root must be allowed to write.",
        errno.EPERM: "See the export policy's rule: root here must be allowed to change owners (superuser, no_root_squash).",
        errno.ESTALE: "The volume was made anew under the mount: mount it again and repeat.",
    }.get(error.errno or 0, "See the host's and the server's logs, and repeat; what was copied stays.")
    return Stopped(
        f"Image {image.id} ({image.size} bytes) could not be copied to {new}: {words(error)}. {advice}"
    )
