"""The engine built from Go modules whose versions and checksums tools/engine pins.

Two builds, because the last release of the language host that is part of a Go module is older than the
engine, and one go.mod can't hold both; they speak to each other all the same.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from tools.setup import commands, go_toolchain
from tools.setup.checkout import Checkout
from tools.setup.engine_official import VERSION
from tools.setup.progress import Progress
from tools.setup.refusal import SetupRefused

SDK = "github.com/pulumi/pulumi/sdk/v3"


@dataclass(frozen=True)
class Program:
    """One program: the folder of its go.mod below tools/engine, and the package that holds its `main`."""

    name: str
    modules: str
    package: str


PROGRAMS = (
    Program("pulumi", "cli", "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"),
    Program("pulumi-language-python", "language-host", f"{SDK}/python/cmd/pulumi-language-python"),
)

# Scripts that the host starts; they are of the engine's own version, so they come from the engine's modules.
SCRIPTS = ("python/cmd/pulumi-language-python-exec", "python/dist/pulumi-resource-pulumi-python")

FLAGS = ("-trimpath", "-ldflags", f"-s -w -X {SDK}/go/common/version.Version={VERSION}")


def build(checkout: Checkout, progress: Progress) -> None:
    """Puts the engine's programs and scripts into `.venv/bin`."""
    go = go_toolchain.find(checkout, progress)
    for program in PROGRAMS:
        _compile(go, program, checkout, progress)
    _place_scripts(go, checkout)


def _compile(go: go_toolchain.Go, program: Program, checkout: Checkout, progress: Progress) -> None:
    folder = checkout.engine_modules / program.modules
    fetched = 0

    def count_fetched(line: str) -> None:
        nonlocal fetched
        fetched += line.startswith("go: downloading ")

    stale = _go(
        go,
        ["list", *FLAGS, "-deps", "-f", "{{if .Stale}}{{.ImportPath}}{{end}}", program.package],
        folder,
        what=f"fetching the Go modules of {program.name}",
        on_line=count_fetched,
        on_second=lambda: progress.tick(f"{program.name}: fetched {fetched} Go modules"),
    )
    total = sum(bool(line) and not line.startswith("go: ") for line in stale.splitlines())
    compiled = 0

    def count_compiled(line: str) -> None:
        nonlocal compiled
        compiled += not line.startswith("go: ")

    def show() -> None:
        at = "linking" if compiled >= total else f"compiled {compiled} of {total} packages"
        progress.tick(f"{program.name}: {at}")

    # Built beside its place and renamed: a program of that name may be running.
    fresh = checkout.bin / f".{program.name}.new"
    _go(
        go,
        ["build", "-v", *FLAGS, "-o", str(fresh), program.package],
        folder,
        what=f"compiling {program.name}",
        on_line=count_compiled,
        on_second=show,
    )
    fresh.replace(checkout.bin / program.name)
    progress.note(f"{program.name}: {(checkout.bin / program.name).stat().st_size / 1e6:.0f} MB in .venv/bin")


def _place_scripts(go: go_toolchain.Go, checkout: Checkout) -> None:
    modules = checkout.engine_modules / "cli"
    asked = ["list", "-m", "-f", "{{.Dir}}", SDK]
    answer = _go(go, asked, modules, what="looking up the scripts of the Python language host")
    folder = Path(answer.strip().splitlines()[-1])
    for script in SCRIPTS:
        target = checkout.bin / Path(script).name
        target.unlink(missing_ok=True)
        shutil.copyfile(folder / script, target)
        # In the module cache files are read-only and without the run bit.
        target.chmod(0o755)


def _go(
    go: go_toolchain.Go,
    arguments: list[str],
    folder: Path,
    *,
    what: str,
    on_line: commands.LineHandler | None = None,
    on_second: commands.SecondHandler | None = None,
) -> str:
    try:
        return commands.run(
            [str(go.program), *arguments],
            cwd=folder,
            environment=go_toolchain.ENVIRONMENT,
            on_line=on_line,
            on_second=on_second,
        )
    except commands.CommandFailed as error:
        raise SetupRefused(
            f"{what} failed; Go {go.version} {error.ended}",
            "check the network and Go's settings (`go env GOPROXY GOFLAGS`), then run make setup again;"
            " what has been fetched and compiled is kept",
            answer=error.answer,
        ) from error
