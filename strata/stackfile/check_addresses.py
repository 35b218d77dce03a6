"""The addresses of a zone: each range lies in its network, and no two ranges lie upon one another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv4Network, NetmaskValueError
from itertools import combinations

from strata.stackfile.located import render
from strata.stackfile.shape import Breach
from strata.stackfile.tree import ZONES, Entry, Tree


def breaches(tree: Tree) -> Iterator[Breach]:
    """Everything wrong with networks, ranges and VLANs of the zones."""
    for zone in tree.entries(ZONES):
        pods = tree.entries(zone.at("pods"))
        public = tree.entries(zone.at("publicIpRanges"))
        storage = [pod.inner("storageIpRange") for pod in pods if "storageIpRange" in pod.values]
        guests = [pod.inner("guestIpRange") for pod in pods if "guestIpRange" in pod.values]
        for entry in (*pods, *public, *storage, *guests):
            yield from _within(entry)
        yield from _pods_apart(pods)
        # CloudStack compares public and guests' ranges with one another, and storage with the pods' own.
        yield from _ranges_apart([*public, *guests])
        yield from _ranges_apart([*pods, *storage], pods)
        for network in tree.entries(zone.at("physicalNetworks")):
            yield from _vlans(network)
        yield from _guest_cidr(zone)


@dataclass(frozen=True)
class _Range:
    """What a range says, as far as it says it rightly."""

    entry: Entry
    first: IPv4Address
    last: IPv4Address
    network: IPv4Network

    def overlaps(self, other: _Range) -> bool:
        """Whether they have an address in common."""
        return self.first <= other.last and other.first <= self.last


def _address(entry: Entry, key: str) -> IPv4Address | None:
    try:
        return IPv4Address(entry.text(key) or "")
    except AddressValueError:
        return None


def _network(entry: Entry) -> IPv4Network | None:
    gateway, mask = _address(entry, "gateway"), entry.text("netmask")
    try:
        return IPv4Network(f"{gateway}/{mask}", strict=False) if gateway and _is_mask(mask) else None
    except (AddressValueError, NetmaskValueError):
        return None


def _is_mask(text: str | None) -> bool:
    """255.255.255.0 and the like: ones, then zeros; Python would take 0.0.0.255 as well."""
    try:
        bits = int(IPv4Address(text or ""))
    except AddressValueError:
        return False
    return bits != 0 and (bits | (bits - 1)) == 0xFFFFFFFF


def _range(entry: Entry) -> _Range | None:
    first, last, network = _address(entry, "startIp"), _address(entry, "endIp"), _network(entry)
    if first is None or last is None or network is None or first > last:
        return None
    return _Range(entry, first, last, network)


def _within(entry: Entry) -> Iterator[Breach]:
    mask = entry.text("netmask")
    if _address(entry, "netmask") is not None and not _is_mask(mask):
        yield entry.at("netmask"), f"found {mask}; allowed: a netmask, for example 255.255.255.0."
    network, gateway = _network(entry), _address(entry, "gateway")
    first, last = _address(entry, "startIp"), _address(entry, "endIp")
    if first is not None and last is not None and first > last:
        yield entry.at("endIp"), f"found {last}, which comes before the startIp {first}."
    if network is None:
        return
    for key, address in (("startIp", first), ("endIp", last)):
        if address is not None and address not in network:
            yield entry.at(key), f"found {address}, which doesn't lie in {network}, the gateway's network."
    if gateway is not None and first is not None and last is not None and first <= gateway <= last:
        yield entry.at("gateway"), f"the range {first}-{last} holds the gateway itself; leave it out of it."


def _pods_apart(pods: list[Entry]) -> Iterator[Breach]:
    known = [(pod, network) for pod in pods if (network := _network(pod)) is not None]
    for (one, its), (other, theirs) in combinations(known, 2):
        if its.overlaps(theirs):
            yield (
                other.at("gateway"),
                f"the network {theirs} overlaps with {its} of {render(one.path)}; each pod needs one of its own.",
            )


def _ranges_apart(entries: list[Entry], told: list[Entry] | None = None) -> Iterator[Breach]:
    """Ranges that hold the same address; two of `told` are left out, since their networks overlap and that is said."""
    ranges = [found for entry in entries if (found := _range(entry)) is not None]
    for one, other in combinations(ranges, 2):
        both_told = told is not None and one.entry in told and other.entry in told
        if one.overlaps(other) and not both_told:
            yield (
                other.entry.at("startIp"),
                f"the range {other.first}-{other.last} overlaps with {one.first}-{one.last} of {render(one.entry.path)}.",
            )


def _vlans(network: Entry) -> Iterator[Breach]:
    text = network.text("vlans") or ""
    start, _, end = text.partition("-")
    if not (start.isdecimal() and end.isdecimal()):
        return
    if not 1 <= int(start) <= int(end) <= 4094:
        yield network.at("vlans"), f"found {text}; allowed: from 1 to 4094, the lower one first."


def _guest_cidr(zone: Entry) -> Iterator[Breach]:
    text = zone.text("guestCidr")
    try:
        IPv4Network(text or "0.0.0.0/0")
    except (NetmaskValueError, AddressValueError):
        return
    except ValueError:
        right = IPv4Network(text or "", strict=False)
        yield zone.at("guestCidr"), f"found {text}, an address within a network; the network is {right}."
