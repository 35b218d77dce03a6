"""One file from here to there: its holes kept, read back from the target, and put in place only when its hash is right."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
from collections.abc import Callable, Iterator

from strata.migration import points
from strata.migration.failure import Stopped, words
from strata.migration.journal import Proof, sync_folder
from strata.migration.survey import PART, Image

STEP = 4 << 20
Count = Callable[[int], None]


class Gone(Exception):
    """The source went away meanwhile: the image was deleted."""


def part_of(new: str, file: str) -> str:
    """Where the copy grows; Glance never serves a name with a dot in front."""
    return os.path.join(new, f"{PART}{file}.part")


def transfer(image: Image, new: str, count: Count) -> Proof:
    """Copies, verifies and puts the file in place. Raises Gone, or Stopped with a sentence.

    A copy that was begun goes on where it ended; its hash says whether that was right, and if not, it is made anew.
    count: called with the bytes that are newly done, for the progress.
    """
    part, place = part_of(new, image.file), os.path.join(new, image.file)
    try:
        source = os.open(image.source, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        raise Gone from None
    except OSError as error:
        raise Stopped(f"Image {image.id}: {image.source} can't be read: {words(error)}.") from error
    try:
        before = os.fstat(source)
        if image.size is not None and image.size != before.st_size:
            raise Stopped(_wrong_size(image, before.st_size))
        algorithm, expected = image.expected
        if not expected:
            algorithm, expected = "sha256", digest(image.source, "sha256", cached=True)
        _known(image, algorithm)
        found = ""
        attempts = [place] if _same(place, before) else []
        attempts += [part] * (3 if os.path.lexists(part) else 2)
        for path in attempts:
            if path is part:
                if found:
                    drop(part)
                _write(source, before, image, part, count)
            found = digest(path, algorithm)
            if found == expected:
                points.reach("copy.verified", path)
                count(before.st_size if path is place else 0)
                return _put(image, source, before, path, place, algorithm, expected)
        raise Stopped(_wrong_hash(image, place, algorithm, expected, found))
    except OSError as error:
        raise _refused(image, new, error) from error
    finally:
        os.close(source)


def _put(
    image: Image, source: int, before: os.stat_result, path: str, place: str, algorithm: str, digest: str
) -> Proof:
    own_like(path, before)
    now = os.fstat(source)
    if (now.st_size, now.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
        raise Stopped(
            f"Image {image.id}: {image.source} was written to while it was copied. Glance never does that; see who does."
        )
    if path != place:
        os.replace(path, place)
    sync_folder(os.path.dirname(place))
    points.reach("copy.renamed", place)
    there = os.stat(place)
    return Proof(
        image.file,
        image.id,
        image.source,
        before.st_size,
        before.st_mtime_ns,
        there.st_mtime_ns,
        algorithm,
        digest,
    )


def own_like(path: str, source: os.stat_result) -> None:
    """Owner, group, mode and time of the source, on the disk when this returns."""
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        there = os.fstat(handle)
        if (there.st_uid, there.st_gid) != (source.st_uid, source.st_gid):
            os.fchown(handle, source.st_uid, source.st_gid)
        os.fchmod(handle, source.st_mode & 0o7777)
        os.utime(handle, ns=(source.st_atime_ns, source.st_mtime_ns))
        os.fsync(handle)
    finally:
        os.close(handle)


def _write(source: int, before: os.stat_result, image: Image, part: str, count: Count) -> None:
    target = os.open(part, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        # What a power failure tore is at the end; the last step is written again.
        done = max(0, min(os.fstat(target).st_size, before.st_size) - STEP) // STEP * STEP
        os.ftruncate(target, done)
        points.reach("copy.started", part)
        count(done)
        buffer = memoryview(bytearray(min(STEP, max(before.st_size, 1))))
        at = done
        for begin, end in stretches(source, done, before.st_size):
            count(begin - at)
            at = begin
            while at < end:
                got = os.preadv(source, [buffer[: end - at]], at)
                if got == 0:
                    raise Stopped(_wrong_size(image, at))
                written = 0
                while written < got:
                    written += os.pwrite(target, buffer[written:got], at + written)
                at += got
                count(got)
                points.reach("copy.half", part)
        count(before.st_size - at)
        os.ftruncate(target, before.st_size)
        os.fsync(target)
    finally:
        os.close(target)
    points.reach("copy.written", part)


def stretches(source: int, at: int, size: int) -> Iterator[tuple[int, int]]:
    """(begin, end) of what is no hole, from `at` on; all of it where the file system knows no holes."""
    while at < size:
        try:
            begin = os.lseek(source, at, os.SEEK_DATA)
            end = os.lseek(source, begin, os.SEEK_HOLE)
        except OSError as error:
            if error.errno == errno.ENXIO:
                return
            begin, end = at, size
        if begin >= size:
            return
        yield begin, min(end, size)
        at = end


def digest(path: str, algorithm: str, *, cached: bool = False) -> str:
    """The hash of a file, by default read from where it lies and not from this host's memory."""
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        if not cached:
            os.fsync(handle)
            os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
        found = hashlib.new(algorithm, usedforsecurity=False)
        buffer = memoryview(bytearray(1 << 20))
        while True:
            got = os.readv(handle, [buffer])
            if got == 0:
                return found.hexdigest()
            found.update(buffer[:got])
    finally:
        os.close(handle)


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
    source = digest(image.source, algorithm, cached=True)
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
