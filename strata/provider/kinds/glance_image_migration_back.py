"""The delete of a move: back where the images came from, when every store was deleted with it; else only forgotten."""

from __future__ import annotations

from typing import Any

from strata.clients.glance_migration import Program, Seen
from strata.clients.glance_migration_hosts import Wanted
from strata.clients.glance_migration_move import Move, way_back
from strata.clients.host import HostClient
from strata.errors import Failed
from strata.provider.kind import Operation
from strata.provider.kinds import glance_image_migration_told as told
from strata.provider.kinds.glance_image_migration_sequence import Plan, Sequence
from strata.provider.kinds.host_mount_args import Hosts


def known(connections: Hosts, record: dict[str, Any]) -> tuple[dict[str, HostClient], dict[str, str]]:
    """Of the hosts that took part those that the stack file still knows, and of the others why not."""
    hosts, gone = {}, {}
    for one in record["hosts"]:
        try:
            hosts[one] = connections.host(one)
        except Failed as error:
            gone[one] = str(error)
    return hosts, gone


def asked_for(connections: Hosts, seen: Seen) -> Move | None:
    """The way back when the stores of all hosts were deleted; one alone may be word of a store that was made again since."""
    if seen.record is None or not seen.back:
        return None
    hosts, _ = known(connections, seen.record)
    return way_back(seen.record) if set(hosts) <= set(seen.back) else None


async def move_back(
    connections: Hosts, program: Program, record: dict[str, Any], move: Move, token: str, op: Operation
) -> None:
    """The same sequence with the directories exchanged; settings and drop-ins are given back on the way."""
    memories = record.get("memory") or {}
    hosts, gone = known(connections, record)
    for one, why in gone.items():
        places = f"{record['directory']} in its {record['config_file']}"
        await op.warn(f"Host {one} took part in the move and keeps {places}: {why}")
    hosts = {program.host.name: program.host, **hosts}
    wanted = {
        one: Wanted(
            record["config_file"],
            record["section"],
            record["service"],
            None,
            None,
            memories.get(one, {"lines": ""}),
        )
        for one in hosts
    }
    plan = Plan(
        move, tuple(hosts.values()), wanted, record["owner"], record["group"], None, record["workers"], record["proof"],
        prune=False, switch=record.get("switch", "auto"), token=token,
    )  # fmt: skip
    result = await Sequence(program, plan, {**record, "result": None}, op).run()
    await op.note(told.moved(result, move.sources, move.directory, program.host.name))
