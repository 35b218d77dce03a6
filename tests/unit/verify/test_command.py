"""`strata verify STACK` as an operator sees it: checks, the picture, the count, the exit status."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from strata import stackfile
from strata.cli.main import main
from strata.verify import configuration, images

from .conftest import Stored, Systems, write
from .test_object_store import stack_of


@pytest.fixture
def storage(systems: Systems, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Secondary storage of a stack that stands in for the lab's; nothing of the image path is declared."""

    async def nothing(*given: Any) -> list[Any]:
        return []

    monkeypatch.chdir(Path(__file__).parents[3])
    monkeypatch.setattr(stackfile, "load", lambda file: stack_of(tmp_path))
    monkeypatch.setattr(configuration, "connections", lambda *given: systems)
    monkeypatch.setattr(images, "verify", nothing)
    return tmp_path


def test_the_picture_of_the_seed(storage: Path, stored: Stored, capsys: pytest.CaptureFixture[str]) -> None:
    write(storage, {"template/tmpl/1/1/a.vhd": b"abc", "template/tmpl/1/5/b.vhd": b"def"})
    stored.put("T-1", "a.vhd", b"abc")
    stored.put("T-5", "b.vhd", b"def")
    assert main(["verify", "lab", "--wait", "0"]) == 0
    shown = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert "zone1 template/tmpl/1/1 1 T-1 1 the same" in shown
    assert "zone1 template/tmpl/1/5 1 T-5 1 the same" in shown
    assert shown[-1] == "3 of 3 checks hold."


def test_a_difference_is_an_exit_status(
    storage: Path, stored: Stored, capsys: pytest.CaptureFixture[str]
) -> None:
    write(storage, {"template/tmpl/1/5/b.vhd": b"def"})
    stored.put("T-5", "b.vhd", b"DEF")
    assert main(["verify", "lab", "--wait", "0"]) == 1
    shown = capsys.readouterr().out
    assert "FAIL  zone zone1: Swift holds what secondary storage holds" in shown
    assert "T-5/b.vhd: MD5" in shown
