"""Images by the hundred: which there are, what is in them, and (run on the guest) their files and rows as after uploads.

An upload through the API takes seconds in emulation; a file and two rows take none. Both sides know the content of every
image, so that its hashes are made where the processor is not emulated. On the guest this file runs alone, with Glance's
Python 3 and SQLAlchemy:

    population.py register CONFIG DIRECTORY < manifest        the files and the rows of an image each
    population.py remove CONFIG DIRECTORY                     all of Glance's images, rows and files
    population.py locations CONFIG DIRECTORY                  prints {image: location} of those that are not deleted
"""

from __future__ import annotations

import configparser
import datetime
import hashlib
import json
import os
import random
import sys
import uuid
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

STEP = 1 << 20
WEIGHTS = (64, 1, 2, 8, 1, 4, 1, 16, 1, 1)
"""How large one image is beside another: most are small, most of the bytes are in a few, as with cloud images and snapshots."""
_SPACE = uuid.UUID("6f1b8f0e-6d3b-4a58-9d3a-5c7e8a3f2b10")
_BLOCK = random.Random(5).randbytes(STEP)


class Specimen(NamedTuple):
    """One image to be: `sparse` has three quarters of its bytes in one hole."""

    id: str
    name: str
    size: int
    sparse: bool


class Recorded(NamedTuple):
    """What Glance's database says of an image besides."""

    id: str
    name: str
    size: int
    sparse: bool
    md5: str
    sha512: str


def specimens(count: int, total: int, prefix: str = "image") -> list[Specimen]:
    """So many images of so many bytes in all, the same each time; every tenth is sparse, no two have one size."""
    unit = total / sum(WEIGHTS[number % len(WEIGHTS)] for number in range(count))
    return [
        Specimen(
            str(uuid.uuid5(_SPACE, f"{prefix}-{number:03}")),
            f"{prefix}-{number:03}",
            max(1, int(unit * WEIGHTS[number % len(WEIGHTS)]) - 7 * number),
            number % 10 == 7,
        )
        for number in range(count)
    ]


def stretches(one: Specimen) -> Iterator[tuple[int, bytes]]:
    """(offset, bytes) of what is no hole; the content begins with the id, so that no two images are alike."""
    begin, end = (
        (one.size // 8 // 4096 * 4096, one.size - one.size // 8) if one.sparse else (one.size, one.size)
    )
    at, label = 0, one.id.encode()
    while at < one.size:
        if begin <= at < end:
            at = end
        stop = min(at + STEP, begin if at < begin else one.size)
        yield at, (label + _BLOCK)[: stop - at]
        at = stop


def recorded(one: Specimen) -> Recorded:
    """The hashes of what `write` makes."""
    md5, sha512, at, zeros = hashlib.md5(usedforsecurity=False), hashlib.sha512(), 0, bytes(STEP)
    for offset, content in stretches(one):
        while at < offset:
            hole = zeros[: offset - at]
            md5.update(hole)
            sha512.update(hole)
            at += len(hole)
        md5.update(content)
        sha512.update(content)
        at += len(content)
    return Recorded(*one, md5.hexdigest(), sha512.hexdigest())


def write(one: Specimen, path: str) -> None:
    """The file, its holes left out."""
    with open(path, "wb") as out:
        for offset, content in stretches(one):
            out.seek(offset)
            out.write(content)
        out.truncate(one.size)


# From here on: on the guest.


def register(tables: Any, manifest: Sequence[Recorded], directory: str) -> None:
    """Files with Glance's owner and mode, then the rows, in one transaction."""
    owner = os.stat(directory)
    for one in manifest:
        path = os.path.join(directory, one.id)
        write(Specimen(*one[:4]), path)
        os.chown(path, owner.st_uid, owner.st_gid)
        os.chmod(path, 0o640)
    now = datetime.datetime.utcnow().replace(microsecond=0)
    stamps = {"created_at": now, "updated_at": now, "deleted": False}
    always = {
        **stamps,
        **dict.fromkeys(("min_disk", "min_ram"), 0),
        **dict.fromkeys(("os_hidden", "protected"), False),
        "status": "active",
        "visibility": "shared",
        "container_format": "bare",
        "disk_format": "raw",
        "os_hash_algo": "sha512",
    }
    images = [
        {
            **always,
            "id": one.id,
            "name": one.name,
            "size": one.size,
            "checksum": one.md5,
            "os_hash_value": one.sha512,
        }
        for one in manifest
    ]
    places = [
        {
            **stamps,
            "image_id": one.id,
            "value": f"file://{directory}/{one.id}",
            "status": "active",
            "meta_data": "{}",
        }
        for one in manifest
    ]
    with tables.engine.begin() as connection:
        connection.execute(tables["images"].insert(), images)
        connection.execute(tables["image_locations"].insert(), places)


def remove(tables: Any, directory: str) -> None:
    """As if nothing had ever been uploaded."""
    with tables.engine.begin() as connection:
        for name in ("image_locations", "image_properties", "image_tags", "image_members", "images"):
            connection.execute(tables[name].delete())
    for name in os.listdir(directory):
        os.unlink(os.path.join(directory, name))


def locations(tables: Any) -> dict[str, str]:
    """Image -> where Glance finds it."""
    with tables.engine.connect() as connection:
        rows = connection.execute(tables["image_locations"].select()).fetchall()
    return {row.image_id: row.value for row in rows if not row.deleted}


class Tables:
    """Glance's tables by name, as its database has them."""

    def __init__(self, config: str) -> None:
        import sqlalchemy

        parser = configparser.RawConfigParser(strict=False)
        parser.read(config)
        self.engine = sqlalchemy.create_engine(parser["database"]["connection"])
        self._metadata = sqlalchemy.MetaData()
        self._metadata.reflect(self.engine)

    def __getitem__(self, name: str) -> Any:
        return self._metadata.tables[name]


def main(command: str, config: str, directory: str) -> None:
    tables = Tables(config)
    if command == "register":
        register(tables, [Recorded(*one) for one in json.load(sys.stdin)], directory)
    elif command == "locations":
        json.dump(locations(tables), sys.stdout)
    else:
        remove(tables, directory)


if __name__ == "__main__":
    main(*sys.argv[1:])
