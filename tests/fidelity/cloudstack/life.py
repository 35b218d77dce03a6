"""One life of a cloud on Swift, as any client may drive it: made in order, enabled, listed, disabled, deleted in order.

The order of the deletion is the one that works on a real 4.23 server (facts: a region-wide store blocks deleteZone).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

SWIFT = {"account": "test", "username": "tester", "key": "testing"}
MAINTENANCE_SECONDS = 3


class Client(Protocol):
    """A client's own two ways: an answer at once, and a job that it waits for itself."""

    def now(self, command: str, **params: Any) -> dict[str, Any]: ...

    def job(self, command: str, **params: Any) -> dict[str, Any]: ...


@dataclass(frozen=True)
class Made:
    """The ids of what was made."""

    store: str
    zone: str
    network: str
    pod: str
    cluster: str
    host: str
    pool: str
    staging: str


def make(client: Client, swift_details: Mapping[str, Any]) -> Made:
    """Swift first, then a whole Advanced zone."""
    client.now("updateConfiguration", name="expunge.delay", value="300")
    added = client.now(
        "addImageStore",
        provider="Swift",
        name="swift01",
        url="http://127.0.0.1:8080/auth/v1.0",
        **swift_details,
    )
    zone = client.now(
        "createZone", name="zone1", dns1="8.8.8.8", internaldns1="10.0.0.2", networktype="Advanced"
    )["zone"]["id"]
    network = _network(client, zone)
    pod = client.now("createPod", zoneid=zone, name="pod1", **_range("172.16.15"))["pod"]["id"]
    client.now("createVlanIpRange", zoneid=zone, vlan="28", forvirtualnetwork="true", **_range("10.147.28"))
    at = {"zoneid": zone, "podid": pod}
    cluster = client.now(
        "addCluster", **at, clustername="cluster1", clustertype="CloudManaged", hypervisor="KVM"
    )["cluster"][0]["id"]
    at["clusterid"] = cluster
    login = {"username": "root", "password": "lab-only"}
    host = client.now("addHost", **at, hypervisor="KVM", url="http://10.130.208.61", **login)["host"][0]["id"]
    pool = client.now("createStoragePool", **at, name="primary1", url="nfs://10.0.0.1/primary")["storagepool"]
    staging = client.now("createSecondaryStagingStore", zoneid=zone, url="nfs://10.0.0.1/staging")
    return Made(
        added["imagestore"]["id"],
        zone,
        network,
        pod,
        cluster,
        host,
        pool["id"],
        staging["secondarystorage"]["id"],
    )


def _network(client: Client, zone: str) -> str:
    network: str = client.job("createPhysicalNetwork", zoneid=zone, name="physnet1", vlan="100-199")[
        "physicalnetwork"
    ]["id"]
    for traffic in ("Public", "Management", "Guest"):
        client.job("addTrafficType", physicalnetworkid=network, traffictype=traffic)
    client.job("updatePhysicalNetwork", id=network, state="Enabled")
    providers = client.now("listNetworkServiceProviders", physicalnetworkid=network, name="VirtualRouter")
    router = providers["networkserviceprovider"][0]["id"]
    element = client.now("listVirtualRouterElements", nspid=router)["virtualrouterelement"][0]["id"]
    client.job("configureVirtualRouterElement", id=element, enabled="true")
    client.job("updateNetworkServiceProvider", id=router, state="Enabled")
    return network


def _range(subnet: str) -> dict[str, str]:
    return {
        "gateway": f"{subnet}.1",
        "netmask": "255.255.255.0",
        "startip": f"{subnet}.10",
        "endip": f"{subnet}.100",
    }


def seen(client: Client) -> dict[str, Any]:
    """What the lists show, by kind: names, and states where there are some."""
    kinds = {
        "listImageStores": ("imagestore", "providername"),
        "listZones": ("zone", "allocationstate"),
        "listPhysicalNetworks": ("physicalnetwork", "state"),
        "listPods": ("pod", "allocationstate"),
        "listClusters": ("cluster", "allocationstate"),
        "listStoragePools": ("storagepool", "state"),
    }
    found: dict[str, Any] = {}
    for command, (key, state) in kinds.items():
        answer = client.now(command)
        found[key] = [(each["name"], each[state]) for each in answer.get(key, [])]
    return found


WHOLE = {
    "imagestore": [("swift01", "Swift")],
    "zone": [("zone1", "Enabled")],
    "physicalnetwork": [("physnet1", "Enabled")],
    "pod": [("pod1", "Enabled")],
    "cluster": [("cluster1", "Enabled")],
    "storagepool": [("primary1", "Up")],
}
NOTHING: dict[str, list[Any]] = {key: [] for key in WHOLE}


def unmake(client: Client, made: Made, advance: Callable[[float], None]) -> None:
    """Everything away again."""
    client.now("updateZone", id=made.zone, allocationstate="Disabled")
    for vm in client.now("listSystemVms").get("systemvm", []):
        client.job("destroySystemVm", id=vm["id"])
    client.job("enableStorageMaintenance", id=made.pool)
    client.now("deleteStoragePool", id=made.pool)
    started = client.now("prepareHostForMaintenance", id=made.host)
    advance(MAINTENANCE_SECONDS)
    assert client.now("queryAsyncJobResult", jobid=started["jobid"])["jobstatus"] == 1
    client.now("deleteHost", id=made.host)
    client.now("deleteCluster", id=made.cluster)
    client.now("deletePod", id=made.pod)
    client.job("deletePhysicalNetwork", id=made.network)
    client.now("deleteSecondaryStagingStore", id=made.staging)
    client.now("deleteImageStore", id=made.store)
    client.now("deleteZone", id=made.zone)
