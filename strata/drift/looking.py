"""One look after the other until a stack is told, and many stacks side by side."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from strata import stackfile
from strata.drift import events
from strata.drift.accepting import judged
from strata.drift.declaring import Declarations
from strata.drift.engine import Engine
from strata.drift.finding import Finding, Look, Trouble, kind_of, name_of
from strata.drift.report import Report, StackReport
from strata.errors import Failed
from strata.stackfile import StackFileError
from strata.stackfile.model_drift import Accepted

Say = Callable[[str], None]


@dataclass(frozen=True)
class Request:
    """What is asked.

    stacks  stack files by stack
    only    kinds, names or both (`ontap:Volume/images`); nothing is everything
    """

    stacks: Mapping[str, Path]
    project: Path
    parallel: int = 4
    only: Sequence[str] = field(default=())


async def drift(request: Request, engine: Engine, now: Callable[[], datetime], say: Say) -> Report:
    """Look at every stack, `parallel` of them at a time; raises Failed where `only` names nothing that there is."""
    begun = now()
    free = asyncio.Semaphore(request.parallel)
    seen: set[str] = set()

    async def one(stack: str, file: Path) -> StackReport:
        async with free:
            accepted, wrong = _accepted(file)
            look = await _look(stack, engine, wrong)
        seen.update(look.resources, (finding.urn for finding in look.findings))
        report = _report(stack, file, look, accepted, begun, request)
        say(f"{stack}: {report.status}{_differences(report)}")
        return report

    looks = [asyncio.create_task(one(stack, file)) for stack, file in request.stacks.items()]
    try:
        stacks = await asyncio.gather(*looks)
    except BaseException:
        for look in looks:
            look.cancel()
        await asyncio.gather(*looks, return_exceptions=True)
        raise
    report = Report(begun, tuple(stacks))
    _refuse_what_names_nothing(request.only, seen, report)
    return report


async def _look(stack: str, engine: Engine, wrong: tuple[Trouble, ...]) -> Look:
    """Both nets at once; where that fails, what the refresh alone still finds: one silent system hides no drift of another."""
    first = Look(troubles=wrong) if wrong else events.of_preview(await engine.preview(stack), stack)
    if first.never_up or not first.troubles or not first.began:
        return first
    second = events.of_refresh(await engine.refresh(stack), stack)
    if second.never_up:
        return replace(second, troubles=first.troubles)
    return Look(
        findings=events.merged([*first.findings, *second.findings]),
        troubles=tuple(dict.fromkeys([*first.troubles, *second.troubles])),
        resources=first.resources | second.resources,
    )


def _accepted(file: Path) -> tuple[tuple[Accepted, ...], tuple[Trouble, ...]]:
    """What the stack file accepts, or what is wrong with it: `up` would refuse it, so one net can't be thrown."""
    try:
        return stackfile.load(file).drift.accepted, ()
    except StackFileError as error:
        return (), tuple(Trouble(str(problem)) for problem in error.problems)
    except Failed as error:
        return (), (Trouble(str(error)),)


def _report(
    stack: str, file: Path, look: Look, accepted: tuple[Accepted, ...], now: datetime, request: Request
) -> StackReport:
    declarations = Declarations.of(file, request.project)
    wanted = [
        replace(one, place=declarations.place(one))
        for one in look.findings
        if selected(one.urn, request.only)
    ]
    complete = not (look.troubles or look.never_up or request.only)
    counting, excused, notes = judged(_sorted(wanted), accepted, now.date(), complete)
    looked = sum(selected(urn, request.only) for urn in look.resources)
    return StackReport(
        stack,
        os.path.relpath(file, request.project),
        counting,
        excused,
        look.troubles,
        notes,
        looked,
        look.never_up,
    )


def selected(urn: str, only: Sequence[str]) -> bool:
    """Whether a resource is asked for: by kind (`Volume`, `ontap:Volume`, `strata:ontap:Volume`), by name, or by both."""
    kind, name = kind_of(urn), name_of(urn)
    kinds = {kind, kind.partition(":")[2], kind.rpartition(":")[2]}
    return not only or bool({name, *kinds, *(f"{one}/{name}" for one in kinds)} & set(only))


def _refuse_what_names_nothing(only: Sequence[str], seen: set[str], report: Report) -> None:
    """A misspelt name would be a report without drift. Where not everything was seen, nothing can be said."""
    if any(stack.troubles or stack.never_up for stack in report.stacks):
        return
    for word in only:
        if not any(selected(urn, [word]) for urn in seen):
            kinds = ", ".join(sorted({kind_of(urn).rpartition(":")[2] for urn in seen})) or "none"
            raise Failed(
                f"--only {word}: there is no resource of that kind or name in {_named(report)}. Kinds there: {kinds}."
            )


def _named(report: Report) -> str:
    stacks = [one.stack for one in report.stacks]
    return f"stack {stacks[0]}" if len(stacks) == 1 else f"the {len(stacks)} stacks"


def _sorted(findings: Sequence[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda one: (one.resource, one.path))


def _differences(report: StackReport) -> str:
    number = len(report.findings)
    return f" ({number} difference{'' if number == 1 else 's'})" if number else ""
