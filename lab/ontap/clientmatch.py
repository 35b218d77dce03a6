"""Which clients an export rule means: address, network, host name, `.domain`, `@netgroup` (facts: ontap 2)."""

from __future__ import annotations

import ipaddress
import re

from lab.ontap.errors import OntapError

_HOST = re.compile(r"^[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?$")


def check_clients(clients: list[str]) -> None:
    """Each is a well-formed match and none is there twice."""
    for client in clients:
        if clients.count(client) > 1:
            raise _bad("1704050", f'clientmatch list contains a duplicate string "{client}"')
        _check(client)


def _check(client: str) -> None:
    if not client:
        raise OntapError("1704039", "Invalid clientmatch.", "clients.match")
    if client.startswith("@"):
        if client == "@":
            raise _bad("1704038", "missing netgroup name")
    elif client.startswith("."):
        if client == ".":
            raise _bad("1704036", "missing domain name")
    elif "/" in client:
        _check_network(client)
    elif re.fullmatch(r"[\d.]+", client) or ":" in client:
        try:
            ipaddress.ip_address(client)
        except ValueError as error:
            raise OntapError("1704039", f'Invalid clientmatch "{client}".', "clients.match") from error
    elif not _HOST.match(client):
        raise _bad("1704044", f'invalid characters in host name "{client}"')


def _check_network(client: str) -> None:
    address, _, mask = client.partition("/")
    try:
        bits = 32 if ipaddress.ip_address(address).version == 4 else 128
    except ValueError as error:
        raise OntapError("1704039", f'Invalid clientmatch "{client}".', "clients.match") from error
    if mask.isdigit() and int(mask) > bits:
        raise _bad("1704042", f'too many bits in netmask "{client}"')
    try:
        ipaddress.ip_network(client, strict=False)
    except ValueError as error:
        raise _bad("1704043", f'invalid netmask "{client}"') from error
    try:
        ipaddress.ip_network(client)
    except ValueError as error:
        raise _bad("1704040", f'address bytes masked out by netmask are non-zero "{client}"') from error


def _bad(code: str, words: str) -> OntapError:
    return OntapError(code, f"Invalid clientmatch: {words}.", "clients.match")
