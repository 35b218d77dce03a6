"""What the lab does to files that belong to a guest's users: directly as root, else by `sudo -n`.

A volume's files have the owners that NFS clients gave them, so a lab that runs for another user can't open or remove them itself.
Each raises PermissionError where sudo does not help either.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """The file for reading; raises FileNotFoundError when it is gone."""
    try:
        file: IO[bytes] = path.open("rb")
    except PermissionError:
        with subprocess.Popen(["sudo", "-n", "cat", "--", str(path)], stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            yield process.stdout
        if process.returncode != 0:
            raise
        return
    with file:
        yield file


def remove_tree(directory: Path) -> None:
    """Remove a directory with all that is in it; gone already is fine."""
    shutil.rmtree(directory, ignore_errors=True)
    if directory.exists():
        _by_sudo("rm", "-rf", "--one-file-system", "--", str(directory))


def give(path: Path, owner: int, group: int) -> None:
    """Change owner and group; -1 leaves one as it is."""
    try:
        os.chown(path, owner, group)
    except PermissionError:
        wanted = f"{owner if owner >= 0 else ''}:{group if group >= 0 else ''}"
        _by_sudo("chown", wanted, "--", str(path))


def set_mode(path: Path, mode: int) -> None:
    """Change the permissions."""
    try:
        path.chmod(mode)
    except PermissionError:
        _by_sudo("chmod", f"{mode:o}", "--", str(path))


def _by_sudo(*command: str) -> None:
    try:
        done = subprocess.run(["sudo", "-n", *command], capture_output=True, text=True)
    except FileNotFoundError as error:
        raise PermissionError(f"{' '.join(command)}: not allowed, and there is no sudo") from error
    if done.returncode != 0:
        raise PermissionError(f"{' '.join(command)}: {done.stderr.strip()}")
