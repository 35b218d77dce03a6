"""The one text that goes to the host: by a strange interpreter, in a folder of its own, killed in earnest."""

from __future__ import annotations

import ast
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from strata.migration import bundle
from tests.unit.migration.site_of_glance import Site


@pytest.fixture
def program(tmp_path: Path) -> Path:
    (tmp_path / "bin").mkdir()
    path = tmp_path / "bin" / "migration.py"
    path.write_text(bundle.bundle())
    return path


def start(program: Path, site: Site, command: str, *more: str) -> subprocess.Popen[str]:
    given = [sys.executable, "-I", str(program), command, "--journal", str(site.journal)]
    if command not in ("progress", "status"):
        given += ["--config", str(site.config), "--from", str(site.old), "--to", str(site.new), *more]
    return subprocess.Popen(
        given, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=program.parent, env={}
    )


def answer(program: Path, site: Site, command: str) -> dict[str, Any]:
    out, err = start(program, site, command).communicate()
    assert err == ""
    found: dict[str, Any] = json.loads(out)
    return found


def test_the_text_is_whole_and_the_same_each_time() -> None:
    folder = Path(bundle.__file__).parent
    ours = {f"strata.migration.{path.stem}" for path in folder.glob("*.py")} - {
        "strata.migration.__init__",
        "strata.migration.bundle",
    }
    assert ours == {name for name in bundle.MODULES if name.startswith("strata.migration.")}
    assert bundle.bundle() == bundle.bundle()
    assert len(bundle.version(bundle.bundle())) == 16


@pytest.mark.parametrize("name", bundle.MODULES)
def test_a_host_with_python_3_9_understands_it(name: str) -> None:
    ast.parse(bundle._source(name), feature_version=(3, 9))


def test_a_whole_move_by_the_text_alone(site: Site, program: Path) -> None:
    assert answer(program, site, "check")["images"] == 20
    assert answer(program, site, "copy")["copied"] == 20
    assert answer(program, site, "delta")["copied"] == 0
    assert answer(program, site, "status") == {
        "phase": "delta",
        "next": "locate",
        "working": False,
        "problems": [],
    }
    assert answer(program, site, "locate")["rewritten"] == 20
    assert answer(program, site, "progress")["located"] == 20
    assert site.served() == site.images


def test_killed_in_earnest_while_it_copies(site: Site, program: Path) -> None:
    for number in range(4):
        site.upload(f"big-{number}", site.random.randbytes(1 << 20), hole=128 << 20 if number < 2 else 0)
    copying = start(program, site, "copy")
    end = time.monotonic() + 60
    copied = site.journal / "copied.jsonl"
    # After the first at least one of the two is still to come that take their time.
    while not (copied.exists() and copied.stat().st_size):
        assert time.monotonic() < end
        assert copying.poll() is None
        os.sched_yield()
    # Stopped, it holds what it holds, and this test needs no luck.
    copying.send_signal(signal.SIGSTOP)
    assert answer(program, site, "status")["working"] is True
    assert "another command of this move" in answer(program, site, "copy")["problems"][0]
    copying.send_signal(signal.SIGKILL)
    copying.communicate()
    assert answer(program, site, "status")["working"] is False
    begun = sorted(name for name in os.listdir(site.new) if name.startswith("."))
    site.delete(begun[0].removeprefix(".strata-").removesuffix(".part"))
    for phase in ("copy", "delta", "locate"):
        assert "problems" not in answer(program, site, phase)
    assert site.served() == site.images
    assert sorted(os.listdir(site.new)) == sorted(site.images), "the part of the deleted image went as well"
