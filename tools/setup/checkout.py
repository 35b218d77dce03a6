"""Where things lie in a checkout."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Checkout:
    """The folders and files that set-up reads and makes, all below `root`."""

    root: Path

    @property
    def environment(self) -> Path:
        """The virtual environment; the engine's programs lie in its `bin` too."""
        return self.root / ".venv"

    @property
    def bin(self) -> Path:
        return self.environment / "bin"

    @property
    def python(self) -> Path:
        return self.bin / "python"

    @property
    def stamps(self) -> Path:
        """Inside the environment, so that removing it forgets what was done in it."""
        return self.environment / "set-up"

    @property
    def cache(self) -> Path:
        return self.root / ".cache"

    @property
    def swift(self) -> Path:
        """The lab's OpenStack Swift: a virtual environment beside the one of Strata."""
        return self.cache / "swift"

    @property
    def swift_lock(self) -> Path:
        return self.root / "requirements" / "swift.txt"

    @property
    def lock(self) -> Path:
        return self.root / "requirements" / "requirements.txt"

    @property
    def go_lock(self) -> Path:
        return self.root / "requirements" / "go.txt"

    @property
    def system_packages(self) -> Path:
        return self.root / "tools" / "setup" / "system-packages.txt"

    @property
    def engine_modules(self) -> Path:
        return self.root / "tools" / "engine"
