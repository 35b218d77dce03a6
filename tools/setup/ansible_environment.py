"""The Ansible of the fidelity tests, in an environment of its own: ansible-core and the one collection that they use.

No step of set-up: the tests that want it make it, because nobody else does. The collection comes from the package `ansible`,
whose wheel unpacks to half a gigabyte; only its part is taken out, after the wheel's hash has been checked.
"""

from __future__ import annotations

import re
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from tools.setup import commands, stamps
from tools.setup.checkout import Checkout
from tools.setup.python_environment import PINNED, pip

COLLECTION = "ansible_collections/ngine_io/cloudstack/"


@dataclass(frozen=True)
class AnsibleEnvironment:
    """`.cache/ansible` holds what requirements/fidelity.txt says, and the collection below `collections`."""

    checkout: Checkout

    @property
    def folder(self) -> Path:
        return self.checkout.cache / "ansible"

    @property
    def lock(self) -> Path:
        return self.checkout.root / "requirements" / "fidelity.txt"

    def ready(self) -> Path:
        """The environment's folder, made when it is not there or the lock is another. Raises CommandFailed."""
        stamp = stamps.Stamp(self.folder / "set-up", stamps.hash_of([self.lock], str(self.checkout.root)))
        if stamp.holds() is None:
            whole, rest = apart(self.lock.read_text())
            commands.run(
                [str(self.checkout.python), "-m", "venv", "--clear", "--without-pip", str(self.folder)]
            )
            with tempfile.TemporaryDirectory(dir=self.checkout.cache) as scratch:
                self._install(Path(scratch), rest)
                self._unpack(Path(scratch), whole)
            stamp.set("ansible-core with ngine_io.cloudstack")
        return self.folder

    def _install(self, scratch: Path, lock: str) -> None:
        (scratch / "rest.txt").write_text(lock)
        into = ["--python", str(self.folder), "install", "-q"]
        commands.run([*pip(self.checkout), *into, *PINNED, "-r", str(scratch / "rest.txt")])

    def _unpack(self, scratch: Path, lock: str) -> None:
        (scratch / "whole.txt").write_text(lock)
        commands.run(
            [
                *pip(self.checkout),
                "download",
                "-q",
                *PINNED,
                "-d",
                str(scratch),
                "-r",
                str(scratch / "whole.txt"),
            ]
        )
        (wheel,) = scratch.glob("ansible-*.whl")
        with zipfile.ZipFile(wheel) as archive:
            names = [name for name in archive.namelist() if name.startswith(COLLECTION)]
            archive.extractall(self.folder / "collections", names)


def apart(lock: str) -> tuple[str, str]:
    """A lock's entry of `ansible` itself, and all the others."""
    entries = re.findall(r"^[A-Za-z0-9].*(?:\n[ ]+.*)*", lock, re.MULTILINE)
    whole = [entry for entry in entries if entry.startswith("ansible==")]
    return "\n".join(whole) + "\n", "\n".join(entry for entry in entries if entry not in whole) + "\n"
