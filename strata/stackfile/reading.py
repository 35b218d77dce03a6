"""One stack file from its text to the model, or to everything that is wrong with it."""

from __future__ import annotations

import os
from pathlib import Path

from strata.errors import Failed
from strata.stackfile import (
    check_addresses,
    check_cloudstack,
    check_clusters,
    check_glance,
    check_hosts,
    check_ontap,
    check_shared,
    check_swift,
    check_zones,
    document,
    shape,
)
from strata.stackfile.build import build
from strata.stackfile.located import Located, StackFileError, render
from strata.stackfile.model import StackFile
from strata.stackfile.project import stack_name
from strata.stackfile.tree import Tree


def load(path: Path) -> StackFile:
    """The checked contents; raises StackFileError with all problems, Failed where the file can't be read."""
    read = document.read(_text(path))
    problems = _problems(read, path)
    if problems:
        raise StackFileError(problems)
    return build(read.data)


def validate(path: Path) -> list[Located]:
    """Everything that is wrong, sorted by place; raises Failed where the file can't be read."""
    return _problems(document.read(_text(path)), path)


def _problems(read: document.Document, path: Path) -> list[Located]:
    shown = _shown(path)
    found = [
        Located(shown, fault.place.line, fault.place.column, render(fault.path), fault.message)
        for fault in read.faults
    ]
    if read.data is not None:
        tree = Tree(read.data)
        unread = {fault.path for fault in read.faults if tree.at(fault.path) is None}
        breaches = [
            *shape.breaches(read.data, read.texts, stack_name(path)),
            *check_ontap.breaches(tree),
            *check_hosts.breaches(tree),
            *check_glance.breaches(tree),
            *check_swift.breaches(tree),
            *check_cloudstack.breaches(tree),
            *check_zones.breaches(tree),
            *check_clusters.breaches(tree),
            *check_shared.breaches(tree),
            *check_addresses.breaches(tree),
        ]
        for at, message in breaches:
            place = read.place(at)
            if at not in unread:
                found.append(Located(shown, place.line, place.column, render(at), message))
    return sorted(set(found))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise Failed(
            f"The stack file {_shown(path)} can't be read: it is not UTF-8 text. Save it as UTF-8 and repeat."
        ) from error
    except OSError as error:
        raise Failed(f"The stack file {_shown(path)} can't be read: {error.strerror}.") from error


def _shown(path: Path) -> str:
    """Relative to where the operator is, if it lies below."""
    shown = os.path.relpath(path)
    return str(path) if shown.startswith("..") else shown
