"""Swift before the zone, in whole runs with chance in them: real program, real kinds, an emulated CloudStack, no waiting.

What holds in every run: no call about a zone before the Swift store was added and seen in a list; where Swift fails, none at all;
and where nothing lasting is wrong, every zone is there at the end. Without the edge it does not hold, and that is seen.
"""

from __future__ import annotations

import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import components.cloudstack_zone
import components.foundation
from strata.provider.kinds.cloudstack_zone import Zone
from tests.order.world import Run, Weather, once

ROOT = Path(__file__).resolve().parents[2]
STACKS = {"modern": ROOT / "stacks" / "Pulumi.lab.yaml", "legacy": ROOT / "stacks" / "Pulumi.lab-legacy.yaml"}
RUNS = 50


REFERENCE = re.compile(r"\{file: (\S+)\}")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A project folder in which every file that a stack file refers to is there, as in that of a lab that is up."""
    for stack_file in STACKS.values():
        for name in REFERENCE.findall(stack_file.read_text()):
            file = tmp_path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("22\n")
    monkeypatch.chdir(tmp_path)


def _judge(run: Run, sky: Weather) -> None:
    assert run.out_of_order is None
    if sky.swift_fails:
        assert run.zone_calls == [], "where Swift fails, nothing of a zone is asked for"
        assert run.failures, "the run says that it failed"
        assert run.zones == 0
    else:
        assert run.failures == [], f"a run has to live with {sky}"
        assert run.zones == 1


@pytest.mark.parametrize("era", STACKS)
@pytest.mark.parametrize("seed", range(RUNS // 2))
def test_the_zone_never_precedes_swift(era: str, seed: int) -> None:
    _judge(*once(STACKS[era], era, seed))


@pytest.mark.parametrize("era", STACKS)
@pytest.mark.parametrize(
    ("trouble", "because"),
    [
        (Weather(swift="Swift does not answer."), "Swift is down"),
        (Weather(swift="Swift refused the user."), "the key is wrong"),
    ],
)
def test_where_swift_fails_no_zone_call_is_made(era: str, trouble: Weather, because: str) -> None:
    run, _ = once(STACKS[era], era, 0, trouble)
    assert run.zone_calls == [], because
    # The older era's setting and restart come before Swift is looked at.
    assert run.writes == ([] if era == "modern" else ["updateConfiguration"]), because


EDGE = "opts=part_of(self, after=[store], protect"
ID = "image_store=store.id,"
FAIR = Weather()


@pytest.fixture
def without_the_edge(monkeypatch: pytest.MonkeyPatch) -> None:
    """The program with a copy of the zone's component in which nothing comes from the object store any more."""
    source = Path(components.cloudstack_zone.__file__).read_text()
    assert source.count(EDGE) == source.count(ID) == 1, "the edge and the id stand in one place each"
    copy = ModuleType("copy_of_cloudstack_zone")
    text = source.replace(EDGE, EDGE.replace("[store]", "[]")).replace(ID, 'image_store="",')
    exec(compile(text, "copy_of_cloudstack_zone.py", "exec"), copy.__dict__)
    monkeypatch.setattr(components.foundation, "CloudStackZone", copy.CloudStackZone)


@pytest.mark.usefixtures("without_the_edge")
def test_without_the_edge_the_zone_refuses_by_itself() -> None:
    run, _ = once(STACKS["modern"], "modern", 0, FAIR)
    assert run.zones == 0
    assert any("CloudStack must have the cloud-wide Swift store first" in one for one in run.failures)
    with pytest.raises(AssertionError):
        _judge(run, FAIR)


@pytest.mark.usefixtures("without_the_edge")
def test_without_the_edge_and_the_question_the_order_is_left_to_chance(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def nothing(self: Zone, args: Any) -> None:
        """The zone does not ask for the store."""

    monkeypatch.setattr(Zone, "_require_store", nothing)
    runs = [once(STACKS["modern"], "modern", seed, FAIR)[0] for seed in range(6)]
    assert any(run.out_of_order for run in runs), "no run was out of order: what is this edge for?"
    for run in runs:
        if run.out_of_order:
            with pytest.raises(AssertionError):
                _judge(run, FAIR)
