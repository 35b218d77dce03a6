"""Ranges of addresses as CloudStack takes them: first, last, netmask, gateway. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Address, IPv4Network
from typing import Any


def address(text: str | None) -> IPv4Address | None:
    """The address; None when it is none."""
    try:
        return IPv4Address(text or "")
    except ValueError:
        return None


def subnet(gateway: str | None, netmask: str | None) -> IPv4Network | None:
    """The network that a gateway and a netmask name."""
    try:
        return IPv4Network(f"{gateway}/{netmask}", strict=False)
    except ValueError:
        return None


def within(one: str, row: Mapping[str, Any]) -> bool:
    """Whether the address is in the range of a row with `startip` and `endip`."""
    return overlap((one, one), (row["startip"], row["endip"]))


def overlap(one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Whether two ranges, first and last each, have an address in common."""
    first, last = (IPv4Address(each) for each in one)
    begin, end = (IPv4Address(each) for each in other)
    return first <= end and begin <= last
