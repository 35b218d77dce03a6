"""What may be declared of a zone, and what is read back."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Literal

from strata.provider.fields import managed, output, replaces, setting
from strata.provider.kinds.cloudstack_zone_part import ipv4


def _servers(addresses: tuple[str, ...]) -> tuple[str, ...]:
    if len(addresses) not in (1, 2):
        raise ValueError(f"found {len(addresses)} addresses; CloudStack takes one or two")
    return tuple(ipv4(one) for one in addresses)


def _cidr(text: str) -> str:
    try:
        return str(ipaddress.IPv4Network(text))
    except ValueError:
        raise ValueError(
            f"found {text!r}; it must be a network in CIDR form, for example 10.1.1.0/24"
        ) from None


@dataclass(frozen=True)
class ZoneArgs:
    """What the user may declare."""

    name: str = managed("Name of the zone.", example="zone1")
    network_type: Literal["Advanced", "Basic"] = replaces("Kind of networking.", example="Advanced")
    dns: tuple[str, ...] = managed(
        "One or two DNS servers that guests use.", example=["8.8.8.8"], normalize=_servers
    )
    internal_dns: tuple[str, ...] = managed(
        "One or two DNS servers that CloudStack's own system VMs use.",
        example=["10.130.208.2"],
        normalize=_servers,
    )
    domain: str | None = managed(
        "Network domain of the guests' networks; an empty text takes it away.",
        example="cs.example",
        default=None,
    )
    guest_cidr: str | None = managed(
        "Network of the guests behind virtual routers; Advanced zones only.",
        example="10.1.1.0/24",
        default=None,
        normalize=_cidr,
    )
    security_groups: bool | None = replaces(
        "Whether an Advanced zone has security groups.", example=False, default=None
    )
    local_storage: bool | None = managed(
        "Whether disks may lie on the hosts' own disks.", example=False, default=None
    )
    image_store: str = setting(
        "Id of the cloud-wide object store. CloudStack is asked for it before the zone is created.",
        example="0d7ea2d1-1b5e-4d3f-9b6c-7f1f2c1b9a55",
        default="",
    )
    remove_store: bool = setting(
        "The zone may take the object store with it when it is the last to go; CloudStack deletes no zone while there is one.",
        example=False,
        default=False,
    )
    adopt: bool = setting("Take over a zone of that name that is there.", example=False, default=False)


@dataclass(frozen=True)
class ZoneOutputs:
    """What only CloudStack knows."""

    zone_token: str = output("The zone's token.", example="8f0b6ab7-44bb-3f3c-a2d8-c0cd9e2d35a5", default="")
