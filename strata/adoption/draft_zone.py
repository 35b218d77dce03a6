"""One zone of CloudStack with everything in it, as an entry of `strata:cloudstack.zones`.

Left out is what only says how something came to be: the system VM template and the credentials of hypervisor hosts, which
CloudStack does not give back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from strata.adoption import zone_parts as parts
from strata.adoption.draft import Component, Draft, Path
from strata.adoption.draft_mounts import Exports
from strata.adoption.draft_pod import PodDraft
from strata.adoption.fitting import misfit
from strata.adoption.naming import key_for, named
from strata.clients.cloudstack import CloudStackClient, Document
from strata.provider.connections import Connections
from strata.provider.kind import Kind, Observed
from strata.provider.kinds.cloudstack_guest_network import GuestNetwork
from strata.provider.kinds.cloudstack_physical_network import PhysicalNetwork
from strata.provider.kinds.cloudstack_physical_network_args import PhysicalNetworkArgs
from strata.provider.kinds.cloudstack_public_ip_range import PublicIpRange
from strata.provider.kinds.cloudstack_staging_store import StagingStore
from strata.provider.kinds.cloudstack_zone import Zone
from strata.provider.kinds.cloudstack_zone_state import ZoneState
from strata.stackfile import model

ZONES: Final[Path] = ("strata:cloudstack", "zones")


@dataclass
class ZoneDraft:
    """The entry of a zone while it is put together.

    exports  which volume of the stack file is behind a staging store's URL
    id       CloudStack's, of the zone
    networks key in the stack file by the id of a physical network; guests is the id of a Basic zone's guest network
    placed   the ids of primary storage that a cluster has got already
    """

    draft: Draft
    connections: Connections
    exports: Exports
    declared: model.CloudStack
    id: str
    key: str = ""
    called: str = ""
    basic: bool = False
    entry: dict[str, Any] = field(default_factory=dict)
    networks: dict[str, str] = field(default_factory=dict)
    guests: str | None = None
    placed: set[str] = field(default_factory=set)

    @property
    def api(self) -> CloudStackClient:
        return self.connections.cloudstack()

    @property
    def parents(self) -> tuple[Component, ...]:
        return (("CloudStackZone", self.key),)

    async def write(self, row: Document) -> None:
        """The whole zone, or a sentence why not."""
        self.called = f"zone {row['name']} of CloudStack"
        zone = await Zone(self.connections).observed(row)
        self.key = key_for(zone.actual.name, self.draft.keys(ZONES))
        self.basic = zone.actual.network_type == "Basic"
        own = parts.zone(zone.actual)
        why = misfit(Zone(self.connections), {**own, "name": zone.actual.name}, zone)
        if zone.actual.security_groups and not self.basic:
            why = "a stack file has no Advanced zone with security groups yet"
        staging = None if why else await self._staging()
        if why or staging is None:
            self.draft.find(
                self.called, why or "it has no staging store on NFS, which each zone has beside Swift"
            )
            return
        self.entry = {**named(self.key, zone.actual.name), **own, "staging": self._place(staging.actual.url)}
        self.draft.put(self._at(), self.entry)
        self._add((), Zone.token, self.key, self.id)
        self._add(("staging",), StagingStore.token, self.key, staging.id)
        await self._inside(row)

    async def _inside(self, row: Document) -> None:
        storage = await self.api.rows("listStorageNetworkIpRange", zoneid=self.id)
        await self._physical_networks(bool(storage))
        if self.basic:
            await self._guest_network()
        ranges = await self._ranges()
        pools = await self.api.rows("listStoragePools", zoneid=self.id)
        for pod in await self.api.rows("listPods", zoneid=self.id):
            mine = [one for one in ranges if one.actual.pod == str(pod["id"])]
            await PodDraft(self, mine, storage, pools).write(pod)
        for pool in pools:
            if str(pool["id"]) not in self.placed and str(pool.get("scope", "")).upper() != "HOST":
                self.draft.find(
                    f"primary storage {pool['name']} of {self.called}", "it is of no cluster that is written"
                )
        await self._state(row)

    async def _staging(self) -> Observed[Any, Any] | None:
        rows = await self.api.rows("listSecondaryStagingStores", zoneid=self.id)
        kind = StagingStore(self.connections)
        found = sorted([await kind.observed(row) for row in rows], key=lambda one: str(one.actual.url))
        good = [
            one
            for one in found
            if self.fits(kind, {"zone": self.id, "url": one.actual.url}, one, "staging store")
        ]
        for one in good[1:]:
            self.draft.find(
                f"staging store {one.actual.url} of {self.called}", "a zone of a stack file has one"
            )
        return good[0] if good else None

    def _place(self, url: str) -> dict[str, str]:
        server, slash, path = url.removeprefix("nfs://").partition("/")
        volume = self.exports.volume(server, slash + path)
        return {"url": url} if volume is None else {"volume": volume, "dataLif": server}

    async def _physical_networks(self, storage: bool) -> None:
        kind = PhysicalNetwork(self.connections)
        for row in await self.api.rows("listPhysicalNetworks", zoneid=self.id):
            observed = await kind.observed(row)
            written = parts.physical_network(observed.actual, self.basic, storage)
            if not self.fits(
                kind, self._network(observed.actual, written), observed, f"physical network {row['name']}"
            ):
                continue
            key = key_for(observed.actual.name, self.entry.setdefault("physicalNetworks", {}))
            self.entry["physicalNetworks"][key] = {**named(key, observed.actual.name), **written}
            self.networks[observed.id] = key
            self._add(("physicalNetworks", key), PhysicalNetwork.token, f"{self.key}-{key}", observed.id)

    def _network(self, actual: PhysicalNetworkArgs, written: Mapping[str, Any]) -> dict[str, Any]:
        traffic = [{"type": type, **labels} for type, labels in written["traffic"].items()]
        providers = written.get("providers", parts.usual_providers(list(written["traffic"]), self.basic))
        return {**written, "zone": self.id, "name": actual.name, "traffic": traffic, "providers": providers}

    async def _guest_network(self) -> None:
        """The one shared network of a Basic zone."""
        kind = GuestNetwork(self.connections)
        rows = await self.api.rows("listNetworks", zoneid=self.id, listall="true")
        for row in [one for one in rows if one.get("type") == "Shared"]:
            observed, what = await kind.observed(row), f"guest network {row.get('name')}"
            if "guestNetwork" in self.entry:
                self.draft.find(f"{what} of {self.called}", "a Basic zone of a stack file has one")
                continue
            written = parts.guest_network(observed.actual)
            declared = {**written, "zone": self.id, "name": observed.actual.name}
            carrying = [
                one for one in self.entry.get("physicalNetworks", {}).values() if "Guest" in one["traffic"]
            ]
            if len(carrying) > 1 and observed.actual.physical_network in self.networks:
                written["physicalNetwork"] = self.networks[observed.actual.physical_network]
                declared["physicalNetwork"] = observed.actual.physical_network
            if self.fits(kind, declared, observed, what):
                self.entry["guestNetwork"], self.guests = written, observed.id
                self._add(("guestNetwork",), GuestNetwork.token, f"{self.key}-guests", observed.id)

    async def _ranges(self) -> list[Observed[Any, Any]]:
        """Public ranges are written; those of pods come back."""
        kind, of_pods = PublicIpRange(self.connections), list[Observed[Any, Any]]()
        for row in await self.api.rows("listVlanIpRanges", zoneid=self.id):
            observed = await kind.observed(row)
            if observed.outputs.for_guests:
                of_pods += [observed] if observed.actual.pod else []
                continue
            written = parts.address_range(observed.actual)
            declared = {"vlan": "untagged", **written, "zone": self.id}
            if self.fits(
                kind, {**declared, "vlan": str(declared["vlan"])}, observed, _spoken("public IP range", row)
            ):
                ranges = self.entry.setdefault("publicIpRanges", {})
                key = key_for(f"public{len(ranges) + 1}", ranges)
                ranges[key] = written
                self._add(("publicIpRanges", key), PublicIpRange.token, f"{self.key}-{key}", observed.id)
        return of_pods

    async def _state(self, row: Document) -> None:
        observed = await ZoneState(self.connections).observed(row)
        if observed.actual.state == "Disabled":
            self.entry["enabled"] = False
        elif not observed.actual.system_vms_ready:
            self.entry["waitForSystemVms"] = False
            why = "its system VMs do not run, and the stack is not to wait for them (waitForSystemVms: false)"
            self.draft.find(self.called, why)
        self._add((), ZoneState.token, self.key, self.id)

    def fits(
        self, kind: Kind[Any, Any], declared: Mapping[str, Any], observed: Observed[Any, Any], what: str
    ) -> bool:
        """Whether a part may be written; where not, why is noted."""
        why = misfit(kind, declared, observed)
        if why:
            self.draft.find(f"{what} of {self.called}", why)
        return why is None

    def _at(self, *below: str) -> Path:
        return (*ZONES, self.key, *below)

    def _add(self, below: Path, token: str, name: str, id: str) -> None:
        self.draft.add(self._at(*below), token, name, id, self.parents)


def _spoken(noun: str, row: Document) -> str:
    return f"{noun} {row.get('startip')}-{row.get('endip')}"
