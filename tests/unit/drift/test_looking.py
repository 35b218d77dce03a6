"""Many stacks, each told for itself: what is drifted, what could not be told, and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from strata.drift.engine import Ran
from strata.drift.looking import Request, drift
from strata.drift.report import Report, Status
from strata.errors import Failed
from tests.unit.drift.recordings import STACK_FILE, lines, ran, recorded

NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
CLEAN = (recorded("clean.preview"), recorded("clean.refresh"))
CHANGED = (recorded("changed.preview"), recorded("changed.refresh"))
DOWN = (recorded("unreachable.preview", 1), recorded("unreachable.refresh", 1))

ACCEPTED = """\
  strata:drift:
    accepted:
      - {resource: ontap:Volume/images, property: size, reason: ticket 4711, until: "2026-11-21"}
"""


class Engine:
    """Answers as it is told, and counts what it is asked at the same time."""

    def __init__(self, answers: Mapping[str, tuple[Ran, Ran]]) -> None:
        self.answers = answers
        self.asked: list[str] = []
        self.running = self.most = 0
        self.hang = asyncio.Event()
        self.cancelled: list[str] = []

    async def preview(self, stack: str) -> Ran:
        return await self._answer("preview", stack, 0)

    async def refresh(self, stack: str) -> Ran:
        return await self._answer("refresh", stack, 1)

    async def _answer(self, verb: str, stack: str, which: int) -> Ran:
        self.asked.append(f"{verb} {stack}")
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            for _ in range(3):
                await asyncio.sleep(0)
            if stack not in self.answers:
                await self.hang.wait()
        except asyncio.CancelledError:
            self.cancelled.append(stack)
            raise
        finally:
            self.running -= 1
        return self.answers[stack][which]


def request(project: Path, *stacks: str, text: str = STACK_FILE, **more: object) -> Request:
    (project / "stacks").mkdir(exist_ok=True)
    files = {stack: project / "stacks" / f"Pulumi.{stack}.yaml" for stack in stacks}
    for file in files.values():
        file.write_text(text)
    return Request(files, project, **more)  # type: ignore[arg-type]


async def look(request: Request, engine: Engine) -> tuple[Report, list[str]]:
    said: list[str] = []
    return await drift(request, engine, lambda: NOW, said.append), said


async def test_thirty_environments_one_drifted_one_unreachable(tmp_path: Path) -> None:
    stacks = [f"env{number:02}" for number in range(30)]
    answers = {**dict.fromkeys(stacks, CLEAN), "env07": CHANGED, "env23": DOWN}
    engine = Engine(answers)
    report, said = await look(request(tmp_path, *stacks), engine)
    assert report.exit_code == 1
    assert report.summary == "30 stacks: 28 as declared, 1 drifted, 1 could not tell."
    assert {one.stack: one.status for one in report.stacks if one.status is not Status.AS_DECLARED} == {
        "env07": Status.DRIFTED,
        "env23": Status.COULD_NOT_TELL,
    }
    assert len(report.stacks[7].findings) == 3
    assert all("cluster01" in trouble.message for trouble in report.stacks[23].troubles)
    assert [one.stack for one in report.stacks] == stacks
    assert len(said) == 30
    assert "env07: drifted (3 differences)" in said
    assert engine.most == 4


async def test_a_clean_stack_costs_one_run_of_the_engine(tmp_path: Path) -> None:
    engine = Engine({"lab": CLEAN})
    report, _ = await look(request(tmp_path, "lab"), engine)
    assert report.exit_code == 0
    assert engine.asked == ["preview lab"]
    assert report.stacks[0].looked == 2


@pytest.mark.parametrize("parallel", [1, 3])
async def test_no_more_stacks_at_a_time_than_asked_for(parallel: int, tmp_path: Path) -> None:
    engine = Engine(dict.fromkeys("abcdef", CLEAN))
    await look(request(tmp_path, *"abcdef", parallel=parallel), engine)
    assert engine.most == parallel


async def test_one_silent_system_hides_no_drift_of_another(tmp_path: Path) -> None:
    engine = Engine({"lab": (DOWN[0], CHANGED[1])})
    report, _ = await look(request(tmp_path, "lab"), engine)
    assert report.exit_code == 1
    assert len(report.stacks[0].findings) == 3
    assert report.stacks[0].troubles


async def test_a_stack_file_that_up_would_refuse_still_has_the_net_of_the_refresh(tmp_path: Path) -> None:
    engine = Engine({"lab": CHANGED})
    report, _ = await look(request(tmp_path, "lab", text=STACK_FILE.replace("size:", "sise:")), engine)
    assert engine.asked == ["refresh lab"]
    assert report.exit_code == 1
    assert len(report.stacks[0].findings) == 3
    assert any("sise" in trouble.message for trouble in report.stacks[0].troubles)


async def test_an_engine_that_could_not_begin_is_not_asked_twice(tmp_path: Path) -> None:
    wrong = Ran(1, "", "error: incorrect passphrase")
    engine = Engine({"lab": (wrong, wrong)})
    report, _ = await look(request(tmp_path, "lab"), engine)
    assert engine.asked == ["preview lab"]
    assert report.exit_code == 1


async def test_what_is_wrong_with_the_file_of_a_stack_without_a_state_is_said_too(tmp_path: Path) -> None:
    engine = Engine({"new": (ran(code=6), ran(code=6))})
    report, _ = await look(request(tmp_path, "new", text="config: ["), engine)
    assert report.stacks[0].status is Status.NEVER_UP
    assert "is not closed" in report.stacks[0].troubles[0].message


async def test_a_stack_that_was_never_brought_up_is_not_as_declared(tmp_path: Path) -> None:
    engine = Engine({"new": (ran(code=6), ran(code=6)), "lab": CLEAN})
    report, _ = await look(request(tmp_path, "lab", "new"), engine)
    assert report.stacks[1].status is Status.NEVER_UP
    assert report.exit_code == 1


async def test_an_accepted_difference_does_not_count(tmp_path: Path) -> None:
    report, _ = await look(request(tmp_path, "lab", text=STACK_FILE + ACCEPTED), Engine({"lab": CHANGED}))
    (stack,) = report.stacks
    assert len(stack.findings) == 2
    assert lines(one.finding for one in stack.accepted) == [
        "ontap:Volume/images size 50GiB->60GiB changed both"
    ]
    assert report.exit_code == 7


async def test_the_day_of_an_acceptance_is_the_clock_s(tmp_path: Path) -> None:
    asked = request(tmp_path, "lab", text=STACK_FILE + ACCEPTED)
    tomorrow = datetime(2026, 11, 22, 0, 0, tzinfo=UTC)
    report = await drift(asked, Engine({"lab": CHANGED}), lambda: tomorrow, lambda line: None)
    assert len(report.stacks[0].findings) == 3
    assert "that is over" in report.stacks[0].notes[0]


ONLY = [
    ("Volume", 2, "the last word of a kind"),
    ("ontap:Volume", 2, "a kind without its package"),
    ("strata:ontap:ExportPolicy", 1, "a whole kind"),
    ("images", 3, "a name, of whatever kind"),
    ("ontap:Volume/images", 2, "as reports show it"),
]


@pytest.mark.parametrize(("word", "number", "because"), ONLY)
async def test_only(word: str, number: int, because: str, tmp_path: Path) -> None:
    report, _ = await look(request(tmp_path, "lab", only=[word]), Engine({"lab": CHANGED}))
    assert len(report.stacks[0].findings) == number, because


async def test_a_misspelt_word_is_no_report_without_drift(tmp_path: Path) -> None:
    with pytest.raises(
        Failed, match=r"--only Volum: there is no .* in stack lab\. Kinds there: ExportPolicy, Volume"
    ):
        await look(request(tmp_path, "lab", only=["Volum"]), Engine({"lab": CHANGED}))


async def test_a_kind_that_one_stack_has_is_no_error_in_another(tmp_path: Path) -> None:
    empty = ran()
    report, _ = await look(
        request(tmp_path, "a", "b", only=["Volume"]), Engine({"a": CHANGED, "b": (empty, empty)})
    )
    assert report.exit_code == 7


@pytest.mark.parametrize(("answers", "only"), [(DOWN, []), (CLEAN, ["ExportPolicy"]), (CLEAN, [])])
async def test_an_acceptance_is_idle_only_where_everything_was_seen(
    answers: tuple[Ran, Ran], only: list[str], tmp_path: Path
) -> None:
    asked = request(tmp_path, "lab", text=STACK_FILE + ACCEPTED, only=only)
    report, _ = await look(asked, Engine({"lab": answers}))
    assert bool(report.stacks[0].notes) is (answers is CLEAN and not only)


async def test_an_engine_that_can_not_be_started_ends_the_others(tmp_path: Path) -> None:
    engine = Engine({})

    class Missing(Engine):
        async def preview(self, stack: str) -> Ran:
            if stack != "c":
                return await engine.preview(stack)
            while engine.running < 2:
                await asyncio.sleep(0)
            raise Failed("The program pulumi isn't on PATH.")

    async with asyncio.timeout(30):
        with pytest.raises(Failed, match="isn't on PATH"):
            await look(request(tmp_path, "a", "b", "c"), Missing({}))
    assert sorted(engine.cancelled) == ["a", "b"]


async def test_an_interrupt_reaches_every_engine(tmp_path: Path) -> None:
    engine = Engine({})
    task = asyncio.create_task(look(request(tmp_path, "a", "b", "c"), engine))
    while engine.running < 3:
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert sorted(engine.cancelled) == ["a", "b", "c"]
