"""A zone in use: enabled, with its system VMs running; the last thing that is made of a zone and the first to go.

Identity   the zone's id.
Drifts     state. System VMs that stop later are an output; ones that never came are waited for again by the next run.
Replaces   zone.
Import     `pulumi import strata:cloudstack:ZoneState NAME ZONE-ID`, or the zone's name where only one has it.
Deleting   disables the zone and destroys its system VMs, so that pods and hosts can go. The zone itself stays.
           Refused, with nothing touched, while users have virtual machines in it.
Source     CloudStack API: updateZone allocationstate=…, listSystemVms, destroySystemVm.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from strata.clients.cloudstack import Document
from strata.clients.cloudstack_errors import LostAnswer, Refused
from strata.errors import Failed, Problem, TimedOut
from strata.provider.diff import Difference
from strata.provider.kind import Observed, Operation
from strata.provider.kinds.cloudstack_object import CloudStackObject
from strata.provider.kinds.cloudstack_zone_checks import (
    SystemVms,
    cannot_enable,
    no_users_machines,
    system_vms,
    why_no_system_vms,
)
from strata.provider.kinds.cloudstack_zone_state_args import ZoneStateArgs, ZoneStateOutputs
from strata.provider.state import MEMORY

LOOK_SECONDS = 5.0
CAME = "came"
"""In the memory once the system VMs have run."""


class ZoneState(CloudStackObject[ZoneStateArgs, ZoneStateOutputs]):
    """cloudstack:ZoneState."""

    token: ClassVar[str] = "strata:cloudstack:ZoneState"
    Args: ClassVar[type] = ZoneStateArgs
    Outputs: ClassVar[type] = ZoneStateOutputs
    noun: ClassVar[str] = "zone"
    command: ClassVar[str] = "listZones"
    default_timeout: ClassVar[float] = 1800.0

    def check(self, args: ZoneStateArgs) -> list[Problem]:
        """Nobody wants a zone whose system VMs never come."""
        if args.system_vms_ready is False:
            return [Problem("systemVmsReady", "found False; allowed is True. See waitForSystemVms")]
        return []

    def tolerates(self, difference: Difference, declared: dict[str, Any], outputs: dict[str, Any]) -> bool:
        """System VMs that have come once, or that nobody waits for, are no difference."""
        memory: Mapping[str, Any] = outputs.get(MEMORY) or {}
        awaited = declared.get("waitForSystemVms", True) and declared.get("state", "Enabled") == "Enabled"
        return difference.path == "systemVmsReady" and (not awaited or bool(memory.get(CAME)))

    async def observed(self, row: Document) -> Observed[ZoneStateArgs, ZoneStateOutputs]:
        """The zone's row and its system VMs."""
        id, state = str(row["id"]), str(row["allocationstate"])
        vms = await system_vms(self.api, id)
        actual = ZoneStateArgs(
            zone=id,
            state="Enabled" if state == "Enabled" else "Disabled",
            system_vms_ready=vms.ready or state != "Enabled",
        )
        return Observed(id, actual, ZoneStateOutputs(system_vms=vms.listed))

    async def alike(self, args: ZoneStateArgs) -> list[Document]:
        """The zone."""
        row = await self.api.row("listZones", args.zone)
        return [] if row is None else [row]

    async def preflight(self, args: ZoneStateArgs, op: Operation) -> None:
        """What CloudStack would refuse is said before it is asked."""
        await self._foresee_state(await self._zone(args), args, op)

    async def foresee(self, id: str, args: ZoneStateArgs, changes: list[Difference], op: Operation) -> None:
        """The same for an update."""
        if any(one.property == "state" for one in changes):
            await self._foresee_state(await self._zone(args), args, op)

    async def _foresee_state(self, zone: Document, args: ZoneStateArgs, op: Operation) -> None:
        if args.state != "Enabled" or zone["allocationstate"] == "Enabled":
            return
        try:
            await cannot_enable(self.api, zone)
        except Failed as error:
            if not op.preview:
                raise
            # The same run may add it: after one that was cut off, all of this is known and half of it there.
            await op.warn(f"{error} Unless this run adds it, CloudStack will refuse.")

    async def _zone(self, args: ZoneStateArgs) -> Document:
        for row in await self.alike(args):
            return row
        raise Failed(
            f"There is no zone with the id {args.zone} in CloudStack. Run `pulumi up --refresh`, which makes it again."
        )

    async def add(self, args: ZoneStateArgs, op: Operation) -> str:
        """Nothing is added: the state is there with the zone."""
        return args.zone

    async def create(self, args: ZoneStateArgs, op: Operation) -> str:
        """Bring the zone to the state, then wait."""
        zone = await self._zone(args)
        await self._set(zone, args.state, op)
        op.exists(args.zone)
        await self._await_system_vms(zone, args, op)
        return args.zone

    async def update(self, id: str, args: ZoneStateArgs, changes: list[Difference], op: Operation) -> None:
        """The state where it differs; then wait, where the system VMs have not come yet."""
        zone = await self._zone(args)
        if await self._set(zone, args.state, op):
            op.memory.pop(CAME, None)
        await self._await_system_vms(zone, args, op)

    async def delete(self, id: str, args: ZoneStateArgs, op: Operation) -> None:
        """Disabled, and without system VMs; gone already is success, and one that users have machines in stays."""
        zone = await self.api.row("listZones", id)
        if zone is None:
            return
        await no_users_machines(self.api, zone)
        await self._set(zone, "Disabled", op)
        asked: set[str] = set()
        while rows := await self.api.rows("listSystemVms", zoneid=id):
            for row in rows:
                if str(row["id"]) not in asked:
                    asked.add(str(row["id"]))
                    await self._destroy(row, op)
            names = ", ".join(str(row.get("name")) for row in rows)
            doing = f"Waiting for the system VMs {names} of zone {zone['name']} to be gone"
            await op.deadline.pause(LOOK_SECONDS, doing)

    async def _destroy(self, vm: Document, op: Operation) -> None:
        doing = f"destroying the system VM {vm.get('name')}"
        await op.progress(doing)
        try:
            await self.api.write("destroySystemVm", doing, op.deadline, id=str(vm["id"]))
        except Refused as error:
            if not error.says_gone:
                raise
        except LostAnswer:
            rows = await self.api.rows("listSystemVms", zoneid=str(vm["zoneid"]))
            if any(row["id"] == vm["id"] and row.get("state") == vm.get("state") for row in rows):
                raise

    async def _set(self, zone: Document, state: str, op: Operation) -> bool:
        """Whether the state was changed. Asking for a state twice does no harm, so a lost answer is looked after."""
        if zone["allocationstate"] == state:
            return False
        doing = f"setting the zone {zone['name']} to {state}"
        try:
            await self.api.write("updateZone", doing, op.deadline, id=zone["id"], allocationstate=state)
        except LostAnswer:
            row = await self.api.row("listZones", str(zone["id"]))
            if row is None or row["allocationstate"] != state:
                raise
        return True

    async def _await_system_vms(self, zone: Document, args: ZoneStateArgs, op: Operation) -> None:
        if args.state != "Enabled" or not args.wait_for_system_vms or op.memory.get(CAME):
            return
        told, name = "", str(zone["name"])
        while not (vms := await system_vms(self.api, args.zone)).ready:
            if vms.line != told:
                told = vms.line
                await op.progress(f"waiting for the system VMs of zone {name}: {vms.line}")
            try:
                await op.deadline.pause(LOOK_SECONDS, f"Waiting for the system VMs of zone {name}")
            except TimedOut as error:
                raise TimedOut(await self._why(zone, args, vms, op)) from error
        op.memory[CAME] = True

    async def _why(self, zone: Document, args: ZoneStateArgs, vms: SystemVms, op: Operation) -> str:
        reasons = await why_no_system_vms(self.api, zone, args.seeded)
        why = " ".join(reasons) or (
            "Host, primary storage, staging store and template are there; the management server's log says more."
        )
        return (
            f"The zone {zone['name']} is enabled, but {op.deadline.seconds:g} s later its system VMs do not run ({vms.line}), "
            f"and without them nothing comes to Swift. {why} Put it right and repeat: the next run goes on waiting."
        )
