"""Own: the store's directory and every moved file belong to whom the declaration says, and who that is can write there."""

from __future__ import annotations

import grp
import os
import pwd
import subprocess
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from strata.migration import watching
from strata.migration.failure import Stopped, words
from strata.migration.survey import Found, Move

TRIES: Final = 30


@dataclass(frozen=True)
class Owner:
    """-1 leaves what is there; so does a mode of None. The mode is the directory's."""

    uid: int
    gid: int
    mode: int | None
    name: str | None


def resolve(owner: str | None, group: str | None, mode: str | None) -> Owner:
    """Raises Stopped for names that this host does not know."""
    try:
        uid = -1 if owner is None else pwd.getpwnam(owner).pw_uid
        gid = -1 if group is None else grp.getgrnam(group).gr_gid
    except KeyError:
        raise Stopped(
            f"This host does not know the user {owner} or the group {group}. Install Glance first, or correct the names, "
            "and repeat."
        ) from None
    return Owner(uid, gid, None if mode is None else int(mode, 8), owner)


def own_directory(move: Move, owner: Owner) -> None:
    """Owner and mode of the new directory."""
    try:
        there = os.stat(move.new)
        if _differs(owner, there.st_uid, there.st_gid):
            os.chown(move.new, owner.uid, owner.gid)
        if owner.mode is not None and there.st_mode & 0o7777 != owner.mode:
            os.chmod(move.new, owner.mode)
    except OSError as error:
        raise _refused(move.new, owner, error) from error


def own_files(move: Move, names: Iterable[str], found: dict[str, Found], owner: Owner) -> int:
    """Gives those of the files that are somebody else's to the owner; says how many there were. found: as last looked at."""
    count = 0
    for name in names:
        there = found.get(name)
        if there is None or not _differs(owner, there.uid, there.gid):
            continue
        watching.beat()
        path = os.path.join(move.new, name)
        try:
            handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
            try:
                os.fchown(handle, owner.uid, owner.gid)
                os.fsync(handle)
            finally:
                os.close(handle)
        except OSError as error:
            raise _refused(path, owner, error) from error
        count += 1
    return count


def see_writable(move: Move, owner: Owner) -> None:
    """Glance asks once, at its start, and takes no image ever after when the answer is no.

    Right after a volume was made the server's answer may still be an older one; another chown makes both sides look again.
    """
    if owner.name is None or os.geteuid() != 0 or owner.uid == 0:
        return
    for left in reversed(range(TRIES)):
        gid = owner.gid if owner.gid >= 0 else pwd.getpwnam(owner.name).pw_gid
        asked = subprocess.run(
            ["test", "-w", move.new],
            stdin=subprocess.DEVNULL,
            user=owner.uid,
            group=gid,
            extra_groups=os.getgrouplist(owner.name, gid),
        )
        if asked.returncode == 0:
            return
        if left:
            time.sleep(1)
            os.chown(move.new, owner.uid, owner.gid)
    raise Stopped(
        f"{owner.name} may not write in {move.new}, although the directory is its own. On NFS that is for the export policy's "
        "rule to allow (`readWrite: [sys]` for this host). Glance was not stopped. Correct the rule and repeat."
    )


def _differs(owner: Owner, uid: int, gid: int) -> bool:
    return (owner.uid >= 0 and owner.uid != uid) or (owner.gid >= 0 and owner.gid != gid)


def _refused(path: str, owner: Owner, error: OSError) -> Stopped:
    return Stopped(
        f"{path} could not be given to {owner.name or owner.uid}: {words(error)}. On NFS root may do that only where the export "
        "policy's rule lets it (`superuser: [sys]`, no_root_squash). Correct the rule and repeat."
    )
