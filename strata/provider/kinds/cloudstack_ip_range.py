"""What ranges of addresses have in common: no names, so their addresses tell them apart, and no overlap."""

from __future__ import annotations

import re
from abc import abstractmethod
from ipaddress import IPv4Address, IPv4Network
from typing import Protocol, TypeVar

from strata.clients.cloudstack import Document
from strata.errors import Failed, Problem
from strata.provider.diff import Difference
from strata.provider.kind import AlreadyThere, Operation
from strata.provider.kinds.cloudstack_zone_part import ZonePart, range_problems

UNTAGGED = "untagged"


class RangeArgs(Protocol):
    """What every declared range has."""

    @property
    def zone(self) -> str: ...
    @property
    def gateway(self) -> str: ...
    @property
    def netmask(self) -> str: ...
    @property
    def start_ip(self) -> str: ...
    @property
    def end_ip(self) -> str: ...
    @property
    def adopt(self) -> bool: ...


R = TypeVar("R", bound=RangeArgs)
O_ = TypeVar("O_")


def netmask(text: str) -> str:
    """Canonical form of a netmask; a prefix length is taken too."""
    mask = text.strip().removeprefix("/")
    try:
        if mask.isdecimal():
            return str(IPv4Network(f"0.0.0.0/{mask}").netmask)
        found = int(IPv4Address(mask))
        if found and (found | (found - 1)) == 0xFFFFFFFF:  # ones, then zeros
            return mask
    except ValueError:
        pass
    raise ValueError(f"found {text!r}; it must be a netmask, for example 255.255.255.0") from None


def vlan(text: str) -> str:
    """A VLAN as it is declared: its number or `untagged`; `vlan://` in front is CloudStack's own spelling."""
    tag = text.strip().lower().removeprefix("vlan://")
    if tag == UNTAGGED or (re.fullmatch(r"\d{1,4}", tag) and 1 <= int(tag) <= 4094):
        return tag if tag == UNTAGGED else str(int(tag))
    raise ValueError(f"found {text!r}; it must be a VLAN number from 1 to 4094, or untagged")


def overlaps(args: RangeArgs, row: Document) -> bool:
    """Whether the declared range and a row of CloudStack's have an address in common."""
    if not row.get("startip"):
        return False  # a range of IPv6 alone
    first, last = IPv4Address(row["startip"]), IPv4Address(row.get("endip") or row["startip"])
    return IPv4Address(args.start_ip) <= last and first <= IPv4Address(args.end_ip)


def spoken(row: Document) -> str:
    """A range by its ends, which stand for its missing name: `10.130.210.10-10.130.210.99`."""
    return f"{row.get('startip')}-{row.get('endip') or row.get('startip')}"


class IpRange(ZonePart[R, O_]):
    """Base of the kinds of ranges."""

    @abstractmethod
    async def neighbours(self, args: R) -> list[Document]:
        """The ranges that the declared one must not overlap."""

    def check(self, args: R) -> list[Problem]:
        """The addresses fit together."""
        return range_problems(args.gateway, args.netmask, args.start_ip, args.end_ip)

    def called(self, args: R) -> str:
        """By its ends."""
        return f"{args.start_ip}-{args.end_ip}"

    async def every(self) -> list[Document]:
        """All ranges, each under its ends as its name."""
        return [{**row, "name": spoken(row)} for row in await self.api.rows(self.command)]

    async def alike(self, args: R) -> list[Document]:
        """Whatever overlaps it: CloudStack takes no second range there."""
        return [row for row in await self.neighbours(args) if overlaps(args, row)]

    async def preflight(self, args: R, op: Operation) -> None:
        """The addresses are free, or those of the range itself."""
        there = await self._in_the_way(args, op)
        if len(there) > 1:
            listed = ", ".join(f"{spoken(row)} (id {row['id']})" for row in there)
            raise Failed(
                f"The {self.noun} {self.called(args)} can't be made: it overlaps {len(there)} ranges of the zone, "
                f"{listed}. Choose addresses that are free, or remove those ranges."
            )
        for row in there:
            changes = await self._differing(args, row)
            if changes and not args.adopt:
                other = (
                    "" if spoken(row) == self.called(args) else f", which {self.called(args)} would overlap,"
                )
                raise AlreadyThere(f"The {self.noun} {spoken(row)} of CloudStack{other}", str(row["id"]))
            if changes:
                await self.foresee(str(row["id"]), args, changes, op)
        if not there and (lacking := await self.lacking(args)):
            # The same run may add it, before this range.
            await op.warn(f"{lacking} Unless this run adds it, the range will be refused.")

    async def lacking(self, args: R) -> str | None:
        """What the zone must have before the range is added and has not, as a sentence."""
        return None

    async def add(self, args: R, op: Operation) -> str:
        """Nothing is asked for while the zone is not ready for it."""
        if lacking := await self.lacking(args):
            raise Failed(lacking)
        return await self.ask_for(args, op)

    @abstractmethod
    async def ask_for(self, args: R, op: Operation) -> str:
        """Ask CloudStack for the range; its id."""

    async def carries(self, zone: str, traffic: str) -> bool:
        """Whether some physical network of the zone carries that traffic."""
        for network in await self.api.rows("listPhysicalNetworks", zoneid=zone):
            rows = await self.api.rows("listTrafficTypes", physicalnetworkid=network["id"])
            if any(row.get("traffictype") == traffic for row in rows):
                return True
        return False

    async def foresee(self, id: str, args: R, changes: list[Difference], op: Operation) -> None:
        """Nothing of the identity can be changed in place, and new addresses must not be another range's."""
        await super().foresee(id, args, changes, op)
        for row in await self.alike(args):
            if str(row["id"]) != id:
                raise Failed(
                    f"The {self.noun} can't become {self.called(args)}: that overlaps the range {spoken(row)} "
                    f"(id {row['id']}) of the zone."
                )
