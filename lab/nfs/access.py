"""What an export policy's rules give one client: the first rule that matches it decides, none means no access.

Source: ONTAP documentation, "How export policies and rules control client access"; clients here use AUTH_SYS over
NFSv4, as the kernel's client does.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass

from lab.addresses import GuestAddress
from lab.ontap.exports import ExportRule

# ONTAP's default for -anon: the user nobody.
NOBODY = 65534
_NAMED_USERS = {"root": 0, "nobody": NOBODY, "none": NOBODY}
_NFS4 = {"any", "nfs", "nfs4"}


@dataclass(frozen=True)
class Access:
    """What ganesha is told for one client: RW or RO; whom it squashes: nobody, root or all; to which user."""

    access_type: str
    squash: str
    anonymous: int


def access_of(client: GuestAddress, rules: Sequence[ExportRule]) -> Access | None:
    """None when no rule lets the client in."""
    matching = (
        each
        for each in rules
        if _NFS4 & set(each.protocols) and any(matches(client, match) for match in each.clients)
    )
    rule = next(matching, None)
    if rule is None:
        return None
    read, write = _allowed(rule.ro), _allowed(rule.rw)
    if read is None:  # write access without read access is no access
        return None
    identity = read if write is None else write
    return Access("RO" if write is None else "RW", _squash(identity, rule), _anonymous(rule.anonymous))


def matches(client: GuestAddress, match: str) -> bool:
    """Whether a client match means this guest: an address, a network (CIDR or mask), a host name, a domain."""
    if match.startswith("@"):  # netgroups live in a directory service; the lab has none
        return False
    if match.startswith("."):
        return client.name.lower().endswith(match.lower())
    try:
        network = ipaddress.ip_network(match, strict=False)
    except ValueError:
        return client.name.lower() == match.lower()
    return ipaddress.ip_address(client.address) in network


def _allowed(flavours: Sequence[str]) -> str | None:
    """How a parameter lets an AUTH_SYS client in: as itself ("sys"), as the anonymous user ("none"), or not."""
    if {"any", "sys"} & set(flavours):
        return "sys"
    return "none" if "none" in flavours else None


def _squash(identity: str, rule: ExportRule) -> str:
    if identity == "none":
        return "All_Squash"
    return "No_Root_Squash" if {"any", "sys"} & set(rule.superuser) else "Root_Squash"


def _anonymous(user: str) -> int:
    return int(user) if user.isdigit() else _NAMED_USERS.get(user.lower(), NOBODY)
