"""The guest network that all guests of a Basic zone (or of an Advanced one with security groups) share.

Identity   zone and name; the id is CloudStack's.
Ours       CloudStack has no place for a mark: a network that is all that is declared counts as one that this stack made.
Drifts     name, displayText.
Replaces   zone, offering, physicalNetwork.
Import     `pulumi import strata:cloudstack:GuestNetwork NAME ID`, or the network's name where only one has it.
Source     createNetwork, listNetworks, updateNetwork, deleteNetwork, listNetworkOfferings; facts/cloudstack.md 4.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from strata.clients.cloudstack import Document
from strata.errors import Failed
from strata.provider.fields import managed, output, replaces, setting
from strata.provider.kind import Observed, Operation
from strata.provider.kinds.cloudstack_object import text
from strata.provider.kinds.cloudstack_zone_part import ZonePart


@dataclass(frozen=True)
class GuestNetworkArgs:
    """Which offering, and what it is called."""

    zone: str = replaces("Id of the zone.", example="3440dfcd-574d-47d1-b645-b2d394ddb6fa")
    name: str = managed("Name; renamed in place.", example="defaultGuestNetwork")
    offering: str = replaces(
        "Name of the network offering.", example="DefaultSharedNetworkOfferingWithSGService"
    )
    display_text: str | None = managed("Text that users see.", example="Guests of zone1", default=None)
    physical_network: str | None = replaces(
        "Id of the physical network; left out, CloudStack takes the one with Guest traffic.",
        example="da0c58da-f333-4d7d-bdbe-4bf33a08c473",
        default=None,
    )
    adopt: bool = setting("Take over a network of that name in the zone.", example=False, default=False)


@dataclass(frozen=True)
class GuestNetworkOutputs:
    """What only CloudStack knows."""

    state: str = output("Setup until the first guest starts, then Implemented.", example="Setup")


class GuestNetwork(ZonePart[GuestNetworkArgs, GuestNetworkOutputs]):
    """cloudstack:GuestNetwork."""

    token = "strata:cloudstack:GuestNetwork"
    Args = GuestNetworkArgs
    Outputs = GuestNetworkOutputs
    default_timeout = 300.0
    noun = "guest network"
    command = "listNetworks"
    updating = "updateNetwork"
    removing = "deleteNetwork"
    spelled = {"name": "name", "displayText": "displaytext"}

    async def observed(self, row: Document) -> Observed[GuestNetworkArgs, GuestNetworkOutputs]:
        """From the list's row; the offering's name where the row has only its id."""
        actual = GuestNetworkArgs(
            zone=str(row["zoneid"]),
            name=str(row["name"]),
            offering=await self._offering_of(row),
            display_text=text(row, "displaytext"),
            physical_network=text(row, "physicalnetworkid"),
        )
        return Observed(str(row["id"]), actual, GuestNetworkOutputs(str(row.get("state", ""))))

    async def alike(self, args: GuestNetworkArgs) -> list[Document]:
        """Those of that name in the zone, whoever owns them."""
        rows = await self.api.rows(self.command, zoneid=args.zone, listall="true")
        return [row for row in rows if row.get("name") == args.name]

    async def preflight(self, args: GuestNetworkArgs, op: Operation) -> None:
        """The offering is there, and the name free or the network ours."""
        await self._offering_id(args.offering)
        await super().preflight(args, op)

    async def add(self, args: GuestNetworkArgs, op: Operation) -> str:
        """One synchronous call; CloudStack insists on a text."""
        answer = await self.api.write(
            "createNetwork",
            f"adding the guest network {args.name} to zone {args.zone}",
            op.deadline,
            zoneid=args.zone,
            name=args.name,
            displaytext=args.display_text or args.name,
            networkofferingid=await self._offering_id(args.offering),
            physicalnetworkid=args.physical_network,
        )
        id = str(answer["network"]["id"])
        op.exists(id)
        return id

    async def _offering_of(self, row: Document) -> str:
        if row.get("networkofferingname"):
            return str(row["networkofferingname"])
        id = str(row.get("networkofferingid", ""))
        offering = await self.api.row("listNetworkOfferings", id=id) if id else None
        return str(offering["name"]) if offering else id

    async def _offering_id(self, name: str) -> str:
        offerings = await self.api.rows("listNetworkOfferings")
        named = [row for row in offerings if row.get("name") == name]
        if named:
            return str(named[0]["id"])
        known = sorted(str(row.get("name")) for row in offerings)
        close = difflib.get_close_matches(name, known, 1)
        hint = f" Did you mean {close[0]}?" if close else f" It has: {', '.join(known) or 'none'}."
        raise Failed(f"CloudStack has no network offering named {name!r} for the guest network.{hint}")
