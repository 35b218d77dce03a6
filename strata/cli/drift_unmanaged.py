"""`strata drift --unmanaged`: what exists and is in no stack, put beside what the engine said of each stack."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import asdict, replace

from strata import stackfile
from strata.cli.neighbours import loaded
from strata.drift.finding import Trouble
from strata.drift.looking import Request
from strata.drift.report import Report, StackReport, UnmanagedObject
from strata.errors import StrataError
from strata.stackfile import StackFile
from strata.stackfile.project import stack_name


async def with_unmanaged(report: Report, request: Request) -> Report:
    """The report with what is in no stack of the project: not in those that were looked at, and in no other either."""
    stacks, unread = loaded({**stackfile.stacks(request.project), **request.stacks})
    free = asyncio.Semaphore(request.parallel)

    async def one(stack: StackReport) -> StackReport:
        if stack.stack not in stacks:
            return stack  # The trouble with the file is in the report already.
        async with free:
            return await _looked_at(stack, request, stacks, unread)

    return replace(report, stacks=tuple(await asyncio.gather(*map(one, report.stacks))))


async def _looked_at(
    stack: StackReport, request: Request, stacks: Mapping[str, StackFile], unread: list[str]
) -> StackReport:
    from strata.adoption.unmanaged import unmanaged
    from strata.verify.configuration import connections

    file = request.stacks[stack.stack]
    others = [other for name, other in stacks.items() if name != stack.stack]
    try:
        # Pulumi decrypts the secrets, as a process: the looks at other stacks go on meanwhile.
        systems = await asyncio.to_thread(connections, file, stack_name(file), request.project)
        found = await unmanaged(stacks[stack.stack], systems, others)
    except StrataError as error:
        return _could_not(stack, [str(error)])
    objects = tuple(UnmanagedObject(**asdict(one)) for one in found.objects)
    if objects and unread:
        doubt = f"{', '.join(unread)} can't be read: what is declared there may be among what is in no stack."
        stack = replace(stack, notes=(*stack.notes, doubt))
    return _could_not(replace(stack, unmanaged=objects), found.troubles)


def _could_not(stack: StackReport, messages: list[str]) -> StackReport:
    troubles = [Trouble(f"What is in no stack could not be told: {message}") for message in messages]
    return replace(stack, troubles=(*stack.troubles, *troubles))
