"""The stack of a new environment in Pulumi's backend, and its secrets encrypted for it.

Pulumi works in a folder of its own: it would write the stack file in several steps, and without its empty lines. What it encrypts
there is put into the text as a whole. Secrets go to it through its standard input.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path as File
from typing import Any, Final

from strata.environments.draft import value_at
from strata.errors import Failed
from strata.stackfile import document
from strata.stackfile.located import Path, render
from strata.stackfile.project import FOLDER

PASSPHRASE: Final = "PULUMI_CONFIG_PASSPHRASE"
LOCAL: Final = "file://"


@dataclass(frozen=True)
class Stack:
    """A stack that has just been made and holds nothing."""

    name: str
    salt: str
    folder: File
    environ: Mapping[str, str]

    def encrypt(self, path: Path, secret: str) -> str:
        """The ciphertext of a secret, bound to this stack's passphrase."""
        arguments = ("config", "set", "--secret", "--path", render(path[1:]), "--stack", self.name)
        _pulumi(arguments, self.folder, self.environ, f"{render(path[1:])} could not be encrypted", secret)
        ciphertext = value_at(_written(self.folder, self.name), (*path, "secure"))
        if not isinstance(ciphertext, str):
            raise Failed(f"{render(path[1:])} could not be encrypted: pulumi wrote no ciphertext for it.")
        return ciphertext


@contextmanager
def new_stack(name: str, project: File, environ: Mapping[str, str] = os.environ) -> Iterator[Stack]:
    """A stack in the project's backend. It is removed again if what follows fails."""
    if PASSPHRASE not in environ and f"{PASSPHRASE}_FILE" not in environ:
        raise Failed(
            f"The passphrase of {name} is not set: put it into {PASSPHRASE}, or the path of a file that holds it into "
            f"{PASSPHRASE}_FILE, and repeat."
        )
    with tempfile.TemporaryDirectory(prefix="strata-new-") as made:
        folder, around = File(made), _environ(project, environ)
        (folder / FOLDER).mkdir()
        (folder / "Pulumi.yaml").write_text(_project(project), encoding="utf-8")
        arguments = ("stack", "init", name, "--no-select", "--secrets-provider", "passphrase")
        _pulumi(arguments, folder, around, f"The stack {name} could not be made")
        try:
            yield Stack(name, str(_written(folder, name)["encryptionsalt"]), folder, around)
        except BaseException as error:
            _remove(name, folder, around, error)
            raise


def _remove(name: str, folder: File, environ: Mapping[str, str], error: BaseException) -> None:
    try:
        _pulumi(
            ("stack", "rm", name, "--yes"), folder, environ, f"The empty stack {name} could not be removed"
        )
    except Failed as trouble:
        raise Failed(f"{error}\n{trouble} Remove it with `pulumi stack rm {name}`.") from error


def _environ(project: File, environ: Mapping[str, str]) -> dict[str, str]:
    """For a folder elsewhere: whatever is relative to the project says where it is."""
    found = {**environ, "PULUMI_SKIP_UPDATE_CHECK": "true"}
    backend = environ.get("PULUMI_BACKEND_URL") or _backend(project)
    if backend and backend.startswith(f"{LOCAL}."):
        backend = f"{LOCAL}{os.path.normpath(project / backend.removeprefix(LOCAL))}"
    if backend:
        found["PULUMI_BACKEND_URL"] = backend
    if kept := environ.get(f"{PASSPHRASE}_FILE"):
        found[f"{PASSPHRASE}_FILE"] = os.path.abspath(kept)
    return found


def _backend(project: File) -> str | None:
    url = value_at(_read(project / "Pulumi.yaml"), ("backend", "url"))
    return url if isinstance(url, str) else None


def _project(project: File) -> str:
    """Of Pulumi.yaml what makes a stack this project's."""
    return f"name: {_read(project / 'Pulumi.yaml')['name']}\nruntime: python\nstackConfigDir: {FOLDER}\n"


def _written(folder: File, name: str) -> Any:
    return _read(folder / FOLDER / f"Pulumi.{name}.yaml")


def _read(file: File) -> Any:
    return document.read(file.read_text(encoding="utf-8")).data


def _pulumi(
    arguments: tuple[str, ...],
    folder: File,
    environ: Mapping[str, str],
    trouble: str,
    given: str | None = None,
) -> None:
    command = ["pulumi", *arguments, "--non-interactive", "--color", "never"]
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=dict(environ),
            input=given or "",
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
    except FileNotFoundError as error:
        raise Failed("The program pulumi isn't on PATH: `source .venv/bin/activate` and repeat.") from error
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip()] or ["it said nothing"]
        answer = lines[-1].removeprefix("error: ")
        advice = (
            f" If it is empty, `pulumi stack rm {arguments[2]}` makes room."
            if "already exists" in answer
            else ""
        )
        raise Failed(f"{trouble}: `pulumi {arguments[0]} {arguments[1]}` answered: {answer}.{advice}")
