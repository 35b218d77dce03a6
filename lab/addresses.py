"""The lab's network: the addresses of the seed documents, on a network that each guest has to itself.

Every guest sits alone behind QEMU's own router, which lets nothing out but NFS to the data LIF and, for the management
server, the way to CloudStack's records. It reaches the NFS server from a loopback address of its own, 127.0.208.N for
10.130.208.N, so that export rules tell guests apart.
"""

from __future__ import annotations

from dataclasses import dataclass

NETWORK = "10.130.208.0/24"
ROUTER = "10.130.208.2"
DATA_LIF = "10.130.208.55"
NFS_PORT = 2049
RECORDS = "10.130.208.60"  # where the management server keeps them: the emulator's process
MANAGEMENT_PORT = 8080


@dataclass(frozen=True)
class GuestAddress:
    """A guest's name, its address in the lab's network, and the source address that the NFS server sees."""

    name: str
    address: str

    @property
    def seen_as(self) -> str:
        """10.130.208.20 is seen as 127.0.208.20."""
        third, fourth = self.address.split(".")[2:]
        return f"127.0.{third}.{fourth}"


GUESTS = (GuestAddress("tkstack", "10.130.208.20"), GuestAddress("tkstack2", "10.130.208.21"))
