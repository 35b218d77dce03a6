"""Where in a stack file something is wrong, and the report of all of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from strata.errors import StrataError

Path = tuple[str | int, ...]
"""Keys and list indices from the top of the file: `("config", "strata:ontap", "volumes", "images", "size")`."""


@dataclass(frozen=True, order=True)
class Located:
    """One problem of one file; line and column count from 1, as editors do.

    file     as the operator named it, or relative to the project folder
    path     `config.strata:ontap.volumes.images.size`; empty where the text isn't YAML
    message  a sentence with what was found and what is allowed; never a secret
    """

    file: str
    line: int
    column: int
    path: str
    message: str

    def __str__(self) -> str:
        at = f"{self.file}:{self.line}:{self.column}: "
        return f"{at}{self.path}: {self.message}" if self.path else f"{at}{self.message}"


class StackFileError(StrataError):
    """A stack file can't be used; `problems` holds everything that is wrong with it, in the order of the file."""

    def __init__(self, problems: Iterable[Located]) -> None:
        self.problems = sorted(set(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))


def render(path: Path) -> str:
    """`("config", "strata:hosts", "a.b", 0)` -> `config.strata:hosts["a.b"][0]`, as `pulumi config --path` spells it."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif "." in step or "[" in step or '"' in step or not step:
            text += '["' + step.replace('"', '\\"') + '"]'
        else:
            text += f".{step}" if text else step
    return text
