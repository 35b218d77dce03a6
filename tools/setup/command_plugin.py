"""Step: the plugin of pulumi-command: the official one where the engine has it, else the stand-in of tools/command.

The engine takes a plugin on PATH before one of its own folder, so the stand-in goes away as soon as the official is there.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from tools.setup import engine_official
from tools.setup.checkout import Checkout
from tools.setup.progress import Progress
from tools.setup.python_environment import CONSOLE_SCRIPT

PROGRAM = "pulumi-resource-command"
MODULE, FUNCTION = "tools.command.__main__", "main"


def _pulumi_home() -> Path:
    return Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi")


@dataclass(frozen=True)
class CommandPlugin:
    """The engine finds a plugin of that name, and only one."""

    checkout: Checkout
    path: str = field(default_factory=lambda: os.environ.get("PATH", ""))
    home: Path = field(default_factory=_pulumi_home)
    title: str = "the plugin of pulumi-command"

    def finished(self) -> str | None:
        official, there = self._official(), self._stand_in.exists()
        if official:
            return None if self._is_ours() else f"the official one, {official}"
        return "the stand-in of tools/command" if there and self._is_current() else None

    def run(self, progress: Progress) -> str:
        if official := self._official():
            self._stand_in.unlink()
            return f"the official one, {official}; the stand-in is removed"
        self._stand_in.write_text(self._script())
        self._stand_in.chmod(0o755)
        return "the stand-in of tools/command, because the official one is not here"

    @property
    def _stand_in(self) -> Path:
        return self.checkout.bin / PROGRAM

    def _official(self) -> str | None:
        """Where the official plugin is: in the engine's folder, or on PATH outside of this environment."""
        _, name, version = engine_official.COMMAND_PLUGIN
        folder = self.home / "plugins" / f"resource-{name}-v{version}"
        if os.access(folder / PROGRAM, os.X_OK):
            return str(folder)
        elsewhere = [each for each in self.path.split(os.pathsep) if each and not _made_by_set_up(Path(each))]
        return shutil.which(PROGRAM, path=os.pathsep.join(elsewhere)) if elsewhere else None

    def _script(self) -> str:
        return CONSOLE_SCRIPT.format(python=self.checkout.python, module=MODULE, function=FUNCTION)

    def _is_current(self) -> bool:
        return self._stand_in.read_bytes() == self._script().encode() and os.access(self._stand_in, os.X_OK)

    def _is_ours(self) -> bool:
        return self._stand_in.is_file() and MODULE.encode() in self._stand_in.read_bytes()


def _made_by_set_up(folder: Path) -> bool:
    """True for the `.venv/bin` of this checkout and of any other."""
    return (folder.parent / "set-up").is_dir()
