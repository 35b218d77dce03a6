"""Requests that the tests of the emulator have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lab.cloudstack.testing import RunningCloudStack

SWIFT_URL = "http://127.0.0.1:8080/auth/v1.0"
SWIFT_DETAILS = {
    "details[0].key": "account",
    "details[0].value": "test",
    "details[1].key": "username",
    "details[1].value": "tester",
    "details[2].key": "key",
    "details[2].value": "testing",
}


@dataclass(frozen=True)
class Zone:
    """The ids of a zone that has everything."""

    id: str
    network: str
    pod: str
    cluster: str
    host: str
    pool: str
    staging: str


def refused(cloud: RunningCloudStack, command: str, **params: str) -> tuple[int, int | None, str]:
    """Status, cserrorcode and text of a request that must not be taken."""
    answer = cloud.call(command, **params)
    assert answer.status_code >= 400, answer.text
    body = next(iter(answer.json().values()))
    return answer.status_code, body.get("cserrorcode"), body["errortext"]


def add_swift(cloud: RunningCloudStack, name: str = "swift") -> str:
    """A region-wide store; its id."""
    made = cloud.ask("addImageStore", provider="Swift", name=name, url=SWIFT_URL, **SWIFT_DETAILS)
    return str(made["imagestore"]["id"])


def bare_zone(cloud: RunningCloudStack, name: str = "z1", **more: str) -> str:
    """A zone with nothing in it; its id."""
    asked: dict[str, str] = {"dns1": "8.8.8.8", "internaldns1": "8.8.4.4", "networktype": "Advanced", **more}
    return str(cloud.ask("createZone", name=name, **asked)["zone"]["id"])


def whole_zone(cloud: RunningCloudStack, name: str = "z1", subnet: str = "172.16.15") -> Zone:
    """An Advanced zone with everything, not enabled yet."""
    zone = bare_zone(cloud, name)
    network = str(cloud.ask("createPhysicalNetwork", zoneid=zone, name="pn1")["physicalnetwork"]["id"])
    for traffic in ("Public", "Management", "Guest"):
        cloud.ask("addTrafficType", physicalnetworkid=network, traffictype=traffic)
    cloud.ask("updatePhysicalNetwork", id=network, state="Enabled")
    at = _range(subnet)
    pod = str(cloud.ask("createPod", zoneid=zone, name="p1", **at)["pod"]["id"])
    cloud.ask("createVlanIpRange", zoneid=zone, vlan="28", forvirtualnetwork="true", **_range("10.147.28"))
    named = {"clustername": "c1", "clustertype": "CloudManaged", "hypervisor": "KVM"}
    cluster = cloud.ask("addCluster", zoneid=zone, podid=pod, **named)["cluster"][0]["id"]
    place = {"zoneid": zone, "podid": pod, "clusterid": cluster}
    host = cloud.ask("addHost", **place, hypervisor="KVM", url=f"http://{name}-kvm")["host"][0]["id"]
    pool = cloud.ask("createStoragePool", **place, name="ps1", url=f"nfs://10.0.0.1/{name}")["storagepool"][
        "id"
    ]
    url = f"nfs://10.0.0.1/staging-{name}"
    add = "addSecondaryStorage" if cloud.emulator.system.legacy else "createSecondaryStagingStore"
    staging = cloud.ask(add, zoneid=zone, url=url)["secondarystorage"]["id"]
    return Zone(zone, network, pod, cluster, host, pool, staging)


def _range(subnet: str) -> dict[str, str]:
    ends: dict[str, Any] = {"gateway": 1, "startip": 10, "endip": 100}
    return {"netmask": "255.255.255.0", **{name: f"{subnet}.{last}" for name, last in ends.items()}}


def enable(cloud: RunningCloudStack, zone: str) -> None:
    """Enable the zone."""
    cloud.ask("updateZone", id=zone, allocationstate="Enabled")


def system_vms(cloud: RunningCloudStack) -> list[str]:
    """The states of all system VMs."""
    return [vm["state"] for vm in cloud.ask("listSystemVms").get("systemvm", [])]
