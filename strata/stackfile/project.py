"""Where stack files lie, and what they are called."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from strata.errors import NotFound
from strata.stackfile.naming import did_you_mean

FOLDER: Final = "stacks"
_NAME: Final = re.compile(r"Pulumi\.(?P<stack>.+)\.ya?ml")


def root(start: Path) -> Path:
    """The project folder, the one with Pulumi.yaml, from anywhere below it; raises NotFound."""
    for folder in (start.absolute(), *start.absolute().parents):
        if (folder / "Pulumi.yaml").is_file():
            return folder
    raise NotFound(
        f"There is no Pulumi.yaml in {start} or above it: go to the folder of the project and repeat."
    )


def stack_name(file: Path) -> str:
    """`tokyo` of `stacks/Pulumi.tokyo.yaml`; the bare name of a file that is called otherwise."""
    found = _NAME.fullmatch(file.name)
    return found["stack"] if found else file.stem


def stacks(project: Path) -> dict[str, Path]:
    """Every stack file by its stack, sorted."""
    files = sorted((project / FOLDER).glob("Pulumi.*.y*ml"))
    return {stack_name(file): file for file in files if _NAME.fullmatch(file.name)}


def bases(project: Path) -> list[Path]:
    """The files beside the stack files that they can extend, sorted."""
    return sorted(file for file in (project / FOLDER).glob("*.y*ml") if is_base(file))


def is_base(file: Path) -> bool:
    """Pulumi knows stacks by the names of their files; any other is for stacks to extend."""
    return _NAME.fullmatch(file.name) is None


def find(name: str, project: Path) -> Path:
    """The file of a stack; raises NotFound with the stacks that there are."""
    known = stacks(project)
    if name not in known:
        raise NotFound(f"There is no stack file {FOLDER}/Pulumi.{name}.yaml.{did_you_mean(name, known)}")
    return known[name]
