"""Go for the engine's build: the machine's own if it is new enough, else a pinned one kept in `.cache/go`."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tools.setup import commands
from tools.setup.checkout import Checkout
from tools.setup.progress import Progress
from tools.setup.python_environment import PINNED, pip
from tools.setup.refusal import SetupRefused

LEAST = (1, 26)

# No other tool chain is to be downloaded behind our back, and a machine without a C compiler builds the same
# programs. GOFLAGS, GOPROXY and the caches stay as the machine has them; a workspace around the checkout
# does not count.
ENVIRONMENT = {"GOTOOLCHAIN": "local", "CGO_ENABLED": "0", "GOWORK": "off"}


@dataclass(frozen=True)
class Go:
    program: Path
    version: str


def parse_version(text: str) -> tuple[int, int] | None:
    """Major and minor of `go version`'s answer."""
    found = re.search(r"\bgo(\d+)\.(\d+)", text)
    return (int(found[1]), int(found[2])) if found else None


def find(checkout: Checkout, progress: Progress) -> Go:
    """A Go that can build the engine, fetched if need be."""
    on_path = shutil.which("go")
    if on_path and (go := _fitting(Path(on_path))):
        progress.note(f"building with Go {go.version} of {on_path}")
        return go
    kept = checkout.cache / "go"
    program = kept / "go" / "bin" / "go"
    if go := _fitting(program):
        progress.note(f"building with Go {go.version} of .cache/go")
        return go
    _fetch(checkout, kept, progress)
    if go := _fitting(program):
        progress.note(f"building with Go {go.version}, fetched into .cache/go")
        return go
    raise SetupRefused(
        f"the Go of {checkout.go_lock.name} does not run on this machine",
        f"install Go {LEAST[0]}.{LEAST[1]} or later, put it on PATH and run make setup again",
    )


def _fetch(checkout: Checkout, kept: Path, progress: Progress) -> None:
    shutil.rmtree(kept, ignore_errors=True)
    kept.parent.mkdir(exist_ok=True)
    try:
        commands.run(
            [
                *pip(checkout),
                "install",
                *PINNED,
                "--no-compile",
                "--target",
                str(kept),
                "-r",
                str(checkout.go_lock),
            ],
            on_second=lambda: progress.tick("fetching Go"),
        )
    except commands.CommandFailed as error:
        raise SetupRefused(
            f"Go, to build the engine, could not be fetched; pip {error.ended}",
            f"check the network, or install Go {LEAST[0]}.{LEAST[1]} or later and put it on PATH",
            answer=error.answer,
        ) from error


def _fitting(program: Path) -> Go | None:
    try:
        answer = subprocess.run([program, "version"], capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return None
    version = parse_version(answer.stdout)
    if version is None or version < LEAST:
        return None
    return Go(program, answer.stdout.split()[2].removeprefix("go"))
