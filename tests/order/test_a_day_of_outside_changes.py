"""24 simulated hours in which others change things at random and some of it is repaired: no false alarm, and none missed.

At every look, what is told is what was changed and not put back, exactly; what moves by itself goes on all the time.
"""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest

from tests.acceptance.engine.outside_changes import OUTSIDE
from tests.order.day import Day, running

HALF_AN_HOUR = 1800.0
LOOKS = 48
SEEDS = (1, 2)
QUIET = 0.35
"""How likely it is that nobody changes anything between two looks."""
REPAIRED = 0.4
"""How likely it is that a resource that has moved is repaired after a look."""


class Story:
    """What happened, for the one who reads a failure."""

    def __init__(self, seed: int) -> None:
        self.lines = [f"seed {seed}"]
        self.changed: set[str] = set()
        self.quiet = self.repaired = 0

    def tell(self, at: float, line: str) -> None:
        self.lines.append(f"{int(at // 3600):02}:{int(at % 3600 // 60):02} {line}")

    def judge(self, told: set[str], moved: set[str]) -> None:
        assert told == moved, "\n".join(
            [*self.lines, f"false alarms: {sorted(told - moved)}", f"missed: {sorted(moved - told)}"]
        )


async def hours(day: Day, chance: random.Random, story: Story) -> None:
    """One day: a look every half an hour, changes before it and repairs after it."""
    story.judge(await day.look(), set())
    for number in range(LOOKS):
        at = number * HALF_AN_HOUR
        day.pass_time(HALF_AN_HOUR)
        day.noise(chance, number)
        for _ in range(0 if chance.random() < QUIET else chance.randint(1, 3)):
            one = chance.choice(day.possible())
            story.tell(at, f"others change {one.finding}")
            story.changed.add(one.finding)
            day.change(one)
        told = await day.look()
        story.judge(told, set(day.moved))
        story.quiet += not told
        for label in sorted({one.partition(" ")[0] for one in day.moved}):
            if chance.random() < REPAIRED:
                story.tell(at, f"{label} is repaired")
                story.repaired += 1
                await day.repair(label)
    for label in sorted({one.partition(" ")[0] for one in day.moved}):
        await day.repair(label)
    story.judge(await day.look(), set())


@pytest.mark.parametrize("seed", SEEDS)
def test_no_false_alarm_and_none_missed(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    story = Story(seed)
    with running(tmp_path) as day:
        asyncio.run(hours(day, random.Random(seed), story))
    # A day on which next to nothing happens would prove nothing.
    assert len(story.changed) >= len(OUTSIDE) // 3
    assert story.repaired >= LOOKS // 4
    assert story.quiet >= 1, "no look at which nothing was otherwise"
