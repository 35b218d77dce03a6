"""The official engine: one that is on PATH already, or the vendor's installer at the pinned version."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tools.setup import commands
from tools.setup.checkout import Checkout
from tools.setup.progress import Progress

VERSION = "v3.250.0"
LEAST = (3, 250)
INSTALLER = "https://get.pulumi.com"
SECONDS_FOR_AN_ANSWER = 5
SECONDS_FOR_THE_DOWNLOAD = 300
COMMAND_PLUGIN = ["resource", "command", "1.2.1"]

# What a Python program needs; the archive holds the hosts of six more languages.
WANTED = re.compile(r"^pulumi$|^pulumi-[\w-]*python[\w-]*$")


@dataclass(frozen=True)
class Found:
    """An official engine: its version, and the folder that holds it and its language host."""

    version: str
    folder: Path


def fits(version: str) -> bool:
    """True for the pinned version and every later one of the same major line."""
    parts = re.match(r"v?(\d+)\.(\d+)\.", version)
    return parts is not None and int(parts[1]) == LEAST[0] and int(parts[2]) >= LEAST[1]


def on_path(path: str, *, without: Path) -> Found | None:
    """The engine on `path`, if it fits and has its Python host beside it; what set-up put there doesn't count."""
    folders = [
        folder for folder in path.split(os.pathsep) if folder and not _made_by_set_up(Path(folder), without)
    ]
    pulumi = shutil.which("pulumi", path=os.pathsep.join(folders))
    if pulumi is None:
        return None
    try:
        answer = subprocess.run(
            [pulumi, "version"],
            capture_output=True,
            text=True,
            timeout=20,
            env={**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true"},
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    version = answer.stdout.strip()
    if answer.returncode != 0 or not fits(version):
        return None
    for folder in (Path(pulumi).parent, Path(pulumi).resolve().parent):
        if os.access(folder / "pulumi-language-python", os.X_OK):
            return Found(version, folder)
    return None


def _made_by_set_up(folder: Path, own: Path) -> bool:
    """True for this checkout's `.venv/bin` and for another's, which may be removed any day."""
    return folder == own or (folder.parent / "set-up").is_dir()


def link(found: Found, bin: Path) -> None:
    """Symbolic links, so that an upgrade of the official engine is an upgrade here."""
    for program in _wanted_in(found.folder):
        target = bin / program.name
        target.unlink(missing_ok=True)
        target.symlink_to(program)


def install(checkout: Checkout, progress: Progress) -> bool:
    """Runs the vendor's installer in a home of its own, so that no profile is edited; False where it fails."""
    checkout.cache.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=checkout.cache, prefix="installer-") as folder:
        home = Path(folder)
        script = home / "install.sh"
        try:
            commands.run(
                ["curl", "-fsSL", "--max-time", str(SECONDS_FOR_AN_ANSWER), "-o", str(script), INSTALLER],
                on_second=lambda: progress.tick("asking for the official installer"),
                limit=SECONDS_FOR_AN_ANSWER + 1,
            )
        except commands.CommandFailed:
            progress.note(
                f"{INSTALLER} can't be reached from here, so the engine is built from its Go modules"
            )
            return False
        root = home / ".pulumi"
        options = ["--version", VERSION.removeprefix("v"), "--install-root", str(root), "--no-edit-path"]
        try:
            commands.run(
                ["sh", str(script), *options],
                cwd=home,
                environment={"HOME": str(home)},
                on_second=lambda: progress.tick(f"downloading the official engine {VERSION}"),
                limit=SECONDS_FOR_THE_DOWNLOAD,
            )
        except commands.CommandFailed as error:
            progress.note(f"the official installer {error.ended}, so the engine is built from its Go modules")
            return False
        programs = _wanted_in(root / "bin")
        for program in programs:
            (checkout.bin / program.name).unlink(missing_ok=True)
            shutil.move(program, checkout.bin / program.name)
        return any(program.name == "pulumi-language-python" for program in programs)


def install_command_plugin(checkout: Checkout, progress: Progress) -> bool:
    """The plugin of pulumi-command, fetched here rather than in the middle of an operator's first `up`."""
    pulumi = str(checkout.bin / "pulumi")
    try:
        commands.run(
            [pulumi, "plugin", "install", *COMMAND_PLUGIN],
            environment={"PULUMI_SKIP_UPDATE_CHECK": "true"},
            on_second=lambda: progress.tick("installing the plugin of pulumi-command"),
            limit=120,
        )
    except commands.CommandFailed as error:
        progress.note(f"the plugin of pulumi-command could not be installed now (pulumi {error.ended})")
        return False
    return True


def _wanted_in(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(program for program in folder.iterdir() if WANTED.match(program.name))
