"""What an export rule may name as a client."""

from __future__ import annotations

import ipaddress
import re
from typing import Final

_LABEL: Final = r"[A-Za-z0-9]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?"
_HOST_NAME: Final = re.compile(rf"{_LABEL}(\.{_LABEL})*")
_DOMAIN: Final = re.compile(rf"\.{_LABEL}(\.{_LABEL})*")
_NETGROUP: Final = re.compile(r"@[A-Za-z0-9_.-]+")

ALLOWED: Final = (
    "an address, a network such as 10.130.208.0/24, a host name, "
    "a domain such as .example.org or a netgroup such as @glance"
)


def complaint(client: str) -> str | None:
    """Why a client can't be matched, as a sentence; None where it can."""
    if re.fullmatch(r"[0-9.]+(/.*)?|.*:.*|.*/.*", client):
        return _network(client)
    if _HOST_NAME.fullmatch(client) or _DOMAIN.fullmatch(client) or _NETGROUP.fullmatch(client):
        return None
    return f'found "{client}"; allowed: {ALLOWED}.'


def _network(client: str) -> str | None:
    try:
        loose = ipaddress.ip_network(client, strict=False)
    except ValueError:
        return f'found "{client}"; allowed: {ALLOWED}.'
    if "/" in client and ipaddress.ip_address(client.split("/")[0]) != loose.network_address:
        return f'found "{client}", which has bits set behind its mask. Did you mean {loose}?'
    return None
