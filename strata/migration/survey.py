"""What there is to move: the database's locations beside the files on both sides. One query, one look into each directory."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from strata.migration import watching
from strata.migration.database import Change, Database, Location
from strata.migration.failure import Stopped, words

SETTLED: Final = ("active", "deactivated")
"""States in which Glance writes no more into an image's file."""

PART: Final = ".strata-"
"""How the name of a copy begins that is not done yet."""


@dataclass(frozen=True)
class Move:
    """From the old directories to the new one; plain absolute paths.

    leave: images of which the operator has said that their file is lost; they stay as they are, unless it is there after all.
    links: old directories that are a link to the new one, as many make it where the old one was, or another mount of it; they
    hold nothing.
    """

    old: tuple[str, ...]
    new: str
    leave: frozenset[str] = frozenset()
    links: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Found:
    """A file as a directory shows it; `allocated` are the bytes on the disk. uid, gid: -1 where nobody looked."""

    size: int
    mtime_ns: int
    allocated: int
    uid: int = -1
    gid: int = -1

    @classmethod
    def of(cls, stat: os.stat_result) -> Found:
        return cls(stat.st_size, stat.st_mtime_ns, stat.st_blocks * 512, stat.st_uid, stat.st_gid)


@dataclass(frozen=True)
class Image:
    """One file to move. The rows that name it are more than one only where somebody added locations by hand."""

    file: str
    source: str
    rows: tuple[Location, ...]

    @property
    def id(self) -> str:
        return self.rows[0].image

    @property
    def size(self) -> int | None:
        return self.rows[0].size

    @property
    def settled(self) -> bool:
        return all(row.status in SETTLED and row.size is not None for row in self.rows)

    @property
    def expected(self) -> tuple[str, str]:
        """(algorithm, digest) as Glance recorded it; two empty texts where it did not."""
        return next(((r.algorithm, r.digest) for r in self.rows if r.digest), ("", ""))


@dataclass(frozen=True)
class Survey:
    """images: still at an old place. moved: rows at the new place. elsewhere: locations in other stores, which stay as they are.

    on_disk: locations of files in other directories, which stay as they are too: directory -> count.
    left: images at an old place that have no file and are left as they are: the operator said so, or Glance never completed them.
    sources and targets: what the directories hold: path -> file, and name -> file. parts: copies that were begun, by their names.
    """

    images: tuple[Image, ...]
    moved: tuple[Location, ...]
    elsewhere: int
    sources: dict[str, Found]
    targets: dict[str, Found]
    parts: dict[str, Found] = field(default_factory=dict)
    left: tuple[Image, ...] = ()
    on_disk: dict[str, int] = field(default_factory=dict)

    def orphans(self) -> list[str]:
        """Files in the old directories that no location names."""
        named = {image.source for image in self.images}
        return sorted(path for path in self.sources if path not in named)

    def missing(self) -> list[Image]:
        """Images whose file is not there."""
        return [image for image in self.images if image.source not in self.sources]

    def strangers(self, new: str) -> list[str]:
        """Files at the new place that neither a location names nor an image to come."""
        named = {row.path for row in self.moved} | {os.path.join(new, image.file) for image in self.images}
        return sorted(name for name in self.targets if os.path.join(new, name) not in named)


def move(old: Sequence[str], new: str, leave: Sequence[str] = (), *, look: bool = True) -> Move:
    """Raises Stopped for directories between which nothing can be moved. look: not where the new one's server may be gone."""
    wrong = [path for path in (*old, new) if not path.startswith("/") or path.strip() != path]
    if wrong:
        raise Stopped(f"{wrong[0]!r} is no absolute path. Give the directories with their whole paths.")
    plain = [os.path.normpath(path) for path in (*old, new)]
    to = plain.pop()
    if set(to) & set("?#%"):
        raise Stopped(
            f"{to} has a `?`, `#` or `%` in it, which Glance would not find again in a location. Choose another path."
        )
    real = os.path.realpath(to) if look else to
    links = set()
    for one in plain if look else ():
        if one != os.path.realpath(one) == real:
            links.add(one)
        elif below(real, os.path.realpath(one)) or below(os.path.realpath(one), real):
            raise Stopped(
                f"{one} and {to} are the same directory, or one lies within the other. Mount the volume at a path of its own."
            )
        elif _same(one, to):
            links.add(one)
    return Move(tuple(dict.fromkeys(plain)), to, frozenset(leave), frozenset(links))


def _same(one: str, other: str) -> bool:
    """A bind mount, or one export at two places: no path tells."""
    return os.path.isdir(one) and os.path.isdir(other) and os.path.samefile(one, other)


def below(path: str, directory: str) -> bool:
    """With the slash: /images2 does not lie below /images."""
    return path == directory or path.startswith(directory.rstrip("/") + "/")


def survey(database: Database, move: Move, *, absent: bool = False) -> Survey:
    """As it is now. The directories are read first: an image that came later is then missing, never an orphan by mistake.

    An old directory that is no more holds nothing; images that still lie there are then missing. absent: nor does the new one.
    """
    sources = {
        os.path.join(one, name): found
        for one in move.old
        if os.path.lexists(one) and one not in move.links
        for name, found in listing(one).items()
        if not name.startswith(PART)
    }
    targets = {} if absent else listing(move.new)
    parts = {name: found for name, found in targets.items() if name.startswith(PART)}
    targets = {name: found for name, found in targets.items() if name not in parts}
    here: dict[str, list[Location]] = {}
    moved, elsewhere = [], 0
    on_disk: dict[str, int] = {}
    for row in database.read():
        path = row.path
        if path is not None and below(path, move.new):
            moved.append(row)
        elif path is not None and any(below(path, one) for one in move.old):
            here.setdefault(path, []).append(row)
        elif path is not None:
            on_disk[os.path.dirname(path)] = on_disk.get(os.path.dirname(path), 0) + 1
        else:
            elsewhere += 1
    images = tuple(_image(path, rows, move) for path, rows in here.items())
    left = tuple(
        one for one in images if one.source not in sources and (one.id in move.leave or not one.settled)
    )
    images = tuple(one for one in images if one not in left)
    _refuse_collisions(images, moved, move)
    return Survey(images, tuple(moved), elsewhere, sources, targets, parts, left, on_disk)


def _image(path: str, rows: list[Location], move: Move) -> Image:
    folder, file = os.path.split(path)
    if folder not in move.old:
        raise Stopped(
            f"Image {rows[0].image} lies in {folder}, deeper than the directories named ({', '.join(move.old)}). "
            f"Name {folder} as the directory to move from."
        )
    if folder in move.links:
        raise Stopped(
            f"{folder} is a link to {move.new}, or another mount of it, and image {rows[0].image} is still recorded there: there "
            f"is nothing to copy. Take that away, put the directory with its files back in its place, and repeat."
        )
    return Image(file, path, tuple(rows))


def _refuse_collisions(images: Sequence[Image], moved: Sequence[Location], move: Move) -> None:
    taken = {row.path: row.image for row in moved}
    for image in images:
        place = os.path.join(move.new, image.file)
        if place in taken:
            raise Stopped(
                f"Image {image.id} in {image.source} can't move to {place}: a location of image {taken[place]} names that file "
                "already. If it is the same image in two stores, delete it from one of them (`glance stores-delete`) and repeat."
            )
        taken[place] = image.id


def listing(directory: str) -> dict[str, Found]:
    """The plain files of a directory; of names with a dot in front, which Glance gives no image, only our own parts."""
    found = {}
    try:
        with os.scandir(directory) as entries:
            for entry in entries:
                watching.beat()
                ours = entry.name.startswith(PART)
                if (entry.name.startswith(".") and not ours) or not entry.is_file():
                    continue
                try:
                    stat = entry.stat()
                except FileNotFoundError:
                    continue
                found[entry.name] = Found.of(stat)
    except OSError as error:
        raise Stopped(
            f"The directory {directory} can't be read: {words(error)}. See that it exists and is mounted."
        ) from error
    return found


def changes(images: Sequence[Image], new: str) -> list[Change]:
    """How each location shall read; scheme and file name stay as Glance wrote them."""
    return [
        Change(
            row.row,
            row.image,
            row.value,
            row.value.partition("://")[0] + "://" + os.path.join(new, image.file),
        )
        for image in images
        for row in image.rows
    ]
