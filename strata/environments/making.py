"""A new environment, whole or not at all: the stack, its secrets, and the file, which appears in one step."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path as File
from typing import Final

from strata.environments.draft import Draft
from strata.environments.engine import new_stack
from strata.errors import Failed
from strata.stackfile.located import StackFileError
from strata.stackfile.project import FOLDER, stacks

NAME: Final = re.compile(r"[A-Za-z0-9_.-]{1,100}")


def target(name: str, project: File) -> File:
    """The file of a new environment; raises Failed for a name that is none, or taken."""
    if not NAME.fullmatch(name):
        raise Failed(
            f"{name!r} can't be the name of a stack: it takes letters, digits, hyphens, underscores and dots."
        )
    there = stacks(project).get(name)
    if there is not None:
        raise Failed(
            f"{FOLDER}/{there.name} is there already, and nothing was changed: choose another name, or edit that file."
        )
    return project / FOLDER / f"Pulumi.{name}.yaml"


def make(draft: Draft, name: str, project: File) -> None:
    """Raises StackFileError with everything that is wrong before anything is made."""
    problems = draft.problems()
    if problems:
        raise StackFileError(problems)
    with new_stack(name, project) as stack:
        done = draft.complete(
            stack.salt, {path: stack.encrypt(path, secret) for path, secret in draft.secrets.items()}
        )
        if problems := done.problems():
            raise StackFileError(problems)
        write(done.text, done.file)


def write(text: str, file: File) -> None:
    """The whole file at once; raises Failed where there is one."""
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=".new-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as opened:
            opened.write(text)
            opened.flush()
            os.fsync(opened.fileno())
        os.chmod(name, 0o666 & ~_umask())
        os.link(name, file)
    except FileExistsError as error:
        raise Failed(f"{file.name} has come into being meanwhile; it was left as it is.") from error
    except OSError as error:
        raise Failed(f"{file.name} can't be written: {error.strerror}.") from error
    finally:
        os.unlink(name)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
