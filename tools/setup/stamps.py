"""Stamps: a finished step leaves the hash of what it was made from, and is skipped while that hash holds."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


def hash_of(files: Iterable[Path], *words: str) -> str:
    """One hash over the bytes of `files` and over `words`; order counts."""
    digest = hashlib.sha256()
    for file in files:
        content = file.read_bytes()
        digest.update(f"{file.name} {len(content)}\n".encode())
        digest.update(content)
    for word in words:
        digest.update(f"{len(word)} {word}\n".encode())
    return digest.hexdigest()


@dataclass(frozen=True)
class Stamp:
    """One step's stamp: line one is the hash, line two what came of it, for people."""

    file: Path
    inputs: str

    def holds(self) -> str | None:
        """What the finished step reported, or None when it is unfinished or its inputs have changed since."""
        try:
            inputs, _, outcome = self.file.read_text().partition("\n")
        except OSError:
            return None
        return outcome.strip() if inputs == self.inputs else None

    def set(self, outcome: str) -> None:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.file.write_text(f"{self.inputs}\n{outcome}\n")

    def clear(self) -> None:
        self.file.unlink(missing_ok=True)
