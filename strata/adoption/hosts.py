"""What NFS mounts a host's fstab has. The mounts themselves are looked at by the kind."""

from __future__ import annotations

from dataclasses import dataclass

from strata.clients.host import HostClient
from strata.clients.host_mounts import FSTAB
from strata.hostfiles import decode, split_lines
from strata.hostfiles.fstab import Entry, parse_line
from strata.hostfiles.mountinfo import server_and_export


@dataclass(frozen=True)
class LiveMount:
    """A line of fstab that mounts something of an NFS server."""

    host: str
    entry: Entry

    @property
    def server(self) -> str:
        """An IPv6 address in brackets, as fstab has it."""
        return server_and_export(self.entry.source)[0]

    @property
    def export(self) -> str:
        return server_and_export(self.entry.source)[1]

    @property
    def path(self) -> str:
        return self.entry.mount_point

    @property
    def id(self) -> str:
        return f"{self.host}:{self.path}"


async def survey(name: str, client: HostClient) -> list[LiveMount]:
    """The NFS mounts in the order of the file."""
    file = await client.read_file(FSTAB)
    lines = split_lines(decode(file.content)) if file else []
    entries = [entry for line in lines if (entry := parse_line(line)) is not None]
    return [LiveMount(name, entry) for entry in entries if entry.type in ("nfs", "nfs4")]
