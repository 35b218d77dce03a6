"""Step: the virtual environment with every Python package at its pinned version, and Strata on its path."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tools.setup import commands, stamps
from tools.setup.checkout import Checkout
from tools.setup.progress import Progress
from tools.setup.refusal import SetupRefused

SYSTEM_PYTHON = "/usr/bin/python3"
LEAST = (3, 11)

# The shell line is for checkouts whose path is too long, or has a space, for a `#!` line of its own.
CONSOLE_SCRIPT = """\
#!/bin/sh
'''exec' "{python}" "$0" "$@"
' '''
import sys

from {module} import {function}

sys.exit({function}())
"""


@dataclass(frozen=True)
class PythonEnvironment:
    """`.venv` holds what requirements.txt says, and `strata` is a command in it."""

    checkout: Checkout
    title: str = "Python packages"

    def finished(self) -> str | None:
        return self._stamp().holds() if self._usable() else None

    def run(self, progress: Progress) -> str:
        if not self._usable():
            self._create(progress)
        stamp = self._stamp()
        stamp.clear()
        packages = count_packages(self.checkout.lock.read_text())
        self._install(progress, packages)
        self._place_strata()
        outcome = f"{packages} packages in .venv"
        stamp.set(outcome)
        return outcome

    def _stamp(self) -> stamps.Stamp:
        inputs = stamps.hash_of([self.checkout.lock, Path(__file__)], str(self.checkout.root))
        return stamps.Stamp(self.checkout.stamps / "python", inputs)

    def _usable(self) -> bool:
        """False also where the checkout was moved: the scripts in `.venv` name the folder they were made in."""
        activate = self.checkout.bin / "activate"
        if not activate.is_file() or str(self.checkout.environment) not in activate.read_text():
            return False
        asked = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
        try:
            return subprocess.run([self.checkout.python, "-c", asked], capture_output=True).returncode == 0
        except OSError:
            return False

    def _create(self, progress: Progress) -> None:
        base = SYSTEM_PYTHON if _version_of(SYSTEM_PYTHON) >= LEAST else sys.executable
        progress.note(f"making .venv with {base}")
        try:
            commands.run(
                [base, "-m", "venv", "--clear", str(self.checkout.environment)],
                on_second=lambda: progress.tick("making .venv"),
            )
        except commands.CommandFailed as error:
            raise SetupRefused(
                f"{base} could not make .venv; it {error.ended}",
                "install python3-venv, remove .venv and run make setup again",
                answer=error.answer,
            ) from error

    def _install(self, progress: Progress, packages: int) -> None:
        seen = 0
        phase = "asking for packages"

        def follow(line: str) -> None:
            nonlocal seen, phase
            if line.startswith(("Collecting ", "Requirement already satisfied")):
                seen += 1
                phase = f"fetched {seen} of {packages} packages"
            elif line.startswith("Installing collected"):
                phase = f"unpacking {packages} packages"

        try:
            commands.run(
                [*pip(self.checkout), "install", *PINNED, "-r", str(self.checkout.lock)],
                on_line=follow,
                on_second=lambda: progress.tick(phase),
            )
        except commands.CommandFailed as error:
            raise SetupRefused(
                f"pip {error.ended}",
                "check the network and pip's own settings (`pip config list`), then run make setup again",
                answer=error.answer,
            ) from error

    def _place_strata(self) -> None:
        """The checkout itself goes on the environment's path: an edit is in force at once, nothing is fetched."""
        (site_packages,) = self.checkout.environment.glob("lib/python3.*/site-packages")
        (site_packages / "strata-checkout.pth").write_text(f"{self.checkout.root}\n")
        script = self.checkout.bin / "strata"
        project = (self.checkout.root / "pyproject.toml").read_text()
        module, function = parse_console_script(project, "strata")
        script.write_text(
            CONSOLE_SCRIPT.format(python=self.checkout.python, module=module, function=function)
        )
        script.chmod(0o755)


PINNED = ["--require-hashes", "--no-deps", "--only-binary", ":all:"]


def pip(checkout: Checkout) -> list[str]:
    """The environment's pip, patient with a slow network; certificates and index stay as the machine has them."""
    patience = ["--retries", "5", "--timeout", "60", "--no-input", "--disable-pip-version-check"]
    return [str(checkout.python), "-m", "pip", *patience]


def count_packages(lock: str) -> int:
    return len(re.findall(r"^[A-Za-z0-9][\w.\-]*==", lock, re.MULTILINE))


def parse_console_script(project: str, name: str) -> tuple[str, str]:
    """Module and function of a `[project.scripts]` line of pyproject.toml."""
    found = re.search(rf'^{re.escape(name)} = "([\w.]+):(\w+)"$', project, re.MULTILINE)
    if found is None:
        raise SetupRefused(f"pyproject.toml declares no console script {name}", "restore the file from git")
    return found[1], found[2]


def _version_of(python: str) -> tuple[int, ...]:
    asked = "import sys; print(*sys.version_info[:2])"
    try:
        answer = subprocess.run([python, "-c", asked], capture_output=True, text=True)
    except OSError:
        return (0,)
    return tuple(int(part) for part in answer.stdout.split()) or (0,)
