"""System VMs: a console proxy and a secondary storage VM per enabled zone, which take their time or never come."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Any

from lab.cloudstack import templates
from lab.cloudstack.commands import Call, Started, command, remove
from lab.cloudstack.config import SsvmWork, SwiftAccess, TemplateOnStaging
from lab.cloudstack.listing import listed, matching
from lab.ontap.model import Document

if TYPE_CHECKING:
    from lab.cloudstack.system import System

_KINDS = (
    ("consoleproxy", "v", "System Offering For Console Proxy"),
    ("secondarystoragevm", "s", "System Offering For Secondary Storage VM"),
)
_PRIVATE_FROM = 30  # so far into the pod's range


def settle(system: System) -> bool:
    """Start what can start, finish what has had its time; whether anything changed."""
    changed = False
    for zone in system.rows("zones"):
        changed = _settle_zone(system, zone) or changed
    return changed


def _settle_zone(system: System, zone: Document) -> bool:
    now, settings = system.clock.now(), system.settings
    vms = [vm for vm in system.rows("system_vms") if vm["zoneid"] == zone["uuid"]]
    changed = len(vms) < len(_KINDS) and _start_missing(system, zone, [vm["systemvmtype"] for vm in vms])
    for vm in vms:
        if vm["state"] == "Starting" and now >= vm["~began"] + settings.system_vm_boot:
            vm["state"] = "Running"
            changed = True
        agent = vm["~began"] + settings.system_vm_boot + settings.ssvm_agent
        if vm["systemvmtype"] == "secondarystoragevm" and not vm.get("agentstate") and now >= agent:
            _agent_up(system, zone, vm)
            changed = True
    return changed


def _start_missing(system: System, zone: Document, there: list[str]) -> bool:
    """Create what is not there once the zone has been ready for long enough; whether anything changed."""
    host = _host_for(system, zone)
    if host is None:
        return zone.pop("ready_since", None) is not None
    if "ready_since" not in zone:
        zone["ready_since"] = system.clock.now()
        return True
    began = zone["ready_since"] + system.settings.system_vm_after
    if system.clock.now() < began:
        return False
    del zone["ready_since"]
    _create(system, zone, host, began, there)
    return True


def why_not(system: System, zone: Document) -> str | None:
    """What keeps system VMs away from the zone, in the log's words; None when nothing does."""
    wanted = system.settings.system_vms
    hosts = [row for row in system.rows("hosts") if row["zoneid"] == zone["uuid"]]
    if wanted == "never":
        return "the lab was told to keep them away"
    if zone["allocationstate"] != "Enabled":
        return f"Zone {zone['name']} is not enabled"
    if not hosts:
        return f"No host is up in zone {zone['name']}"
    if not any(row["zoneid"] == zone["uuid"] for row in system.rows("pools")):
        return f"No primary storage in zone {zone['name']}"
    if wanted == "always":
        return None
    return _no_stores(system, zone) or _no_template(system, zone, hosts)


def _no_stores(system: System, zone: Document) -> str | None:
    if system.legacy and templates.staging_urls(system, zone["uuid"]):
        return None  # system VMs of that era need no other store than NFS
    image = [row for row in system.rows("image_stores") if row.get("zoneid") in (None, zone["uuid"])]
    region = any(row["scope"] == "REGION" for row in image)
    staged = any(row.get("zoneid") == zone["uuid"] for row in system.rows("staging_stores"))
    if not image or (region and not staged):
        return "No cache DataStore in scope" if image else f"No image store for zone {zone['name']}"
    return None


def _no_template(system: System, zone: Document, hosts: list[Document]) -> str | None:
    # Not observed: that the legacy era's log has the same words.
    if any(templates.available(system, row["hypervisor"], zone["uuid"]) for row in hosts):
        return None
    return f"System VM Template is not ready at zone [{zone['~n']}]"


def _host_for(system: System, zone: Document) -> Document | None:
    if why_not(system, zone) is not None:
        return None
    hosts = [row for row in system.rows("hosts") if row["zoneid"] == zone["uuid"]]
    able = (row for row in hosts if templates.available(system, row["hypervisor"], zone["uuid"]))
    return next(able, hosts[0])


def _in_pod(pod: Document, offset: int) -> str:
    """The address so far into the pod's own range; a short range begins again, so that none is outside."""
    first, last = (int(ipaddress.IPv4Address(pod[end])) for end in ("startip", "endip"))
    return str(ipaddress.IPv4Address(first + offset % max(last - first + 1, 1)))


def _public_address(public: Document | None, pod: Document, index: int) -> str:
    if public is not None:
        return str(ipaddress.ip_address(public["startip"]) + index)
    # Not observed: what they get in a zone without a public range; here the pod's addresses after the private ones.
    return _in_pod(pod, _PRIVATE_FROM + len(_KINDS) + index)


def _create(system: System, zone: Document, host: Document, began: float, there: list[str]) -> None:
    pod = system.store.table("pods")[host["podid"]]
    public = next((row for row in system.rows("vlans") if row["zoneid"] == zone["uuid"]), None)
    addresses = public or pod
    template = next(
        (row for row in system.rows("templates") if row["hypervisor"] == host["hypervisor"]),
        {"uuid": "", "name": ""},
    )
    for index, (kind, letter, offering) in enumerate(_KINDS):
        if kind in there:
            continue
        number = system.store.next_number("vm_instances")
        service = system.store.find("service_offerings", "name", offering)
        system.add(
            "system_vms",
            **{"~began": began},
            name=f"{letter}-{number}-VM",
            systemvmtype=kind,
            state="Starting",
            zoneid=zone["uuid"],
            podid=pod["uuid"],
            hostid=host["uuid"],
            gateway=addresses["gateway"],
            publicip=_public_address(public, pod, index),
            publicnetmask=addresses["netmask"],
            privateip=_in_pod(pod, _PRIVATE_FROM + index),
            templateid=template["uuid"],
            templatename=template["name"],
            offering=offering,
            offeringid=service["uuid"] if service else None,
        )


def _agent_up(system: System, zone: Document, vm: Document) -> None:
    vm["agentstate"] = "Up"
    simulated = system.settings.simulator
    for template in system.rows("templates"):
        template["measured"] = simulated
        pools = [row for row in system.rows("pools") if row["zoneid"] == zone["uuid"]]
        if simulated and template["templatetype"] == "SYSTEM" and pools:
            template["places"].setdefault(pools[0]["uuid"], "Primary")
    if not simulated:
        zone["ssvm_due"] = system.clock.now()


def store_added(system: System) -> None:
    """Secondary storage VMs that run look at a new store at once."""
    for vm in system.rows("system_vms"):
        if vm.get("agentstate") and not system.settings.simulator:
            system.store.table("zones")[vm["zoneid"]]["ssvm_due"] = system.clock.now()


def next_work(system: System) -> SsvmWork | None:
    """Work whose time has come. It comes again later unless it is told done: the process may end in between."""
    now = system.clock.now()
    for zone in system.rows("zones"):
        if zone.get("ssvm_due", now + 1) <= now:
            zone["ssvm_due"] = now + system.settings.ssvm_retry
            return work_of(system, zone)
    return None


def work_of(system: System, zone: Document) -> SsvmWork:
    """What the zone's secondary storage VM has to do."""
    swifts = [row for row in system.rows("image_stores") if row["provider"] == "Swift"]
    rows = system.rows("templates")
    return SsvmWork(
        zone["uuid"],
        zone["name"],
        tuple(templates.staging_urls(system, zone["uuid"])),
        tuple(
            SwiftAccess(row["uuid"], row["name"], row["url"] or "", dict(row["details"])) for row in swifts
        ),
        tuple(
            TemplateOnStaging(
                row["number"], row["uuid"], row["name"], f"template-{row['number']}", row["format"]
            )
            for row in rows
        ),
        system.config.era,
    )


def transferred(system: System, work: SsvmWork) -> None:
    """The work is done: each template is on each Swift store, or on staging alone where there is none."""
    system.store.table("zones")[work.zone].pop("ssvm_due", None)
    stores = [(swift.uuid, "Image") for swift in work.swifts]
    if not stores:
        rows = system.rows("image_stores") + system.rows("staging_stores")
        stores = [(row["uuid"], "Image") for row in rows if row.get("zoneid") == work.zone]
    for template in system.rows("templates"):
        template["places"].update(stores)
        template["measured"] = True


@command("listSystemVms", of="system_vms")
def list_system_vms(call: Call) -> Document:
    """Nothing at all until they are created."""
    rows = matching(
        call.system.rows("system_vms"), call, "zoneid", "podid", "hostid", "systemvmtype", "state", "name"
    )
    return listed(call, "systemvm", [view(call.system, row) for row in rows])


def _finish_destroy(call: Call, _started: Started) -> Document:
    row = call.row("id", "system_vms")
    made = view(call.system, row)
    remove(row)
    return {"systemvm": {**made, "state": "Destroyed"}}


@command(
    "destroySystemVm",
    required=("id",),
    of="system_vms",
    job="admin.systemvm.DestroySystemVmCmd",
    finish=_finish_destroy,
)
def destroy_system_vm(call: Call) -> Started:
    """It comes back while the zone is enabled and its stores are there."""
    return Started(kind="SystemVm", instance=call.params["id"])


def view(system: System, vm: Document) -> Document:
    """A system VM; only the secondary storage VM that runs has an agent's state and version."""
    number = vm["~n"]
    made: dict[str, Any] = {"id": vm["uuid"], "systemvmtype": vm["systemvmtype"], "zoneid": vm["zoneid"]}
    zone, host = system.store.table("zones")[vm["zoneid"]], system.store.table("hosts")[vm["hostid"]]
    made.update(zonename=zone["name"], dns1=zone["dns1"], gateway=vm["gateway"], name=vm["name"])
    made.update(podid=vm["podid"], podname=system.name_of("pods", vm["podid"]), hostid=host["uuid"])
    made.update(hostname=host["name"], hostcontrolstate="Enabled", hypervisor=host["hypervisor"])
    made.update(privateip=vm["privateip"], privatemacaddress=f"1e:01:d5:00:00:{number:02x}")
    made.update(privatenetmask="255.255.255.0", linklocalip=f"169.254.101.{number}")
    made.update(linklocalmacaddress=f"0e:00:a9:fe:65:{number:02x}", linklocalnetmask="255.255.0.0")
    made.update(publicip=vm["publicip"], publicmacaddress=f"1e:01:5f:00:01:{number:02x}")
    made.update(
        publicnetmask=vm["publicnetmask"], templateid=vm["templateid"], templatename=vm["templatename"]
    )
    made.update(created=vm["created"], state=vm["state"])
    if vm.get("agentstate"):
        made.update(agentstate=vm["agentstate"], version=system.version)
    if vm["systemvmtype"] == "consoleproxy":
        made["activeviewersessions"] = 0
    made.update(
        isdynamicallyscalable=False, serviceofferingid=vm["offeringid"], serviceofferingname=vm["offering"]
    )
    return {**made, "arch": "x86_64", "hasannotations": False}
