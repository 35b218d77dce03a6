"""Step: the engine, `pulumi` with its Python language host, from the nearest place that has it.

An official one on PATH is linked to; else the official installer is tried, for seconds; else it is built
from pinned Go modules. Whichever it was, `.venv/bin` holds it afterwards.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

from tools.setup import engine_build, engine_official, stamps
from tools.setup.checkout import Checkout
from tools.setup.progress import Progress

PROGRAMS = (
    "pulumi",
    "pulumi-language-python",
    "pulumi-language-python-exec",
    "pulumi-resource-pulumi-python",
)


@dataclass(frozen=True)
class Engine:
    """Every program of the engine is in `.venv/bin` and can be run."""

    checkout: Checkout
    title: str = "the Pulumi engine"

    def finished(self) -> str | None:
        there = all(os.access(self.checkout.bin / program, os.X_OK) for program in PROGRAMS)
        return self._stamp().holds() if there else None

    def run(self, progress: Progress) -> str:
        stamp = self._stamp()
        stamp.clear()
        outcome = self._from_path(progress) or self._from_installer(progress)
        if outcome is None:
            engine_build.build(self.checkout, progress)
            outcome = f"{engine_official.VERSION}, built from Go modules, in .venv/bin"
        stamp.set(outcome)
        return outcome

    def plugins_in_place(self) -> bool:
        """False only where an official engine could still fetch the plugin of pulumi-command by itself."""
        outcome = self._stamp().holds() or ""
        return "official" not in outcome or "pulumi-command" in outcome

    def _stamp(self) -> stamps.Stamp:
        modules = sorted(self.checkout.engine_modules.glob("*/go.*"))
        return stamps.Stamp(self.checkout.stamps / "engine", stamps.hash_of(modules, engine_official.VERSION))

    def _from_path(self, progress: Progress) -> str | None:
        found = engine_official.on_path(os.environ.get("PATH", ""), without=self.checkout.bin)
        if found is None:
            return None
        engine_official.link(found, self.checkout.bin)
        return self._with_plugin(
            f"official {found.version} of {found.folder}, linked into .venv/bin", progress
        )

    def _from_installer(self, progress: Progress) -> str | None:
        if not engine_official.install(self.checkout, progress):
            return None
        return self._with_plugin(f"official {engine_official.VERSION} in .venv/bin", progress)

    def _with_plugin(self, outcome: str, progress: Progress) -> str:
        if engine_official.install_command_plugin(self.checkout, progress):
            return f"{outcome}, with the plugin of pulumi-command"
        return outcome
