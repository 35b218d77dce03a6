"""Step: OpenStack Swift for the lab, in an environment of its own, so that its hundred packages never meet Strata's."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from tools.setup import commands, stamps
from tools.setup.checkout import Checkout
from tools.setup.progress import Progress
from tools.setup.python_environment import PINNED, count_packages, pip
from tools.setup.refusal import SetupRefused


@dataclass(frozen=True)
class SwiftEnvironment:
    """`.cache/swift` holds what swift.txt says: Swift's servers, and Keystone for the tests that want it."""

    checkout: Checkout
    title: str = "OpenStack Swift for the lab"

    def finished(self) -> str | None:
        return self._stamp().holds() if self._usable() else None

    def run(self, progress: Progress) -> str:
        stamp = self._stamp()
        stamp.clear()
        if not self._usable():
            self._create(progress)
        packages = count_packages(self.checkout.swift_lock.read_text())
        self._install(progress, packages)
        outcome = f"{packages} packages in {self.checkout.swift.relative_to(self.checkout.root)}"
        stamp.set(outcome)
        return outcome

    def _stamp(self) -> stamps.Stamp:
        inputs = stamps.hash_of([self.checkout.swift_lock, Path(__file__)], str(self.checkout.root))
        return stamps.Stamp(self.checkout.swift / "set-up", inputs)

    def _usable(self) -> bool:
        """False also where the checkout was moved: the programs name the folder they were made in."""
        activate = self.checkout.swift / "bin" / "activate"
        if not activate.is_file() or str(self.checkout.swift) not in activate.read_text():
            return False
        try:
            asked = [str(self.checkout.swift / "bin" / "python"), "-c", ""]
            return subprocess.run(asked, capture_output=True).returncode == 0
        except OSError:
            return False

    def _create(self, progress: Progress) -> None:
        progress.note(f"making {self.checkout.swift.name}'s environment")
        # Strata's own pip installs into it, so it needs none.
        making = ["-m", "venv", "--clear", "--without-pip", str(self.checkout.swift)]
        try:
            commands.run([str(self.checkout.python), *making])
        except commands.CommandFailed as error:
            raise SetupRefused(
                f"the environment of OpenStack Swift could not be made; python {error.ended}",
                f"remove {self.checkout.swift} and run make setup again",
                answer=error.answer,
            ) from error

    def _install(self, progress: Progress, packages: int) -> None:
        seen = 0

        def follow(line: str) -> None:
            nonlocal seen
            seen += line.startswith(("Collecting ", "Requirement already satisfied"))

        into = ["--python", str(self.checkout.swift), "install"]
        try:
            commands.run(
                [*pip(self.checkout), *into, *PINNED, "-r", str(self.checkout.swift_lock)],
                on_line=follow,
                on_second=lambda: progress.tick(f"fetched {seen} of {packages} packages"),
            )
        except commands.CommandFailed as error:
            raise SetupRefused(
                f"pip {error.ended} as it installed OpenStack Swift",
                "check the network and pip's own settings (`pip config list`), then run make setup again",
                answer=error.answer,
            ) from error
