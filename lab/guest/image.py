"""The cached base image: Debian's packages by mmdebstrap, set up by the recipe, put in an ext4 file system.

Built once per recipe and shared by all labs; takes about two minutes and 2 GB below `.lab/cache`.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lab.failures import LabFailure, last_lines
from lab.guest import recipe

DISK_SIZE = "8G"

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Image:
    """The files a guest boots from; none of them is ever written to."""

    directory: Path

    @property
    def disk(self) -> Path:
        """A raw ext4 file system, sparse."""
        return self.directory / "disk.img"

    @property
    def kernel(self) -> Path:
        """Extracted, so that no boot loader is emulated."""
        return self.directory / "vmlinuz"

    @property
    def initrd(self) -> Path:
        """With the few drivers the machine has."""
        return self.directory / "initrd.img"


def cached_image(cache: Path, progress: Progress) -> Image:
    """The image of this recipe, built when the cache has none. A second lab waits for the first one's build."""
    image = Image(cache / recipe.recipe_hash())
    with _locked(cache / "build.lock", progress):
        if not image.directory.exists():
            _build(image, progress)
    return image


@contextmanager
def _locked(path: Path, progress: Progress) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress("waiting for another lab that builds the image")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _build(image: Image, progress: Progress) -> None:
    work = image.directory.with_name("building")
    log = image.directory.with_name("build.log")
    log.write_bytes(b"")
    _run(["rm", "-rf", "--one-file-system", str(work)], log, as_root=True)
    work.mkdir()
    script = work / "setup.sh"
    script.write_text(recipe.setup_script(), encoding="utf-8")
    progress("building the guest's image: Debian's packages (about two minutes, once)")
    root = work / "root"
    _run(_mmdebstrap(root, script), log, as_root=True)
    progress("building the guest's image: file system")
    disk = work / "disk.img"
    # Options as they are: no lazy initialisation is left for the guest to finish.
    make = ["mke2fs", "-q", "-t", "ext4", "-m", "0", "-E", "lazy_itable_init=0", "-d", str(root)]
    _run([*make, str(disk), DISK_SIZE], log, as_root=True)
    for kind, name in (("vmlinuz", "vmlinuz"), ("initrd.img", "initrd.img")):
        _run(
            ["sh", "-c", f'cp "$1"/boot/{kind}-* "$2"', "sh", str(root), str(work / name)], log, as_root=True
        )
    _run(["rm", "-rf", "--one-file-system", str(root)], log, as_root=True)
    _run(["chown", "-R", f"{os.getuid()}:{os.getgid()}", str(work)], log, as_root=True)
    script.unlink()
    work.rename(image.directory)


def _mmdebstrap(root: Path, script: Path) -> list[str]:
    command = ["mmdebstrap", "--mode=root", "--variant=minbase", f"--include={','.join(recipe.PACKAGES)}"]
    command += [f'--customize-hook=sh "{script}" "$1"', recipe.SUITE, str(root)]
    return command + [str(each) for each in apt_sources(Path("/etc/apt"), recipe.SUITE)]


def apt_sources(apt: Path, suite: str) -> list[Path]:
    """The machine's own lists of Debian packages for the suite; none means mmdebstrap's own choice.

    Only lists of the suite's main component count: those of other vendors name suites or components of their own.
    """
    one_line = re.compile(rf"^deb\s+(\[[^]]*\]\s+)?\S+\s+{suite}\S*\s+(.*\s)?main\b", re.M)
    stanzas = re.compile(rf"^Suites:\s*(.*\s)?{suite}\b.*\n(?:.*\n)*?Components:\s*(.*\s)?main\b", re.M)
    listed = [apt / "sources.list", *sorted((apt / "sources.list.d").glob("*"))]
    return [
        each
        for each in listed
        if (each.suffix == ".list" and each.is_file() and one_line.search(each.read_text("utf-8")))
        or (each.suffix == ".sources" and each.is_file() and stanzas.search(each.read_text("utf-8")))
    ]


def _run(command: Sequence[str], log: Path, *, as_root: bool) -> None:
    if as_root and os.geteuid() != 0:
        command = ["sudo", "-n", *command]
    if shutil.which(command[0]) is None:
        raise LabFailure(
            f"Building the guest's image needs {command[0]}, which is not installed; `make setup` installs it."
        )
    with log.open("ab") as out:
        ended = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, check=False)
    if ended.returncode != 0:
        raise LabFailure(
            f"Building the guest's image: {command[0]} ended with {ended.returncode}. Its last words:\n"
            f"{last_lines(log)}\nThe whole log is {log}."
        )
