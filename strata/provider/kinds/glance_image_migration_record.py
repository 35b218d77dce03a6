"""What stands in record.json of a move, and what follows from a declaration: the id, the directories, each host's store. Pure."""

from __future__ import annotations

from typing import Any

from strata.clients.glance_migration import Program
from strata.clients.glance_migration_hosts import Wanted
from strata.clients.glance_migration_move import Move
from strata.hostfiles.unit import Guard
from strata.provider.kind import Operation
from strata.provider.kinds.glance_image_migration_args import MigrationArgs
from strata.provider.kinds.glance_image_migration_sequence import Plan


def id_of(program: Program) -> str:
    """`HOST`, or `HOST:NAME`."""
    return program.host.name if program.name == "glance" else f"{program.host.name}:{program.name}"


def move_of(args: MigrationArgs) -> Move:
    """From where to where."""
    return Move(args.sources, args.directory, args.config_file, args.mount, args.export, args.leave)


def owner_of(args: MigrationArgs, host: str, op: Operation) -> str:
    """The mark that the host's FilesystemStore leaves: ours with its name."""
    store = (args.stores or {}).get(host, f"glance-{host}")
    return f"{op.owner.removesuffix(op.name)}{store}"


def wanted_of(args: MigrationArgs, host: str, op: Operation) -> Wanted:
    """The host's store after the move, as its FilesystemStore wants it."""
    guard = Guard(owner_of(args, host, op), f"{args.config_file}#{args.section}", args.directory, args.mount)
    return Wanted(args.config_file, args.section, args.service, args.directory, guard)


def record_of(args: MigrationArgs, plan: Plan, before: dict[str, Any], op: Operation) -> dict[str, Any]:
    """record.json: what was declared last, and the result where it is of the same move."""
    same = before.get("move") == plan.move.name
    return {
        "resource": op.owner,
        "move": plan.move.name,
        "sources": list(args.sources),
        "directory": args.directory,
        "mount": args.mount,
        "config_file": args.config_file,
        "section": args.section,
        "service": args.service,
        "host": plan.hosts[0].name,
        "hosts": list(args.hosts) or [plan.hosts[0].name],
        "owner": args.owner,
        "group": args.group,
        "workers": args.workers,
        "proof": args.proof,
        "switch": args.switch,
        "keep_source": args.keep_source,
        "leave": list(args.leave),
        "stopped": before.get("stopped", []),
        "memory": before.get("memory") or {},
        "result": before.get("result") if same else None,
    }


def store_id(record: dict[str, Any], found: dict[str, Any]) -> str:
    """How the answer of `check` names our store: by its section, or not at all where there is but one."""
    return "" if "" in (found.get("stores") or {}) else record["section"]
