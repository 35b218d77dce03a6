"""The move itself, one way or the other: settle what was begun, check, copy, cut over, prove, prune.

Every run takes all steps from the first; facts on the host decide what is left of each. Nothing is stopped where no image is left
to move and every store is in effect already.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final

from strata.clients import glance, glance_migration_hosts
from strata.clients.glance import Store
from strata.clients.glance_migration import INPUT, Order, Program, Seen, at_most
from strata.clients.glance_migration_hosts import Wanted
from strata.clients.glance_migration_move import Move
from strata.clients.glance_migration_run import Died, Follower, Phase
from strata.clients.host import HostClient
from strata.errors import Failed
from strata.provider.kind import Operation
from strata.provider.kinds.glance_image_migration_others import Others
from strata.provider.kinds.glance_image_migration_pruning import PROOF, Pruning
from strata.provider.kinds.glance_image_migration_told import cut_off

BEFORE_THE_STOP: Final = ("", "check", "copy", "ready")
SEPARATELY: Final = 8 << 30
"""More bytes than that are copied by a process of their own: what comes meanwhile is then copied before Glance is stopped, too.
Less is copied by the cutover itself, which saves the start of one process."""


@dataclass(frozen=True)
class Plan:
    """One way of moving. stores: what each host's store is to be like afterwards, by host; the first one copies.

    token: for Glance's API, from OS_TOKEN; only ever on a standard input.
    """

    move: Move
    hosts: tuple[HostClient, ...]
    stores: dict[str, Wanted]
    owner: str
    group: str
    mode: str | None
    workers: int
    proof: str
    prune: bool
    switch: str = "auto"
    token: str = field(default="", repr=False)


@dataclass
class Sequence:
    """`run` takes all steps. record: record.json as it is; kept up to date on the host as steps are done."""

    program: Program
    plan: Plan
    record: dict[str, Any]
    op: Operation

    @cached_property
    def follower(self) -> Follower:
        return Follower(self.program, self.op.deadline, self.op.progress, self.op.note)

    @cached_property
    def journal(self) -> str:
        return self.program.journal(self.plan.move)

    @property
    def first(self) -> HostClient:
        return self.plan.hosts[0]

    async def run(self, seen: Seen | None = None) -> dict[str, Any]:
        """The result for the record. seen: what was found on the host just now."""
        await self.program.upload(self.op.deadline)
        for problem in await self.settle(seen):
            await self.op.warn(problem)
        stores = await self._look()
        await self._remember(stores)
        others = Others(self.program, self.plan.hosts[1:], self.plan.stores, stores, self.record, self.op)
        await others.start_those_left_stopped()
        self._refuse_wrong_mounts(stores)
        found = await self._checked()
        result = self._result(found)
        if found["bytes_to_copy"] > SEPARATELY:
            await self._copy()
        in_effect = self.plan.stores[self.first.name].in_effect(stores[self.first.name])
        if in_effect and not (found["images"] or found.get("draining")):
            await others.bring_into_effect()
            return await self._proven(result, stores[self.first.name], fresh=False)
        result |= await self._cut_over(stores[self.first.name], others, found)
        return await self._proven(result, stores[self.first.name], fresh=True)

    async def settle(self, seen: Seen | None = None) -> list[str]:
        """What an earlier run has begun comes to its end; what died half-way is put back. Sentences about what could not be."""
        seen = seen or await self.program.look()
        if seen.running and seen.last is not None:
            if seen.phase == "ready":
                # It waits for a run that is no more, and has changed nothing.
                await self.program.end(self.op.deadline)
            else:
                await self.op.progress(
                    f"joining `{seen.last['command']}`, which is at work on {self.first.name}"
                )
                with suppress(Died):
                    await self.follower.follow(seen.last["journal"], seen.last["command"])
            seen = await self.program.look()
        if seen.last is None or seen.answered or seen.last["command"] not in ("cutover", "rollback"):
            return []
        return await self._roll_back(seen.last)

    async def _roll_back(self, last: dict[str, Any]) -> list[str]:
        """Put back what a cutover left that died; its specification lies where it was given."""
        undo = await self.program.read(last["journal"], "setting.json")
        if undo is None or not undo.get("open"):
            return []  # It had changed nothing yet, or had come to its end.
        arguments = [str(one) for one in last["arguments"]]
        given = tuple(arguments[arguments.index("--journal") + 2 :])
        await self.op.progress(f"putting back what a move left half-done on {self.first.name}")
        answer = await self.follower.carry_out(last["journal"], Order("rollback", given))
        return [str(one) for one in answer.get("problems", [])]

    async def _remember(self, stores: dict[str, Store]) -> None:
        """How each configuration was before Strata, for the way back. It is written down before anything is changed."""
        memories = dict(self.record.get("memory") or {})
        for host in self.plan.hosts:
            wanted = self.plan.stores[host.name]
            if host.name not in memories and wanted.directory is not None:
                memories[host.name] = await glance_migration_hosts.memory_of(host, wanted, stores[host.name])
        if memories != self.record.get("memory"):
            self.record["memory"] = memories
            await self.program.write_record(self.record, self.op.deadline)

    async def _look(self) -> dict[str, Store]:
        stores = [self.plan.stores[host.name] for host in self.plan.hosts]
        looks = [
            glance.look(host, one.config_file, one.section, one.service)
            for host, one in zip(self.plan.hosts, stores, strict=True)
        ]
        return {
            host.name: found
            for host, found in zip(self.plan.hosts, await asyncio.gather(*looks), strict=True)
        }

    def _refuse_wrong_mounts(self, stores: dict[str, Store]) -> None:
        move = self.plan.move
        wrong = [
            glance_migration_hosts.mount_problem(name, store, move.mount, move.export)
            for name, store in stores.items()
        ]
        if problems := [one for one in wrong if one]:
            raise Failed(f"{' '.join(problems)} {self._as_before}")

    async def _checked(self) -> dict[str, Any]:
        """The answer of `check`, and the directory is there and belongs to Glance."""
        move, plan = self.plan.move, self.plan
        found = await self.program.check(move, "--target-absent")
        self._refuse(found, "Looking at Glance's images")
        if found.get("images") or found.get("free") is None:
            soon = at_most(self.op.deadline)
            await glance.own_directory(
                self.first, move.directory, plan.owner, plan.group, plan.mode, move.mount, soon
            )
        if found.get("free") is None:
            found = await self.program.check(move)
            self._refuse(found, "Looking at Glance's images")
        return found

    async def _copy(self) -> None:
        order = Order("copy", (*self.plan.move.on_its_mount, "--workers", str(self.plan.workers)))
        self._refuse(await self._again_if_it_dies(order), "Copying Glance's images")

    async def _again_if_it_dies(self, order: Order, on_phase: Phase | None = None) -> dict[str, Any]:
        """The answer of a command whose process may die while Glance runs: then it is begun again, and finds what was done."""
        for _ in range(2):
            try:
                return await self.follower.carry_out(self.journal, order, on_phase)
            except Died as error:
                # In `ready` the other hosts stand still already.
                if error.phase not in BEFORE_THE_STOP or error.phase == "ready":
                    raise
                await self.settle()
                order = replace(order, run=secrets.token_hex(8))
        return await self.follower.carry_out(self.journal, order, on_phase)

    async def _cut_over(self, store: Store, others: Others, found: dict[str, Any]) -> dict[str, Any]:
        """The window in which Glance stands still: one process on the host, which ends it by itself whatever becomes of us."""
        plan, wanted = self.plan, self.plan.stores[self.first.name]
        # What an earlier move has proven or removed says nothing of this one, however this run ends.
        if self.record["result"] is not None:
            self.record["result"] = None
            await self.program.write_record(self.record, self.op.deadline)
        # Others would stand still until the last request of an old worker is done.
        switch, wait = ("restart", True) if others.hosts else (plan.switch, False)
        restart = not (found["images"] or wanted.in_effect(store))
        owner = (plan.owner, plan.group, plan.mode)
        spec = glance_migration_hosts.spec(wanted, store, *owner, wait=wait, restart=restart, switch=switch)
        given = ("--workers", str(plan.workers), "--spec", INPUT)
        order = Order("cutover", (*plan.move.on_its_mount, *given), json.dumps(spec).encode())
        try:
            answer = await self._again_if_it_dies(order, lambda phase: others.follow(phase, self.journal))
        except Died as error:
            if error.phase not in BEFORE_THE_STOP and await self.program.came_to_its_end(self.journal):
                await others.finish()
                there = f"Glance takes new images in {plan.move.directory} already"
                raise Failed(f"{error}. {there}. Repeat the run: it goes on from here.") from error
            try:
                problems = await self.settle()
            finally:
                await others.put_back_and_start()
            as_before = f"What it had begun was put back, and Glance runs from {self._places} as before."
            back = " ".join(problems) or as_before
            raise Failed(f"{error}. {back} Repeat the run: it goes on from here.") from error
        if answer.get("problems"):
            await others.put_back_and_start()
            ended = await self.program.came_to_its_end(self.journal)
            before = answer["phase"] in BEFORE_THE_STOP and not ended
            self._refuse(answer, "Moving Glance to its new directory", as_before=before)
        if answer.get("not_reloaded"):
            await self.op.progress(str(answer["not_reloaded"]))
        if answer.get("ended_workers"):
            await self.op.warn(cut_off(int(answer["ended_workers"]), self.first.name))
        await others.finish()
        return {
            "images": max(found["images"], int(answer.get("rewritten", 0))),
            "downtime_seconds": answer.get("downtime_seconds") or 0,
            "reloaded": answer.get("switch") == "reload",
        }

    async def _proven(self, result: dict[str, Any], store: Store, *, fresh: bool) -> dict[str, Any]:
        if fresh or result.get("proven") is None:
            result |= await self._prove(store)
        if self.plan.prune:
            proof = await self.program.read(self.journal, PROOF)
            if proof is None and result.get("of"):
                result |= await self._prove(store)
                proof = await self.program.read(self.journal, PROOF)
            proven = [str(one) for one in (proof or {}).get("proven", [])]
            result |= await Pruning(self.program, self.plan.move, self._until_answered, self.op).run(proven)
        return result

    async def _prove(self, store: Store) -> dict[str, Any]:
        """Through Glance's API; without a token that it takes, by the hashes at the new place."""
        address, port = glance_migration_hosts.api_of(store)
        given = ("--api", f"{address}:{port}", "--proof", self.plan.proof)
        if await self.program.read(self.journal, "cutover.json") is None:
            # Images and setting were there before any move of ours: there is no list to compare with.
            return {"proven": 0, "of": 0, "whole": 0}
        order = Order("prove", (*self.plan.move.on_its_mount, *given), token=self.plan.token or None)
        answer = await self._until_answered(self.journal, order)
        self._refuse(answer, "Proving the images at their new place", as_before=False)
        if answer.get("unauthorized"):
            token = " Set OS_TOKEN (`openstack token issue`) to have them downloaded."
            await self.op.warn(
                f"On host {self.first.name}: {answer.get('told', '')}{token * ('token' in str(answer.get('told')))}"
            )
        proven = len(answer.get("proven", []))
        return {"proven": proven, "of": answer.get("of", proven), "whole": answer.get("sampled", 0)}

    async def _until_answered(self, journal: str, order: Order) -> dict[str, Any]:
        """Once more for one that died: both may be repeated at any time."""
        try:
            return await self.follower.carry_out(journal, order)
        except Died:
            return await self.follower.carry_out(journal, replace(order, run=secrets.token_hex(8)))

    def _result(self, found: dict[str, Any]) -> dict[str, Any]:
        before = self.record.get("result") or {}
        fresh = {
            "images": found["images"],
            "bytes": found.get("bytes", 0),
            "downtime_seconds": 0,
            "orphans": found["files_without_image"]["count"],
        }
        return {
            **(before if not found["images"] and before else fresh),
            "database": found.get("database", ""),
        }

    def _refuse(self, answer: dict[str, Any], doing: str, *, as_before: bool = True) -> None:
        if problems := [str(one) for one in answer.get("problems", [])]:
            tail = f" {self._as_before}" if as_before else ""
            raise Failed(f"{doing} on host {self.first.name} stopped. {' '.join(problems)}{tail}")

    @property
    def _as_before(self) -> str:
        return (
            f"Glance was not stopped and reads its images from {self._places} as before; what was copied stays for the next "
            "run."
        )

    @property
    def _places(self) -> str:
        return ", ".join(self.plan.move.sources)
