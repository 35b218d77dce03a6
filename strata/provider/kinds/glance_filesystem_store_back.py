"""The word that a store's delete leaves for the delete of the move into it: take the images back. And its taking back."""

from __future__ import annotations

from enum import Enum

from strata.clients.glance_migration import Program, take_back
from strata.clients.glance_migration_move import program_of, way_back
from strata.errors import Failed
from strata.provider.kind import Operation
from strata.provider.kinds.host_mount_args import Hosts


class Way(Enum):
    """What becomes of the images in a store that is deleted.

    NONE   no move knows of them: with the store they could not be downloaded any more
    HERE   they lie where the setting pointed before Strata: it is given back, and they are read from there
    BACK   the delete of the move, which follows, takes them back; it has word of it
    """

    NONE = "none"
    HERE = "here"
    BACK = "back"


async def stay(connections: Hosts, moved_by: str | None, host: str, op: Operation) -> None:
    """Word that an earlier delete of this store has left is taken back, also by a store that no move leads to any more."""
    await take_back(connections.host(host), host, op.deadline)
    if moved_by is None or program_of(moved_by)[0] == host:
        return
    first, journal = program_of(moved_by)
    program = Program(connections.host(first), journal)
    back = (await program.look()).back
    if host in back:
        await program.mark_back([one for one in back if one != host], op.deadline)


async def go_back(connections: Hosts, moved_by: str, host: str, op: Operation) -> Way:
    """Raises Failed, with nothing touched, when the images can't go back."""
    first, journal = program_of(moved_by)
    program = Program(connections.host(first), journal)
    seen = await program.look()
    # A host that has left the stack file's `hosts` goes alone: the others keep the images where they are.
    if seen.record is None or host not in seen.record["hosts"]:
        return Way.NONE
    back = way_back(seen.record)
    if back is None:
        return Way.HERE
    found = await program.check(back, "--no-probe", "--target-absent")
    if problems := [str(one) for one in found.get("problems", [])]:
        raise Failed(
            f"The images of Glance on host {host} can't go back to where they came from, so nothing was touched. "
            f"{' '.join(problems)} Or set allowImagesLeft: true, run `pulumi up`, and repeat: then they stay."
        )
    await program.mark_back(list(dict.fromkeys([*seen.back, host])), op.deadline)
    await op.note(f"Glance's images on {host} go back to {back.directory} with the move's own delete.")
    return Way.BACK
