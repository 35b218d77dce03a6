"""A pod of a zone with its clusters, their hosts and their primary storage, as an entry of the zone's `pods`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from strata.adoption import zone_parts as parts
from strata.adoption.draft import Component, Path
from strata.adoption.naming import key_for, named
from strata.clients.cloudstack import Document
from strata.provider.kind import Observed
from strata.provider.kinds.cloudstack_cluster import Cluster
from strata.provider.kinds.cloudstack_host import Host
from strata.provider.kinds.cloudstack_pod import Pod
from strata.provider.kinds.cloudstack_primary_storage import PrimaryStorage
from strata.provider.kinds.cloudstack_public_ip_range import PublicIpRange
from strata.provider.kinds.cloudstack_storage_ip_range import StorageIpRange

if TYPE_CHECKING:
    from strata.adoption.draft_zone import ZoneDraft

CREDENTIALS = ("strata:cloudstack", "hypervisorCredentials")


@dataclass
class PodDraft:
    """The entry of a pod while it is put together.

    guests   the guests' ranges of the pod, in a Basic zone
    storage  the rows of all storage ranges of the zone; pools those of all its primary storage
    """

    zone: ZoneDraft
    guests: Sequence[Observed[Any, Any]]
    storage: Sequence[Document]
    pools: Sequence[Document]
    id: str = ""
    key: str = ""
    entry: dict[str, Any] = field(default_factory=dict)

    async def write(self, row: Document) -> None:
        """The pod and all that is in it; a part that does not fit is left out by itself."""
        kind = Pod(self.zone.connections)
        observed = await kind.observed(row)
        actual, self.id = observed.actual, observed.id
        own = {
            "gateway": actual.gateway,
            "netmask": actual.netmask,
            "startIp": actual.start_ip,
            "endIp": actual.end_ip,
        }
        declared = {**own, "zone": self.zone.id, "name": actual.name}
        if not self.zone.fits(kind, declared, observed, f"pod {actual.name}"):
            return
        pods = self.zone.entry.setdefault("pods", {})
        self.key = key_for(actual.name, pods)
        self.entry = pods[self.key] = {**named(self.key, actual.name), **own}
        self.add((), Pod.token, self._name, self.id)
        self._guest_range()
        await self._storage_range()
        for cluster in await self.zone.api.rows("listClusters", zoneid=self.zone.id, podid=self.id):
            await self._cluster(cluster)

    @property
    def _name(self) -> str:
        return f"{self.zone.key}-{self.key}"

    @property
    def _parents(self) -> tuple[Component, ...]:
        return (*self.zone.parents, ("CloudStackPod", self._name))

    def add(self, below: Path, token: str, name: str, id: str) -> None:
        """Import a part of the pod."""
        at = ("strata:cloudstack", "zones", self.zone.key, "pods", self.key, *below)
        self.zone.draft.add(at, token, name, id, self._parents)

    def _place(self) -> dict[str, str]:
        return {"zone": self.zone.id, "pod": self.id}

    def _guest_range(self) -> None:
        kind = PublicIpRange(self.zone.connections)
        for number, observed in enumerate(self.guests):
            written, what = parts.address_range(observed.actual), f"guests' range of pod {self.key}"
            declared = {**written, **self._place(), "network": self.zone.guests}
            declared["vlan"] = str(written.get("vlan", "untagged"))
            if number:
                self.zone.draft.find(
                    f"{what} from {observed.actual.start_ip}", "a pod of a stack file has one"
                )
            elif self.zone.fits(kind, declared, observed, what):
                self.entry["guestIpRange"] = written
                self.add(("guestIpRange",), PublicIpRange.token, f"{self._name}-guests", observed.id)

    async def _storage_range(self) -> None:
        kind = StorageIpRange(self.zone.connections)
        mine = [row for row in self.storage if row.get("podid") == self.id]
        for number, row in enumerate(mine):
            observed = await kind.observed(row)
            written, what = parts.address_range(observed.actual), f"storage range of pod {self.key}"
            declared = {**written, **self._place()}
            if "vlan" in written:
                declared["vlan"] = str(written["vlan"])
            if number:
                self.zone.draft.find(
                    f"{what} from {observed.actual.start_ip}", "a pod of a stack file has one"
                )
            elif self.zone.fits(kind, declared, observed, what):
                self.entry["storageIpRange"] = written
                self.add(("storageIpRange",), StorageIpRange.token, f"{self._name}-storage", observed.id)

    async def _cluster(self, row: Document) -> None:
        kind = Cluster(self.zone.connections)
        observed = await kind.observed(row)
        actual = observed.actual
        declared = {**self._place(), "name": actual.name, "hypervisor": actual.hypervisor}
        if not self.zone.fits(kind, declared, observed, f"cluster {actual.name} of pod {self.key}"):
            return
        clusters = self.entry.setdefault("clusters", {})
        key = key_for(actual.name, clusters)
        clusters[key] = {**named(key, actual.name), "hypervisor": actual.hypervisor}
        self.add(("clusters", key), Cluster.token, f"{self._name}-{key}", observed.id)
        inside = ClusterDraft(self, key, observed.id, actual.hypervisor, clusters[key])
        await inside.hosts()
        await inside.primary_storage()


@dataclass(frozen=True)
class ClusterDraft:
    """What is in a cluster; `entry` is the cluster's."""

    pod: PodDraft
    key: str
    id: str
    hypervisor: str
    entry: dict[str, Any]

    async def hosts(self) -> None:
        """Hypervisor hosts by their addresses; CloudStack's own agents are none."""
        zone, kind = self.pod.zone, Host(self.pod.zone.connections)
        for row in await zone.api.rows("listHosts", clusterid=self.id, type="Routing"):
            observed = await kind.observed(row)
            address, tags = observed.outputs.address, list(observed.actual.tags or ())
            name, labels = observed.outputs.name or address, ({"tags": tags} if tags else {})
            declared = {**self._place(), **labels, "url": f"http://{address}", "hypervisor": self.hypervisor}
            if zone.fits(kind, declared, observed, f"host {name}"):
                written = {"address": address, "credentials": self._credentials(), **labels}
                self._put("hosts", name, written, Host.token, observed.id)

    async def primary_storage(self) -> None:
        """The cluster's, and the zone's that its hypervisor uses where no other cluster has it."""
        zone, kind = self.pod.zone, PrimaryStorage(self.pod.zone.connections)
        for row in self.pod.pools:
            observed = await kind.observed(row)
            actual, tags = observed.actual, list(observed.actual.tags or ())
            if str(row.get("scope", "")).upper() == "HOST" or not self._mine(row, observed):
                continue
            zone.placed.add(observed.id)
            written = {"url": actual.url, **({"tags": tags} if tags else {})}
            place: Mapping[str, Any] = self._place()
            if actual.scope == "zone":
                written["scope"] = "zone"
                place = {"zone": zone.id, "hypervisor": self.hypervisor}
            declared = {**place, **written, "name": actual.name}
            if zone.fits(kind, declared, observed, f"primary storage {actual.name}"):
                self._put("primaryStorage", actual.name, written, PrimaryStorage.token, observed.id, True)

    def _mine(self, row: Document, observed: Observed[Any, Any]) -> bool:
        if observed.actual.scope == "cluster":
            return str(row.get("clusterid")) == self.id
        return observed.id not in self.pod.zone.placed and observed.actual.hypervisor == self.hypervisor

    def _put(
        self, what: str, name: str, written: dict[str, Any], token: str, id: str, keeps_name: bool = False
    ) -> None:
        there = self.entry.setdefault(what, {})
        key = key_for(name, there)
        there[key] = {**(named(key, name) if keeps_name else {}), **written}
        whole = f"{self.pod.zone.key}-{self.pod.key}-{self.key}-{key}"
        self.pod.add(("clusters", self.key, what, key), token, whole, id)

    def _place(self) -> dict[str, str]:
        return {"zone": self.pod.zone.id, "pod": self.pod.id, "cluster": self.id}

    def _credentials(self) -> str:
        """The stack file's own, else some from the environment: they are used only when a host is added."""
        draft, key = self.pod.zone.draft, self.hypervisor.lower()
        known = sorted(draft.keys(CREDENTIALS))
        if key in known:
            return key
        if draft.declared(CREDENTIALS) and known:
            return known[0]
        word = f"{key.upper()}_HOSTS"
        login = {"username": {"env": f"{word}_USERNAME"}, "password": {"env": f"{word}_PASSWORD"}}
        draft.put((*CREDENTIALS, key), login)
        why = f"CloudStack does not give them back; before a host is added, set {word}_USERNAME and {word}_PASSWORD"
        draft.find(f"credentials of the {self.hypervisor} hosts", why)
        return key
