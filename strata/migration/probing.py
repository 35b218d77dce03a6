"""A probe image: registered, uploaded, found on the store, downloaded, deleted, and its file is gone."""

from __future__ import annotations

import os
import secrets
import time
import uuid
from contextlib import suppress
from typing import Any, Final

from strata.migration import points
from strata.migration.api import Api, Refused
from strata.migration.database import file_of
from strata.migration.failure import Stopped
from strata.migration.job import Job
from strata.migration.survey import below

FILE: Final = "probe.json"
SIZE: Final = 64 << 10
PATIENCE: Final = 20
"""Looks for the file's going, a quarter of a second apart."""


def probe(job: Job, api: Api) -> dict[str, Any]:
    """Raises Stopped with what went wrong; the probe image is deleted in any case, by the next probe at the latest."""
    _remove_left(job, api)
    id, content = str(uuid.uuid4()), secrets.token_bytes(SIZE)
    job.journal.write(FILE, {"id": id})
    found: dict[str, Any] = {"id": id}
    doing = "registered"
    try:
        api.create(
            {"id": id, "name": f"strata-probe-{id[:8]}", "disk_format": "raw", "container_format": "bare"}
        )
        found[doing], doing = True, "uploaded"
        api.upload(id, content, _store(job))
        points.reach("probe.uploaded", id)
        found[doing], doing = True, "found"
        path = _place(job, id)
        found[doing], doing = path, "downloaded"
        got: list[bytes] = []
        api.download(id, lambda part: got.append(bytes(part)))
        if b"".join(got) != content:
            raise Stopped(f"The probe image {id} came back otherwise than it was uploaded. See Glance's log.")
        found[doing], doing = True, "deleted"
        api.delete(id)
        found[doing] = True
        found["gone"] = _gone(path, job)
    except Refused as error:
        raise Stopped(
            f"The probe image {id} could not be {doing}: Glance's API answered {error}. See Glance's log (`journalctl -u "
            "glance-api` on the host); the images that were moved are listed apart."
        ) from error
    finally:
        if "deleted" not in found:
            with suppress(Exception):
                _remove_left(job, api)
    _forget(job)
    return found


def _remove_left(job: Job, api: Api) -> None:
    """A probe image of a proof that died."""
    left = job.journal.read(FILE)
    if left:
        with suppress(Refused):
            api.delete(left["id"])
        _forget(job)


def _forget(job: Job) -> None:
    with suppress(FileNotFoundError):
        os.unlink(job.journal.path(FILE))


def _store(job: Job) -> str:
    """The id of the store whose directory is the new one; empty where stores have no ids."""
    stores = job.settings.stores
    return next((id for id, path in stores.items() if path and os.path.normpath(path) == job.move.new), "")


def _place(job: Job, id: str) -> str:
    paths = [file_of(row.value) for row in job.database.read() if row.image == id]
    path = next((one for one in paths if one and below(one, job.move.new)), None)
    if path is None:
        there = ", ".join(one or "another store" for one in paths) or "nothing"
        raise Stopped(
            f"The probe image {id} was taken, but not in {job.move.new}: Glance put it into {there}. "
            "See filesystem_store_datadir (and default_backend) in Glance's configuration."
        )
    if not os.path.isfile(path) or os.stat(path).st_size != SIZE:
        raise Stopped(f"The probe image {id} has no file of {SIZE} bytes at {path}. See Glance's log.")
    return path


def _gone(path: str, job: Job) -> bool:
    """With delayed_delete the file goes later, by Glance's scrubber."""
    if job.settings.delayed:
        return False
    for _ in range(PATIENCE):
        if not os.path.lexists(path):
            return True
        time.sleep(0.25)
    raise Stopped(f"The probe image was deleted, and its file {path} is still there. See Glance's log.")
