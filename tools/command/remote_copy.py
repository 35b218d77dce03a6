"""A file or a folder copied to another host, by SFTP.

source   on the host a folder   nothing is there      a file is there
folder   inside it, by name     made, inside, by name an error
folder/  its content            made, its content     an error
file     inside it, by name     under that name       overwritten
"""

# ruff: noqa: ASYNC240 - looking at local files takes no time that another resource would miss

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import asyncssh

from strata.errors import Failed
from tools.command.remote_connection import Says, connected


async def copy(what: str, inputs: Mapping[str, Any], says: Says) -> None:
    """Raises Failed with the path that could not be written."""
    source, target = inputs["source"]["path"], inputs["remotePath"]
    if not os.path.lexists(source):
        raise Failed(f"{what} could not read {source}: it is not there.")
    async with connected(what, inputs["connection"], says) as connection:
        async with connection.start_sftp_client() as sftp:
            try:
                await _copy(sftp, source, target)
            except (asyncssh.SFTPError, OSError) as error:
                raise Failed(
                    f"{what} could not copy {source} to {target} on {inputs['connection']['host']}: {error}."
                ) from error


async def _copy(sftp: asyncssh.SFTPClient, source: str, target: str) -> None:
    there = await _is_folder(sftp, target)
    if not Path(source).is_dir():
        await sftp.put(
            source, str(PurePosixPath(target) / Path(source).name) if there else target, follow_symlinks=True
        )
        return
    await _make(sftp, target, there)
    if not source.endswith("/"):
        target = str(PurePosixPath(target) / Path(source).name)
        await _make(sftp, target, await _is_folder(sftp, target))
    for entry in sorted(Path(source).iterdir()):
        await _into(sftp, entry, PurePosixPath(target) / entry.name)


async def _into(sftp: asyncssh.SFTPClient, source: Path, target: PurePosixPath) -> None:
    if not source.is_dir():
        await sftp.put(str(source), str(target), follow_symlinks=True)
        return
    await _make(sftp, str(target), await _is_folder(sftp, str(target)))
    for entry in sorted(source.iterdir()):
        await _into(sftp, entry, target / entry.name)


async def _is_folder(sftp: asyncssh.SFTPClient, path: str) -> bool | None:
    """None where nothing is."""
    try:
        attributes = await sftp.stat(path)
    except asyncssh.SFTPNoSuchFile:
        return None
    return stat.S_ISDIR(attributes.permissions or 0)


async def _make(sftp: asyncssh.SFTPClient, path: str, there: bool | None) -> None:
    if there is None:
        await sftp.mkdir(path)
    elif not there:
        raise NotADirectoryError(f"{path} is there and is not a directory")
