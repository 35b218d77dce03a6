"""What zones, pods, clusters, hosts and primary storage share beyond CloudStackObject: what cannot be changed is said before.

CloudStack has update commands for some properties and none for the others. A change of one of the
others means another object to Pulumi (a replacement); where an object is adopted there is nothing to replace, so it is an
error then, before any call that changes.
"""

from __future__ import annotations

import ipaddress
from typing import Any, ClassVar, TypeVar

from strata.clients.cloudstack import Document
from strata.clients.cloudstack_errors import LostAnswer, Refused
from strata.errors import Failed, Problem
from strata.provider.codec import UNKNOWN, encode
from strata.provider.diff import Difference
from strata.provider.fields import Role
from strata.provider.kind import Operation
from strata.provider.kinds.cloudstack_object import CloudStackObject

A = TypeVar("A")
O_ = TypeVar("O_")

LOOK_SECONDS = 2.0
"""Between two looks at something that takes its time."""


class ZonePart(CloudStackObject[A, O_]):
    """Base of a kind that is a zone or stands in one; updates are one command with the changed properties."""

    spelled: ClassVar[dict[str, str]] = {}
    """Property -> parameter of `updating`, for those that have one of their own."""
    updating: ClassVar[str]
    """The command that changes: `updatePod`."""
    removing: ClassVar[str]
    """The command that removes: `deletePod`."""

    async def preflight(self, args: A, op: Operation) -> None:
        """What stands there, and whether it could be adopted."""
        await super().preflight(args, op)
        for row in await self._in_the_way(args, op):
            await self.foresee(str(row["id"]), args, await self._differing(args, row), op)

    async def foresee(self, id: str, args: A, changes: list[Difference], op: Operation) -> None:
        """Nothing of the identity can be changed in place."""
        fixed = [one for one in changes if one.role is Role.REPLACES]
        if fixed:
            said = ", ".join(f"{one.path} is {one.actual!r} and not {one.declared!r}" for one in fixed)
            raise Failed(
                f"The {self.noun} {self.called(args)} of CloudStack (id {id}) can't be brought to what is declared: {said}, "
                f"which CloudStack changes on no {self.noun}. Declare what is there, or give the new one another name."
            )

    async def update(self, id: str, args: A, changes: list[Difference], op: Operation) -> None:
        """One call with the changed properties."""
        await self._change(id, self.parameters(args, {one.property for one in changes}), args, op)

    def parameters(self, args: A, changed: set[str]) -> dict[str, Any]:
        """The parameters of the update for the properties that changed."""
        declared = encode(args)
        return {
            self.spelled[name]: declared[name] for name in sorted(changed & set(self.spelled) & set(declared))
        }

    async def _change(self, id: str, params: dict[str, Any], args: A, op: Operation) -> None:
        if params:
            doing = f"changing {', '.join(sorted(params))} of the {self.noun} {self.called(args)}"
            await self.api.write(self.updating, doing, op.deadline, id=id, **params)

    async def delete(self, id: str, args: A, op: Operation) -> None:
        """Gone already is success."""
        if (row := await self.api.row(self.command, id=id)) is not None:
            await self._remove(id, str(row.get("name", id)), op)

    async def _remove(self, id: str, name: str, op: Operation) -> None:
        """Ask for the removal; a lost answer is looked after, and gone meanwhile is success."""
        try:
            await self.api.write(self.removing, f"deleting the {self.noun} {name}", op.deadline, id=id)
        except Refused as error:
            if not error.says_gone:
                raise
        except LostAnswer:
            if await self.api.row(self.command, id=id) is not None:
                raise

    async def _in_maintenance(self, id: str, name: str, command: str, key: str, op: Operation) -> bool:
        """Put a host or storage into maintenance and wait for it; False when it has gone."""
        row = await self.api.row(self.command, id=id)
        if row is not None and row.get(key) not in ("Maintenance", "PrepareForMaintenance"):
            doing = f"putting the {self.noun} {name} into maintenance"
            try:
                await self.api.write(command, doing, op.deadline, progress=op.progress, id=id)
            except (Refused, LostAnswer) as error:
                row = await self.api.row(self.command, id=id)
                accepted = row is None or row.get(key) in ("Maintenance", "PrepareForMaintenance")
                if not accepted or (isinstance(error, Refused) and row is not None):
                    raise
        return await self._until(
            id, key, "Maintenance", f"Deleting the {self.noun} {name}: waiting for its maintenance", op
        )

    async def _until(self, id: str, key: str, wanted: str, doing: str, op: Operation) -> bool:
        """Wait until the row's `key` is `wanted`; False when it has gone. Raises Failed where it went wrong for good."""
        told = ""
        while (row := await self.api.row(self.command, id=id)) is not None:
            state = str(row.get(key))
            if state == wanted:
                return True
            if state.startswith("Error"):
                raise Failed(
                    f"{doing} ended in {state}: a virtual machine could not be moved away, or it does not answer. "
                    f"Look at the {self.noun} in CloudStack and repeat."
                )
            if state != told:
                told = state
                await op.progress(f"{doing}; it is {state}")
            await op.deadline.pause(LOOK_SECONDS, f"{doing} (it is {state})")
        return False

    async def _name_of(self, command: str, id: str) -> str:
        """What operators call a zone, a pod or a cluster; its id where it has gone."""
        row = await self.api.row(command, id=id)
        return str(row.get("name", id)) if row else id


def first(answer: Document, key: str) -> Document:
    """The one object of an answer that is a list of one, or the object itself (addCluster, addHost: releases differ)."""
    found: Any = answer.get(key, {})
    row: Document = (found[0] if found else {}) if isinstance(found, list) else found
    return row


def tags_of(text: Any) -> tuple[str, ...]:
    """Tags as lists show them, in one text with commas."""
    return tuple(tag.strip() for tag in str(text or "").split(",") if tag.strip())


def ipv4(text: str) -> str:
    """Canonical form of an IPv4 address."""
    try:
        return str(ipaddress.IPv4Address(text))
    except ValueError:
        raise ValueError(f"found {text!r}; it must be an IPv4 address, for example 10.130.208.10") from None


def range_problems(gateway: Any, netmask: Any, start: Any, end: Any) -> list[Problem]:
    """What is wrong with a range of addresses; nothing is said while a part is not known yet."""
    if UNKNOWN in (gateway, netmask, start, end):
        return []
    try:
        net = ipaddress.IPv4Network(f"{gateway}/{netmask}", strict=False)
    except ValueError:
        return [Problem("netmask", f"found {netmask!r}; it must be a netmask, for example 255.255.255.0")]
    problems = [
        Problem(path, f"found {one!r}, which is not in the network {net} of gateway and netmask")
        for path, one in (("startIp", start), ("endIp", end))
        if one is not None and ipaddress.IPv4Address(one) not in net
    ]
    if problems:
        return problems
    low, high = ipaddress.IPv4Address(start), ipaddress.IPv4Address(end or start)
    if low > high:
        problems.append(Problem("endIp", f"found {end!r}, which is before the start of the range, {start}"))
    if end is not None and low <= ipaddress.IPv4Address(gateway) <= high:
        problems.append(
            Problem("gateway", f"found {gateway!r}, which lies in the range {start} to {end} itself")
        )
    return problems
