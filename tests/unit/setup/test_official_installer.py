"""The vendor's installer, played by a stand-in: what comes of it, and that its failure only means another way."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from tools.setup import engine_official
from tools.setup.checkout import Checkout
from tools.setup.progress import Progress

# Called as the real one is: --version 3.250.0 --install-root DIR --no-edit-path
INSTALLER = """\
echo "$*" > "{record}"
echo "$HOME" >> "{record}"
mkdir -p "$4/bin"
for name in pulumi pulumi-language-python pulumi-language-python-exec pulumi-language-go; do
    echo "$2" > "$4/bin/$name"
done
exit {code}
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    checkout = Checkout(tmp_path / "checkout")
    checkout.bin.mkdir(parents=True)
    return checkout


def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, curl: str) -> None:
    """Puts a `curl` of that text first on PATH."""
    folder = tmp_path / "programs"
    folder.mkdir()
    (folder / "curl").write_text(f"#!/bin/sh\n{curl}\n")
    (folder / "curl").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


def answering(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, code: int) -> Path:
    """A site that serves the stand-in; returns the file in which that notes how it was called."""
    record = tmp_path / "record"
    (tmp_path / "install.sh").write_text(INSTALLER.format(record=record, code=code))
    site(
        tmp_path,
        monkeypatch,
        curl=f'for last; do [ "$before" = -o ] && cp {tmp_path}/install.sh "$last"; before=$last; done; true',
    )
    return record


def test_python_programs_of_the_pinned_version_come_into_the_environment(
    checkout: Checkout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = answering(tmp_path, monkeypatch, code=0)
    assert engine_official.install(checkout, Progress(1, io.StringIO()))
    assert sorted(file.name for file in checkout.bin.iterdir()) == [
        "pulumi",
        "pulumi-language-python",
        "pulumi-language-python-exec",
    ]
    assert (checkout.bin / "pulumi").read_text() == "3.250.0\n"
    options, home = record.read_text().splitlines()
    assert options.startswith("--version 3.250.0 --install-root ")
    assert options.endswith(" --no-edit-path")
    assert Path(home).parent == checkout.cache, "the user's own profile and ~/.pulumi are not its business"
    assert list(checkout.cache.iterdir()) == [], "nothing of the download is left behind"


def test_installer_that_fails_changes_nothing(
    checkout: Checkout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(tmp_path, monkeypatch, code=1)
    out = io.StringIO()
    assert not engine_official.install(checkout, Progress(1, out))
    assert list(checkout.bin.iterdir()) == []
    assert "installer ended with code 1, so the engine is built" in out.getvalue()


def test_site_that_does_not_answer_is_said_and_passed_over(
    checkout: Checkout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site(tmp_path, monkeypatch, curl="exit 6")
    out = io.StringIO()
    assert not engine_official.install(checkout, Progress(1, out))
    assert "can't be reached from here" in out.getvalue()
