"""Clusters and hosts. Adding either answers with a list of one."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from lab.cloudstack import networks, templates
from lab.cloudstack.commands import MODERN, Call, Started, command, remove
from lab.cloudstack.errors import PLAIN, ApiError, failed, invalid
from lab.cloudstack.listing import chosen, listed, matching
from lab.ontap.model import Document

if TYPE_CHECKING:
    from lab.cloudstack.system import System

HYPERVISORS = ("KVM", "VMware", "XenServer", "Hyperv", "BareMetal", "Ovm", "LXC", "Ovm3", "External")
_GIB = 2**30


@command("listHypervisors")
def list_hypervisors(call: Call) -> Document:
    """Those that a cluster can have; the simulator does not name itself."""
    return listed(call, "hypervisor", [{"name": name} for name in HYPERVISORS])


@command("addCluster", required=("zoneid", "podid", "clustername", "clustertype", "hypervisor"))
def add_cluster(call: Call) -> Document:
    """A hypervisor that nobody knows becomes `None`."""
    system, name = call.system, call.params["clustername"]
    pod, zone = call.params["podid"], call.params["zoneid"]
    if any(row["name"] == name and row["podid"] == pod for row in system.rows("clusters")):
        named = ({"uuid": pod, "description": "podId"}, {"uuid": zone, "description": "dcId"})
        raise failed(
            f"Unable to create cluster {name} in pod and data center with specified ids", uuids=named
        )
    asked = call.params["hypervisor"].lower()
    hypervisor = next((each for each in (*HYPERVISORS, "Simulator") if each.lower() == asked), "None")
    row = system.add("clusters", name=name, podid=pod, zoneid=zone, hypervisor=hypervisor)
    row.update(clustertype=call.params["clustertype"], allocationstate="Enabled")
    templates.cluster_added(system, hypervisor)
    return {"count": 1, "cluster": [view(system, row)]}


@command("listClusters", of="clusters")
def list_clusters(call: Call) -> Document:
    """By zone, pod, name or id."""
    rows = chosen(call, "clusters", "zoneid", "podid", "name", "hypervisor")
    return listed(call, "cluster", [view(call.system, row) for row in rows])


@command("updateCluster", required=("id",), of="clusters")
def update_cluster(call: Call) -> Document:
    """Name and state."""
    row = call.row("id", "clusters")
    row["name"] = call.get("clustername") or row["name"]
    row["allocationstate"] = call.get("allocationstate") or row["allocationstate"]
    return {"cluster": view(call.system, row)}


def _no_cluster(number: int) -> ApiError:
    return failed(f"Cluster: {number} does not exist")


@command("deleteCluster", required=("id",), of="clusters", gone=_no_cluster)
def delete_cluster(call: Call) -> Document:
    """Empty ones only."""
    row, system = call.row("id", "clusters"), call.system
    if any(host["clusterid"] == row["uuid"] for host in system.rows("hosts")):
        raise failed(f"Cluster: {row['~n']} cannot be removed. Cluster still has hosts")
    if any(pool.get("clusterid") == row["uuid"] for pool in system.rows("pools")):
        raise failed(
            f"Cluster: {row['~n']} cannot be removed. Cluster still has storage pools"
        )  # not observed
    remove(row)
    return {"success": True}


def view(system: System, row: Document) -> Document:
    """A cluster."""
    made: dict[str, Any] = {"id": row["uuid"], "name": row["name"], "podid": row["podid"]}
    made.update(podname=system.name_of("pods", row["podid"]), zoneid=row["zoneid"])
    made.update(zonename=system.name_of("zones", row["zoneid"]), hypervisortype=row["hypervisor"])
    made.update(
        clustertype=row["clustertype"], allocationstate=row["allocationstate"], managedstate="Managed"
    )
    if system.legacy:
        return made
    made.update(cpuovercommitratio="1.0", memoryovercommitratio="1.0")
    made["resourcedetails"] = {"memoryOvercommitRatio": "1.0", "cpuOvercommitRatio": "1.0"}
    return {**made, "arch": "x86_64", "hasannotations": False}


@command("addHost", required=("zoneid", "podid", "hypervisor", "url"))
def add_host(call: Call) -> Document:
    """The simulator takes any url, one twice; a KVM host must answer."""
    system, url = call.system, call.params["url"]
    zone, pod, cluster = call.row("zoneid"), call.row("podid"), call.live("clusterid")
    place = urlsplit(url)
    simulated = call.params["hypervisor"].lower() == "simulator"
    if not simulated and place.netloc in system.settings.dead_hosts:
        trouble = f"There was a problem while connecting to {place.netloc}"
        raise failed(
            f"Could not add host at [{url}] with zone [{networks.spoken_zone(zone)}], pod [{_spoken_pod(pod)}] and "
            f"cluster [{_spoken_cluster(cluster)}] due to: [ can't setup agent, due to java.io.IOException: "
            f"{trouble} - {trouble}].",
            PLAIN,
        )
    if not simulated and any(row["url"] == url for row in system.rows("hosts")):
        raise failed(f"Could not add host at [{url}]: it was added already", PLAIN)  # not observed
    row = system.add("hosts", url=url, zoneid=zone["uuid"], podid=pod["uuid"], resourcestate="Enabled")
    row["clusterid"] = cluster["uuid"] if cluster else None
    row["hypervisor"] = "Simulator" if simulated else call.params["hypervisor"]
    row["name"] = f"SimulatedAgent.{uuid.uuid4()}" if simulated else (place.hostname or url)
    row["ipaddress"] = (
        f"{pod['startip'].rpartition('.')[0]}.{row['~n'] + 10}" if simulated else place.hostname
    )
    row["since"] = system.clock.now()
    row["hosttags"] = call.get("hosttags")
    return {"count": 1, "host": [host_view(system, row)]}


def _spoken_pod(pod: Document) -> str:
    return f'HostPod {{"id":{pod["~n"]},"name":"{pod["name"]}","uuid":"{pod["uuid"]}"}}'


def _spoken_cluster(cluster: Document | None) -> str:
    if cluster is None:
        return "null"
    return f'Cluster {{id: "{cluster["~n"]}", name: "{cluster["name"]}", uuid: "{cluster["uuid"]}"}}'


@command("listHosts", of="hosts")
def list_hosts(call: Call) -> Document:
    """Routing hosts, and the secondary storage VMs whose agents are up."""
    system = call.system
    hosts = [host_view(system, row) for row in system.rows("hosts")]
    agents = [_agent_view(system, vm) for vm in system.rows("system_vms") if vm.get("agentstate")]
    nfs = [secondary_view(system, row) for row in system.rows("secondary_hosts")]
    rows = matching(hosts + agents + nfs, call, "id", "type", "zoneid", "podid", "clusterid", "name", "state")
    return listed(call, "host", matching(rows, call, "hypervisor", "resourcestate"))


@command("updateHost", required=("id",), of="hosts")
def update_host(call: Call) -> Document:
    """Tags; nothing takes them away. Not observed: the answer is taken to be the list's row."""
    row = call.row("id", "hosts")
    if call.get("hosttags") is not None:
        row["hosttags"] = call.params["hosttags"]
    return {"host": host_view(call.system, row)}


def _maintained(call: Call, _started: Started) -> Document:
    row = call.row("id", "hosts")
    row["resourcestate"] = "Maintenance" if call.command.startswith("prepare") else "Enabled"
    return {"host": host_view(call.system, row)}


@command(
    "prepareHostForMaintenance",
    required=("id",),
    of="hosts",
    job="admin.host.PrepareForHostMaintenanceCmd",
    finish=_maintained,
)
def prepare_host_for_maintenance(call: Call) -> Started:
    """Takes some seconds."""
    call.row("id", "hosts")["resourcestate"] = "PrepareForMaintenance"
    return Started(kind="Host", instance=call.params["id"], seconds=call.system.settings.host_maintenance)


@command(
    "cancelHostMaintenance",
    required=("id",),
    of="hosts",
    job="admin.host.CancelHostMaintenanceCmd",
    finish=_maintained,
)
def cancel_host_maintenance(call: Call) -> Started:
    """Back to work."""
    return Started(kind="Host", instance=call.params["id"])


def no_host(number: int) -> ApiError:
    """Not observed: the words for a host that was removed."""
    return invalid(f"Host with id {number} doesn't exist")


@command("deleteHost", required=("id",), of="hosts", gone=no_host, eras=MODERN)
def delete_host(call: Call) -> Document:
    """From maintenance only, unless forced."""
    row = call.row("id", "hosts")
    if row["resourcestate"] != "Maintenance" and not call.flag("forced"):
        raise failed(
            f"Host with UUID [{row['uuid']}] is not in maintenance mode and no forced deletion was requested."
        )
    remove(row)
    return {"success": True}


def host_view(system: System, row: Document) -> Document:
    """A hypervisor host; what its agent measures comes only after a while."""
    measured = system.clock.now() >= row["since"] + system.settings.host_stats_after
    made = {"id": row["uuid"], "name": row["name"], "state": "Up", "type": "Routing"}
    made.update(ipaddress=row["ipaddress"], **_place(system, row), version=system.version)
    made.update(hypervisor=row["hypervisor"], cpunumber=4, cpuspeed=8000, cpuallocated="0.00%")
    made.update(cpuallocatedvalue=0, cpuallocatedpercentage="0.00%", cpuallocatedwithoverprovisioning="0.00%")
    if measured:
        made.update(
            cpuused="0%", cpuloadaverage=0.0, networkkbsread=32768, networkkbswrite=16384, memoryused=0
        )
    made.update(
        cpuwithoverprovisioning="32000", memorytotal=8 * _GIB, memorywithoverprovisioning=str(8 * _GIB)
    )
    made.update(
        memoryallocated=0, memoryallocatedpercentage="0.00%", memoryallocatedbytes=0, capabilities="hvm"
    )
    cluster = {"clusterid": row["clusterid"], "clustername": system.name_of("clusters", row["clusterid"])}
    made.update(**_agent(system), **cluster, clustertype="CloudManaged", **_tail(row))
    made.update(hypervisorversion=system.version, hahost=False, ueficapability=False, arch="x86_64")
    if row.get("hosttags"):
        made["hosttags"] = row["hosttags"]  # not observed
    return {**made, "hasannotations": False}


def _place(system: System, row: Document) -> dict[str, Any]:
    zone, pod = row["zoneid"], row["podid"]
    named = {"zonename": system.name_of("zones", zone), "podname": system.name_of("pods", pod)}
    return {"zoneid": zone, "zonename": named["zonename"], "podid": pod, "podname": named["podname"]}


def _agent(system: System) -> dict[str, Any]:
    return {
        "lastpinged": "1970-01-21T06:59:06+0000",
        "managementserverid": system.id,
        "managementservername": "localhost",
    }


def _tail(row: Document) -> dict[str, Any]:
    return {
        "islocalstorageactive": False,
        "created": row["created"],
        "events": "AgentConnected; Ping; AgentDisconnected; HostDown; Remove",
        "hostha": {"haenable": False, "hastate": "Disabled"},
        "outofbandmanagement": {"powerstate": "Disabled", "enabled": False},
        "resourcestate": row.get("resourcestate", "Enabled"),
    }


def _agent_view(system: System, vm: Document) -> Document:
    made = {"id": vm["offeringid"] and str(uuid.uuid5(uuid.NAMESPACE_OID, vm["uuid"])), "name": vm["name"]}
    made.update(state="Up", type="SecondaryStorageVM", ipaddress=vm["privateip"], **_place(system, vm))
    made.update(version=system.version, memoryallocated=0, virtualmachineid=vm["uuid"], **_agent(system))
    return {**made, **_tail({"created": vm["created"]}), "hasannotations": False}


def secondary_view(system: System, row: Document) -> Document:
    """A legacy zone's NFS secondary storage is a host."""
    made = {"id": row["uuid"], "name": row["url"], "state": "Up", "type": "SecondaryStorage"}
    zone = {"zoneid": row["zoneid"], "zonename": system.name_of("zones", row["zoneid"])}
    return {**made, **zone, "created": row["created"], "resourcestate": "Enabled"}
