"""One text of the program's modules, to be sent to a host and run there by Glance's interpreter, where no Strata is.

The modules keep their names: a finder put first serves them from the text, so that a traceback names file and line.
"""

from __future__ import annotations

import hashlib
import importlib.util
from typing import Final

PACKAGES: Final = ("strata", "strata.hostfiles", "strata.migration")
MODULES: Final = (
    "strata.hostfiles",
    "strata.hostfiles.fstab",
    "strata.hostfiles.ini",
    "strata.hostfiles.mountinfo",
    *(
        f"strata.migration.{name}"
        for name in (
            "api",
            "checking",
            "copying",
            "cutover",
            "database",
            "direct",
            "effect",
            "failure",
            "job",
            "journal",
            "listed",
            "loading",
            "locating",
            "main",
            "mounts",
            "owning",
            "points",
            "probing",
            "proving",
            "pruning",
            "reading",
            "recording",
            "replacing",
            "rollback",
            "sample",
            "service",
            "settings",
            "spec",
            "stages",
            "survey",
            "switching",
            "transfer",
            "undoing",
            "watching",
            "workers",
        )
    ),
)

_LOADER: Final = '''"""Strata moves Glance's images: this text is made by strata.migration.bundle."""

import importlib.abc
import importlib.util
import linecache
import sys

PACKAGES = {packages!r}
SOURCES = {sources!r}


class Texts(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path=None, target=None):
        if name in SOURCES or name in PACKAGES:
            return importlib.util.spec_from_loader(name, self, is_package=name in PACKAGES)
        return None

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        name = module.__name__
        text = SOURCES.get(name, "")
        linecache.cache[name] = (len(text), None, text.splitlines(True), name)
        exec(compile(text, name, "exec"), module.__dict__)


sys.meta_path.insert(0, Texts())
if __name__ == "__main__":
    from strata.migration.main import main

    sys.exit(main(sys.argv[1:]))
'''


def bundle() -> str:
    """The program as one text."""
    return _LOADER.format(packages=PACKAGES, sources={name: _source(name) for name in MODULES})


def version(text: str) -> str:
    """Names the program's text, so that a host's copy is known to be the present one."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _source(name: str) -> str:
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise LookupError(f"The module {name} has no file.")
    with open(spec.origin, encoding="utf-8") as file:
        return file.read()
