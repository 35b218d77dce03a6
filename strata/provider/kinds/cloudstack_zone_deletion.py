"""Deleting a zone, which is not the reverse of creating it.

From 4.2 on a region-wide image store counts as being in every zone, and CloudStack deletes no zone while there is one (530,
observed). So the last zone takes the store with it, if it may and if nothing that counts is in the store; the store's own
delete then finds it gone. Two zones that go together wait for each other: each until the other is bare, then either removes
the store. Up to 4.1 the store is not looked at.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from strata.clients.cloudstack import CloudStackClient, Document
from strata.clients.cloudstack_errors import LostAnswer, Refused
from strata.errors import Failed, TimedOut
from strata.provider.kind import Operation
from strata.provider.kinds.cloudstack_store_content import blocking_stores, first_names, users_things
from strata.provider.kinds.cloudstack_zone_args import ZoneArgs

LOOK_SECONDS = 2.0
ENABLED_SECONDS = 60.0
"""How long another zone may still be enabled before it counts as one that stays."""


@dataclass
class ZoneDeletion:
    """One zone on its way out."""

    api: CloudStackClient
    id: str
    args: ZoneArgs
    op: Operation
    _since: dict[str, float] = field(default_factory=dict)
    _told: str = ""

    async def run(self) -> None:
        """Delete it, with the store before it where that has to be; gone already is success."""
        zone = await self.api.row("listZones", self.id)
        if zone is None:
            return
        name = str(zone["name"])
        if stores := await blocking_stores(self.api):
            self._may_remove(name, stores)
            await self._until_alone(name)
            await self._remove_store(name)
        await self._write("deleteZone", f"deleting the zone {name}", "listZones", self.id)

    def _may_remove(self, name: str, stores: list[Document]) -> None:
        others = [row for row in stores if str(row["id"]) != self.args.image_store]
        why = f"The zone {name} and its store are left as they are: CloudStack deletes no zone while "
        why += "there is a store for the whole cloud, "
        if others:
            listed = ", ".join(
                f"{row.get('name')} ({row.get('providername')}, {row['id']})" for row in others
            )
            raise Failed(
                f"{why}and {listed} is not this stack's. Delete it in CloudStack first, then repeat."
            )
        if not self.args.remove_store:
            raise Failed(
                f"{why}and {stores[0].get('name')} is one. As the zone is not to take it along (removeStore), delete it "
                "first, or destroy the whole stack."
            )

    async def _until_alone(self, name: str) -> None:
        """Until every other zone is bare, which means that it is going too; a zone that stays is found out."""
        doing = f"Deleting the zone {name}: waiting for the other zones to go with it"
        while standing := await self._standing():
            line = "; ".join(standing)
            if line != self._told:
                self._told = line
                await self.op.progress(f"waiting for the other zones, the store goes last: {line}")
            try:
                await self.op.deadline.pause(LOOK_SECONDS, doing)
            except TimedOut as error:
                raise TimedOut(
                    f"{error} Still there: {line}. CloudStack deletes one of several zones only when there is no store "
                    "for the whole cloud; nothing of the zone or the store was deleted."
                ) from error

    async def _standing(self) -> list[str]:
        """The other zones that are not bare yet, with what is in them; raises Failed for one that evidently stays."""
        found = []
        for zone in await self.api.rows("listZones"):
            id, name = str(zone["id"]), str(zone["name"])
            if id == self.id:
                continue
            if zone.get("allocationstate") == "Enabled":
                found.append(f"zone {name} is enabled")
                self._check_patience(id, name)
                continue
            self._since.pop(id, None)
            pods = len(await self.api.rows("listPods", zoneid=id))
            networks = len(await self.api.rows("listPhysicalNetworks", zoneid=id))
            if pods or networks:
                found.append(f"zone {name} (pods: {pods}, physical networks: {networks})")
        return found

    def _check_patience(self, id: str, name: str) -> None:
        now = self.op.deadline.clock.now()
        if now - self._since.setdefault(id, now) > ENABLED_SECONDS:
            raise Failed(
                f"The zone is not deleted, and nothing of the store was: the zone {name} is enabled and stays, and CloudStack "
                "deletes no zone while there is a store for the whole cloud, which that zone needs. Only all zones can go "
                "together."
            )

    async def _remove_store(self, name: str) -> None:
        store = self.args.image_store
        row = await self.api.row("listImageStores", store)
        if row is None:
            return
        if things := await users_things(self.api, store):
            raise Failed(
                f"The zone {name} is not deleted, and nothing of it or of the store was: the store {row.get('name')} would go "
                f"with it, and holds {first_names(things)}. Move or delete them first, then repeat."
            )
        await self.op.progress(f"removing the store {row.get('name')}, without which the zone can go")
        doing = f"deleting the image store {row.get('name')} (its containers in Swift stay)"
        await self._write("deleteImageStore", doing, "listImageStores", store)

    async def _write(self, command: str, doing: str, listing: str, id: str) -> None:
        """Ask for a removal; gone is success, and after a lost answer it is looked for."""
        try:
            await self.api.write(command, doing, self.op.deadline, id=id)
        except Refused as error:
            if not error.says_gone:
                raise
        except LostAnswer:
            if await self.api.row(listing, id) is not None:
                raise
