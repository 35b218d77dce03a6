"""Environments made through the systems' own interfaces, as people and other tools make them."""

from __future__ import annotations

from typing import Any

from lab.cloudstack.testing import RunningCloudStack
from lab.ontap.testing import RunningOntap

SVM = {"name": "demo-nfs-svm"}


def rule(client: str = "10.130.208.0/24", **changes: Any) -> dict[str, Any]:
    """An export rule with ONTAP's own spelling."""
    flavours = {"ro_rule": ["sys"], "rw_rule": ["sys"], "superuser": ["sys"]}
    return {"clients": [{"match": client}], **flavours, **changes}


def ontap(cluster: RunningOntap, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    """One request, its job done."""
    answer = cluster.request(method, f"/api{path}", json=body or {}, params={"return_timeout": 15})
    assert answer.status_code < 300, answer.text
    cluster.advance(60)
    return answer.json() if answer.content else {}


def policy(cluster: RunningOntap, name: str, *rules: dict[str, Any]) -> None:
    ontap(cluster, "POST", "/protocols/nfs/export-policies", {"name": name, "svm": SVM, "rules": list(rules)})


def volume(cluster: RunningOntap, name: str, policy: str = "default", **more: Any) -> str:
    """A volume at `/NAME`; its UUID."""
    nas = {"path": f"/{name}", "export_policy": {"name": policy}, **more.pop("nas", {})}
    body = {"name": name, "svm": SVM, "aggregates": [{"name": "aggr1"}], "size": 2**30, "nas": nas}
    savings = more.pop("efficiency", None)
    ontap(cluster, "POST", "/storage/volumes", {**body, **more})
    made = cluster.volume(name)
    assert made is not None
    uuid = str(made["uuid"])
    if savings:
        ontap(cluster, "PATCH", f"/storage/volumes/{uuid}", {"efficiency": savings})
    return uuid


def swift_store(cloud: RunningCloudStack, url: str, name: str = "swift01") -> str:
    details = {"account": "test", "username": "tester", "key": "testing"}
    given = {"provider": "Swift", "name": name, "url": url}
    for number, (key, value) in enumerate(details.items()):
        given |= {f"details[{number}].key": key, f"details[{number}].value": value}
    return str(cloud.ask("addImageStore", **given)["imagestore"]["id"])


def addresses(subnet: str, first: int = 10, last: int = 99) -> dict[str, str]:
    return {
        "gateway": f"{subnet}.1",
        "netmask": "255.255.255.0",
        "startip": f"{subnet}.{first}",
        "endip": f"{subnet}.{last}",
    }


def network(
    cloud: RunningCloudStack,
    zone: str,
    traffic: dict[str, dict[str, str]],
    providers: tuple[str, ...],
    **more: str,
) -> str:
    """A physical network with its traffic, enabled, and with its providers."""
    found = cloud.ask("createPhysicalNetwork", zoneid=zone, name="physnet 1", **more)
    id = str((found.get("physicalnetwork") or found)["id"])
    for type, labels in traffic.items():
        cloud.ask("addTrafficType", physicalnetworkid=id, traffictype=type, **labels)
    cloud.ask("updatePhysicalNetwork", id=id, state="Enabled")
    for name in providers:
        (row,) = cloud.ask("listNetworkServiceProviders", physicalnetworkid=id, name=name)[
            "networkserviceprovider"
        ]
        if name != "SecurityGroupProvider":
            (element,) = cloud.ask("listVirtualRouterElements", nspid=row["id"])["virtualrouterelement"]
            cloud.ask("configureVirtualRouterElement", id=element["id"], enabled="true")
        cloud.ask("updateNetworkServiceProvider", id=row["id"], state="Enabled")
    return id


def cluster(cloud: RunningCloudStack, zone: str, pod: str, subnet: str, hypervisor: str = "KVM") -> str:
    """A cluster with one host and its primary storage."""
    at = {"zoneid": zone, "podid": pod}
    made = cloud.ask(
        "addCluster", **at, clustername="cluster1", clustertype="CloudManaged", hypervisor=hypervisor
    )
    at["clusterid"] = str(made["cluster"][0]["id"])
    login = {"username": "root", "password": "lab-only"}
    cloud.ask("addHost", **at, hypervisor=hypervisor, url=f"http://{subnet}.61", hosttags="ssd", **login)
    cloud.ask("createStoragePool", **at, name="primary1", url=f"nfs://10.0.0.1/{zone}", tags="fast")
    return at["clusterid"]


def advanced_zone(
    cloud: RunningCloudStack, staging: str, name: str = "zone1", number: int = 15, enabled: bool = True
) -> str:
    """A whole Advanced zone; its id."""
    given = {"dns1": "8.8.8.8", "dns2": "9.9.9.9", "internaldns1": "10.0.0.2", "domain": "cs.example"}
    made = cloud.ask("createZone", name=name, networktype="Advanced", guestcidraddress="10.1.1.0/24", **given)
    zone = str(made["zone"]["id"])
    traffic = {
        "Management": {"kvmnetworklabel": "cloudbr0"},
        "Public": {},
        "Guest": {"kvmnetworklabel": "cloudbr1"},
        "Storage": {"kvmnetworklabel": "cloudbr2"},
    }
    network(cloud, zone, traffic, ("VirtualRouter",), vlan="100-199", isolationmethods="VXLAN")
    cloud.ask(
        "createVlanIpRange", zoneid=zone, vlan="28", forvirtualnetwork="true", **addresses(f"10.147.{number}")
    )
    pod = str(cloud.ask("createPod", zoneid=zone, name="pod1", **addresses(f"172.16.{number}"))["pod"]["id"])
    cloud.ask("createStorageNetworkIpRange", podid=pod, vlan="77", **addresses(f"172.17.{number}"))
    cluster(cloud, zone, pod, f"172.16.{number}")
    cloud.ask("createSecondaryStagingStore", zoneid=zone, provider="NFS", url=staging)
    if enabled:
        cloud.ask("updateZone", id=zone, allocationstate="Enabled")
    return zone


def basic_zone(cloud: RunningCloudStack, staging: str, name: str = "basic") -> str:
    """A whole Basic zone, not enabled."""
    given = {"dns1": "8.8.8.8", "internaldns1": "10.0.0.2", "networktype": "Basic"}
    zone = str(cloud.ask("createZone", name=name, **given)["zone"]["id"])
    network(cloud, zone, {"Management": {}, "Guest": {}}, ("VirtualRouter", "SecurityGroupProvider"))
    offerings = cloud.ask("listNetworkOfferings")["networkoffering"]
    offering = next(
        one["id"] for one in offerings if one["name"] == "DefaultSharedNetworkOfferingWithSGService"
    )
    guests = cloud.ask(
        "createNetwork", zoneid=zone, name="guests", displaytext="all guests", networkofferingid=offering
    )
    pod = str(cloud.ask("createPod", zoneid=zone, name="rack 1", **addresses("172.20.0"))["pod"]["id"])
    given = {"networkid": guests["network"]["id"], "forvirtualnetwork": "false", "podid": pod}
    cloud.ask("createVlanIpRange", zoneid=zone, vlan="untagged", **given, **addresses("172.21.0"))
    cluster(cloud, zone, pod, "172.20.0")
    cloud.ask("createSecondaryStagingStore", zoneid=zone, provider="NFS", url=staging)
    return zone
