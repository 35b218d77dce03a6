"""nfs-ganesha's configuration: what the server is, and one EXPORT for each mounted volume."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lab.addresses import GuestAddress
from lab.nfs.access import access_of
from lab.ontap.exports import Export


@dataclass(frozen=True)
class Server:
    """Where one ganesha listens and keeps what it must remember over a restart."""

    port: int
    directory: Path


LEASE_SECONDS = 60
"""NFSv4's own default. With less than about 8 s every lease runs out: Linux renews at two thirds of it, but never sooner than
after 5 s, and an expired lease now and then shows as EIO on a healthy mount (seen with 5 s)."""


def render(
    server: Server, exports: Sequence[Export], ids: Mapping[str, int], guests: Sequence[GuestAddress]
) -> str:
    """The whole configuration file. `ids` maps a volume's uuid to its export id, the same for ever.

    The id is part of every file handle: with the id kept, files that are open live on through a new junction path.
    """
    blocks = [_core(server), *(_export(each, ids[each.volume_uuid], guests) for each in served(exports))]
    return "\n".join(blocks)


def served(exports: Sequence[Export]) -> list[Export]:
    """The exports that ganesha serves. The SVM's root volume at "/" is ganesha's own pseudo file system."""
    return [each for each in exports if each.junction_path != "/"]


def _core(server: Server) -> str:
    return f"""\
NFS_CORE_PARAM {{
    NFS_Port = {server.port};
    Bind_addr = 127.0.0.1;
    Protocols = 4;
    Enable_NLM = false;
    Enable_RQUOTA = false;
}}
NFSv4 {{
    Grace_Period = 1;
    Lease_Lifetime = {LEASE_SECONDS};
    RecoveryBackend = fs;
    RecoveryRoot = {_quoted(server.directory / "recovery")};
}}
# What changes in the directories besides NFS (an owner, a file) is seen within a second.
EXPORT_DEFAULTS {{ Attr_Expiration_Time = 1; }}
"""


def _export(export: Export, export_id: int, guests: Sequence[GuestAddress]) -> str:
    clients = "".join(_client(export, each) for each in guests)
    return f"""\
# volume {export.volume}, export policy {export.policy}
EXPORT {{
    Export_Id = {export_id};
    Path = {_quoted(export.directory)};
    Pseudo = {_quoted(export.junction_path)};
    Protocols = 4;
    SecType = sys;
    Access_Type = None;
    Squash = Root_Squash;
    FSAL {{ Name = VFS; }}
{clients}}}
"""


def _client(export: Export, guest: GuestAddress) -> str:
    access = access_of(guest, export.rules)
    if access is None:
        return ""
    return (
        f"    # {guest.name}, {guest.address}\n"
        f"    CLIENT {{ Clients = {guest.seen_as}; Protocols = 4; Access_Type = {access.access_type};"
        f" Squash = {access.squash}; Anonymous_Uid = {access.anonymous}; Anonymous_Gid = {access.anonymous}; }}\n"
    )


def _quoted(path: Path | str) -> str:
    return f'"{path}"'
