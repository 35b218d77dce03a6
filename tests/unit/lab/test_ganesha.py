"""Export ids and what is asked of a running ganesha, without ganesha."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lab.nfs import server
from lab.nfs.server import Ganesha
from lab.ontap.exports import Export
from lab.processes import Identity


def volume(name: str, junction_path: str, directory: str = "/nowhere") -> Export:
    return Export(f"uuid-{name}", name, "demo-nfs-svm", directory, junction_path, "default", ())


class Recorded(Ganesha):
    """A ganesha that says what it was asked to do."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        (directory / "port").write_text("12049\n")
        self.done: list[str] = []
        self.rereads = True

    @property
    def process(self) -> Identity:
        return Identity(1, 1)

    def _reread(self, process: Identity) -> bool:
        self.done.append("reread")
        return self.rereads

    def _start(self) -> None:
        self.done.append("start")

    @property
    def ids(self) -> dict[str, int]:
        text = self._config.read_text()
        return {
            path: int(number)
            for number, path in re.findall(r'Export_Id = (\d+);.*?Pseudo = "(.*?)"', text, re.S)
        }


@pytest.fixture
def ganesha(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Recorded:
    recorded = Recorded(tmp_path)
    monkeypatch.setattr(server, "end", lambda process, **_: recorded.done.append("end"))
    return recorded


A, B = volume("a", "/a"), volume("b", "/b")


@pytest.mark.parametrize(
    ("before", "after", "expected", "because"),
    [
        ([], [A], ["reread"], "a new export is taken by SIGHUP"),
        ([A], [A, B], ["reread"], "and so is a second one"),
        ([A], [A], ["reread"], "rules may have changed"),
        ([A, B], [A], ["end", "start"], "SIGHUP withdraws nothing"),
        ([A], [volume("a", "/c")], ["end", "start"], "a changed junction path makes ganesha spin"),
    ],
)
def test_change(
    ganesha: Recorded, before: list[Export], after: list[Export], expected: list[str], because: str
) -> None:
    ganesha.apply(before)
    ganesha.done.clear()
    ganesha.apply(after)
    assert ganesha.done == expected, because


def test_a_ganesha_that_does_not_take_the_signal_is_started_anew(ganesha: Recorded) -> None:
    ganesha.rereads = False
    ganesha.apply([A])
    assert ganesha.done == ["reread", "end", "start"]


def test_a_volume_keeps_its_export_id(ganesha: Recorded) -> None:
    ganesha.apply([A, B])
    assert ganesha.ids == {"/a": 2, "/b": 3}
    ganesha.apply([B])
    ganesha.apply([volume("c", "/c"), volume("b", "/moved"), A])
    assert ganesha.ids == {"/c": 4, "/moved": 3, "/a": 2}


def test_a_junction_shows_as_a_directory_of_the_volume_above(ganesha: Recorded, tmp_path: Path) -> None:
    above = tmp_path / "above"
    above.mkdir()
    ganesha.apply([volume("above", "/above", str(above)), volume("below", "/above/x/below")])
    assert (above / "x" / "below").is_dir()
