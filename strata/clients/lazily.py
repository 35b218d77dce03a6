"""A library that is imported when it is used first, since every run of the engine starts the provider anew.

swiftclient brings keystoneclient with it, a tenth of a second and more, and most runs of most stacks ask no Swift.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any


class Library:
    """Stands for a module, whose names are its attributes."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        return getattr(import_module(self._name), attribute)
