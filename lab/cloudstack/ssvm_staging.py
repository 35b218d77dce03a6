"""The staging store as the secondary storage VM sees it: the directory that ONTAP's volume has behind its junction path.

No NFS client is needed for this: the same directory is what nfs-ganesha exports. It may belong to root, or to users of
NFS clients, so what the lab's own user may not do is done by `sudo -n`.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from lab import privileged
from lab.failures import LabFailure


def exported(emulator: Path) -> dict[str, str]:
    """Junction path to directory, now: volumes come and go.

    The file `exports` in the emulator's folder holds the path of the list (ONTAP's exports.json, or a JSON object of
    junction path to directory), or of the folder it is in. Without that file the lab's ontap folder beside it is asked.
    """
    told = emulator / "exports"
    listed = Path(told.read_text(encoding="utf-8").strip()) if told.is_file() else emulator.parent / "ontap"
    if listed.is_dir():
        listed = listed / "exports.json"
    if not listed.exists():
        return {}
    stored = json.loads(listed.read_text(encoding="utf-8"))
    if isinstance(stored, dict):
        return {str(junction): str(directory) for junction, directory in stored.items()}
    return {each["junction_path"]: each["directory"] for each in stored}


def directory_of(url: str, exports: dict[str, str]) -> Path:
    """The directory behind `nfs://LIF/junction/path/below`; raises LabFailure where nothing is exported."""
    wanted = PurePosixPath("/" + urlsplit(url).path.strip("/"))
    inside = [junction for junction in exports if junction != "/" and wanted.is_relative_to(junction)]
    if not inside:
        known = ", ".join(sorted(exports)) or "none"
        raise LabFailure(
            f"The secondary storage VM can't mount {url}: no volume has that junction path (exported: {known})."
        )
    junction = max(inside, key=len)
    return Path(exports[junction]) / wanted.relative_to(junction)


@dataclass(frozen=True)
class Folder:
    """One template's folder on a staging store, `template/tmpl/1/<number>`."""

    path: Path

    def names(self) -> list[str]:
        """The files in it but for hidden ones, in order; none when it is not there."""
        try:
            found = os.listdir(self.path)
        except FileNotFoundError:
            return []
        except PermissionError:
            # Below a directory that is closed to this user, only root can tell "empty" from "not there": both are none.
            found = self._as_root(
                "sh", "-c", 'test ! -d "$1" || ls -A -1 -- "$1"', "sh", str(self.path)
            ).splitlines()
        return sorted(name for name in found if not name.startswith("."))

    def read(self, name: str) -> bytes:
        """A file's bytes."""
        with privileged.opened(self.path / name) as file:
            return file.read()

    def write(self, name: str, content: bytes) -> None:
        """Put a file there in one step, so that half of it is never uploaded."""
        target, beside = self.path / name, self.path / f".{name}.new"
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            beside.write_bytes(content)
            beside.replace(target)
        except PermissionError:
            with tempfile.NamedTemporaryFile() as prepared:
                prepared.write(content)
                prepared.flush()
                self._as_root("install", "-D", "-m", "644", "--", prepared.name, str(target))

    def _as_root(self, *command: str) -> str:
        try:
            done = subprocess.run(["sudo", "-n", *command], capture_output=True, text=True, check=False)
            trouble = done.stderr.strip() if done.returncode != 0 else None
        except FileNotFoundError:
            trouble = "there is no sudo"
        if trouble is not None:
            raise LabFailure(
                f"The staging store's folder {self.path} belongs to another user and can't be used: {trouble}."
                " Run the lab as root, or let this user run sudo without a password."
            )
        return done.stdout


def template_folder(store: Path, number: int) -> Folder:
    """Where CloudStack keeps that template of the system's account on an NFS store."""
    return Folder(store / "template" / "tmpl" / "1" / str(number))
