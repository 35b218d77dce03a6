"""Moving the images that a Glance has already into its store's directory, with Glance standing still for the last delta only.

Identity   the host with the journal, and the journal's name; the id is `HOST`, or `HOST:NAME` where the name is not `glance`.
Drifts     sources, directory, hosts, keepSource, complete (no image below a source, and the setting in effect on every host).
Replaces   nothing; other hosts move nothing.
Import     `pulumi import strata:glance:ImageMigration NAME HOST`.
Deleting   moves the images back where they came from, when their store is deleted with it; else it only forgets, and they stay.
Source     the program strata.migration, which runs on the host; Glance 25 and later.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from typing import Any, ClassVar

from strata.clients import glance
from strata.clients.glance import OPTION
from strata.clients.glance_migration import Program
from strata.clients.glance_migration_move import program_of
from strata.clients.host import HostClient
from strata.errors import Failed, Problem, Unreachable
from strata.hostfiles import ini
from strata.provider.diff import Difference
from strata.provider.kind import AlreadyThere, Kind, Observed, Operation
from strata.provider.kinds import glance_image_migration_told as told
from strata.provider.kinds.glance_image_migration_args import MigrationArgs, MigrationOutputs
from strata.provider.kinds.glance_image_migration_back import asked_for, known, move_back
from strata.provider.kinds.glance_image_migration_record import (
    id_of,
    move_of,
    owner_of,
    record_of,
    store_id,
    wanted_of,
)
from strata.provider.kinds.glance_image_migration_sequence import Plan, Sequence
from strata.provider.kinds.glance_store_fit import look_at_fit
from strata.provider.kinds.host_mount_args import Hosts, as_path

MOVING = frozenset({"sources", "directory", "complete"})


class ImageMigration(Kind[MigrationArgs, MigrationOutputs]):
    """glance:ImageMigration."""

    token: ClassVar[str] = "strata:glance:ImageMigration"
    Args: ClassVar[type] = MigrationArgs
    Outputs: ClassVar[type] = MigrationOutputs
    default_timeout: ClassVar[float] = 3 * 24 * 3600.0

    def __init__(self, connections: Hosts, environ: Mapping[str, str] = os.environ) -> None:
        self._connections = connections
        self._environ = environ

    def check(self, args: MigrationArgs) -> list[Problem]:
        """Directories between which something can be moved; what Strata makes true by itself is not set to false."""
        problems = []
        if args.complete is False:
            problems.append(Problem("complete", "found false; allowed is true"))
        if args.switch == "reload" and len(args.hosts) > 1:
            problems.append(
                Problem(
                    "switch",
                    "found 'reload' with several hosts, which stand still together; allowed is 'auto' or 'restart'",
                )
            )
        if not args.host and not args.hosts:
            problems.append(Problem("hosts", "found none; name the hosts whose Glance shares the images"))
        if isinstance(args.directory, str) and isinstance(args.sources, tuple):
            problems += [
                Problem(
                    f"sources[{index}]",
                    f"found {one!r}; it must not be the directory {args.directory}, nor within it, nor around it",
                )
                for index, one in enumerate(args.sources)
                if isinstance(one, str) and _within_one_another(one, args.directory)
            ]
        return problems

    def tolerates(self, difference: Difference, declared: dict[str, Any], outputs: dict[str, Any]) -> bool:
        """Old files that are gone can't be kept; hosts that are not named are the one that copies."""
        if difference.property == "hosts":
            return not difference.declared
        return difference.path == "keepSource" and difference.declared is True

    async def observe(self, id: str) -> Observed[MigrationArgs, MigrationOutputs] | None:
        """The move as its journal and the database tell; None where there is no record of one."""
        program = self._program_of(id)
        seen = await program.observe()
        if seen["record"] is None:
            return None
        return await self._observed(program, seen["record"], seen["state"], seen["check"])

    async def preflight(self, args: MigrationArgs, op: Operation) -> None:
        """What would stop `create`, found by reading; at preview what it would do, too."""
        program, hosts = self._program(args), self._hosts(args)
        seen = await program.look()
        if seen.record is not None and seen.record.get("resource") != op.owner and not args.adopt:
            what = f"A move of Glance's images on host {program.host.name}, marked {seen.record.get('resource')},"
            raise AlreadyThere(what, id_of(program))
        await asyncio.gather(*(self._refuse_unfit(one, args, op) for one in hosts))
        if op.preview:
            await self._foretell(program, args, op)

    async def foresee(self, id: str, args: MigrationArgs, changes: list[Difference], op: Operation) -> None:
        """What would stop the update; at preview what it would do, too."""
        program = self._program_of(id)
        if {one.property for one in changes} & MOVING:
            await asyncio.gather(*(self._refuse_unfit(one, args, op) for one in self._hosts(args, id)))
            if op.preview:
                for left in (one.actual for one in changes if one.property == "directory"):
                    if left not in args.sources:
                        await op.warn(f"Images in {left} stay there: name it in migrateFrom to move them.")
                await self._foretell(program, args, op)
        elif op.preview and not args.keep_source:
            places = ", ".join(args.sources)
            await op.note(
                f"The old files in {places} on {program.host.name} go whose image is proven in {args.directory}."
            )

    async def create(self, args: MigrationArgs, op: Operation) -> str:
        """All steps of the sequence; what is done already is found done."""
        program = self._program(args)
        await self._move(program, args, op)
        return id_of(program)

    async def update(self, id: str, args: MigrationArgs, changes: list[Difference], op: Operation) -> None:
        """The same sequence: it finds what is left."""
        program = self._program_of(id)
        if args.hosts and program.host.name not in args.hosts:
            await self._leave(program, args, changes, op)
        else:
            await self._move(program, args, op)

    async def delete(self, id: str, args: MigrationArgs, op: Operation) -> None:
        """Back, when the store's delete has left word; else only forgotten."""
        program = self._program_of(id)
        seen = await program.look()
        if seen.record is None and not seen.back:
            return
        move = asked_for(self._connections, seen)
        if seen.record is not None and move is not None and not args.allow_images_left:
            token = self._environ.get("OS_TOKEN", "")
            await move_back(self._connections, program, seen.record, move, token, op)
        await program.forget(op.deadline)

    async def _leave(
        self, program: Program, args: MigrationArgs, changes: list[Difference], op: Operation
    ) -> None:
        """The host with the journal is none of Glance's any more: it moves nothing, and what its store did is its store's."""
        record = (await program.look()).record
        name = program.host.name
        what = f"The journal of the move lies on host {name}, which is not among hosts any more. Take migrateFrom out of the "
        what += "stack file, run `pulumi up`, and put it back if images are still to be moved."
        if record is None or {one.property for one in changes} != {"hosts"}:
            raise Failed(what)
        await op.warn(what)
        await program.write_record({**record, "hosts": list(args.hosts)}, op.deadline)

    async def _move(self, program: Program, args: MigrationArgs, op: Operation) -> None:
        hosts = self._hosts(args, program.host.name)
        plan = Plan(
            move_of(args),
            hosts,
            {one.name: wanted_of(args, one.name, op) for one in hosts},
            args.owner,
            args.group,
            args.mode,
            args.workers,
            args.proof,
            prune=not args.keep_source,
            switch=args.switch,
            token=self._environ.get("OS_TOKEN", ""),
        )
        seen = await program.look()
        before = seen.record or {}
        if seen.back:
            # Of a destroy that was not brought to its end; what is declared now is that the images move here.
            await program.mark_back([], op.deadline)
        for one in set(before.get("hosts", [])) - set(args.hosts) - {program.host.name}:
            where = f"{before['directory']} in its {before['config_file']}"
            await op.warn(
                f"Host {one} took part in the move before. If its Glance still runs, see to {where}."
            )
        record = record_of(args, plan, before, op)
        await program.write_record(record, op.deadline)
        op.exists(id_of(program))
        sequence = Sequence(program, plan, record, op)
        result = await sequence.run(seen)
        again = before.get("result") == result
        record["result"] = result
        await program.write_record(record, op.deadline)
        if not again:
            await op.note(told.moved(result, args.sources, args.directory, program.host.name))

    async def _observed(
        self, program: Program, record: dict[str, Any], state: dict[str, Any], found: dict[str, Any]
    ) -> Observed[MigrationArgs, MigrationOutputs]:
        if "images" not in found:
            said = " ".join(str(one) for one in found.get("problems", [])) or "it said nothing"
            raise Unreachable(
                f"What lies below {', '.join(record['sources'])} on host {program.host.name} could not be told: {said}"
            )
        result = record.get("result") or {}
        settings = await self._settings_elsewhere(program, record)
        if program.host.name in record["hosts"]:
            settings.append((found.get("stores") or {}).get(store_id(record, found)))
        there = {as_path(one or "") for one in settings}
        complete = bool(result) and not found["images"] and there <= {record["directory"]}
        actual = MigrationArgs(
            sources=tuple(record["sources"]),
            hosts=tuple(record["hosts"]),
            directory=record["directory"],
            keep_source=not result.get("pruned", False),
            complete=complete,
            host=program.host.name,
            name=program.name,
        )
        outputs = MigrationOutputs(
            images=result.get("images", 0),
            bytes=result.get("bytes", 0),
            downtime_seconds=result.get("downtime_seconds", 0),
            orphans=result.get("orphans", found["files_without_image"]["count"]),
            images_without_file=found["images_without_file"]["count"],
            database=found["database"],
            journal=f"{program.folder}/moves/{record['move']}",
            phase=str(state.get("phase") or "check"),
        )
        return Observed(id_of(program), actual, outputs)

    async def _settings_elsewhere(self, program: Program, record: dict[str, Any]) -> list[str | None]:
        """The directory that each other host's configuration names; one that the stack file knows no more is not asked."""
        there, _ = known(self._connections, record)
        hosts = [host for one, host in there.items() if one != program.host.name]
        looks = [
            glance.look(one, record["config_file"], record["section"], record["service"]) for one in hosts
        ]
        return [ini.get(one.config or "", record["section"], OPTION) for one in await asyncio.gather(*looks)]

    async def _refuse_unfit(self, host: HostClient, args: MigrationArgs, op: Operation) -> None:
        store = await look_at_fit(host, args)
        mark = store.guard.owner if store.guard else ""
        if mark and mark != owner_of(args, host.name, op) and not args.adopt:
            raise Failed(
                f"Glance's store on host {host.name} is marked {mark}, so its images are not moved. Set adopt: true in the "
                "stack file to take it over, or move them from the stack that it belongs to."
            )

    async def _foretell(self, program: Program, args: MigrationArgs, op: Operation) -> None:
        """What is to be done, and everything that stands in the way. The program's text goes along; nothing is written."""
        found = await program.check(move_of(args), "--no-probe", "--target-absent", "--measure-start")
        if problems := [str(one) for one in found.get("problems", [])]:
            raise Failed(" ".join(problems))
        alone = args.switch != "restart" and len(args.hosts) < 2
        for line in told.ahead(found, args.sources, args.directory, program.host.name, told=alone):
            await op.note(line)

    def _program(self, args: MigrationArgs) -> Program:
        return Program(self._connections.host(args.host or args.hosts[0]), args.name)

    def _program_of(self, id: str) -> Program:
        host, name = program_of(id)
        try:
            return Program(self._connections.host(host), name)
        except Failed as error:
            raise Failed(
                f"{error} The journal of the move of Glance's images lies there. Put the host back, or, if it is "
                "gone for good, drop the move from the state: `pulumi state delete URN`. That touches no image; "
                "`pulumi stack --show-urns` has the URN."
            ) from error

    def _hosts(self, args: MigrationArgs, first: str = "") -> tuple[HostClient, ...]:
        """The one with the journal first."""
        first = program_of(first)[0] if first else args.host or args.hosts[0]
        return tuple(self._connections.host(one) for one in dict.fromkeys([first, *args.hosts]))


def _within_one_another(one: str, other: str) -> bool:
    return f"{one}/".startswith(f"{other}/") or f"{other}/".startswith(f"{one}/")
