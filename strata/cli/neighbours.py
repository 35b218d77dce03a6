"""The stack files of a project side by side, for what has to know of all of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from strata import stackfile
from strata.errors import StrataError
from strata.stackfile import StackFile


def loaded(files: Mapping[str, Path]) -> tuple[dict[str, StackFile], list[str]]:
    """The stacks by their names, and of those that are not good what they are called in a sentence."""
    found: dict[str, StackFile] = {}
    unread: list[str] = []
    for name, file in files.items():
        try:
            found[name] = stackfile.load(file)
        except StrataError:
            unread.append(f"The stack file of {name}")
    return found, sorted(unread)
