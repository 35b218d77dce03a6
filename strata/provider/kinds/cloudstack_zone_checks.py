"""What a zone needs before CloudStack enables it, before its system VMs come, and before they go. Reads only."""

from __future__ import annotations

from dataclasses import dataclass

from strata.clients.cloudstack import CloudStackClient, Document
from strata.errors import Failed
from strata.provider.kinds.cloudstack_store_content import first_names, of_all_users

KINDS = ("secondarystoragevm", "consoleproxy")


@dataclass(frozen=True)
class SystemVms:
    """A zone's system VMs.

    listed  each as `kind name state`
    ready   both kinds run, and the agent of the secondary storage VM has reported
    line    where they stand, in words
    """

    listed: tuple[str, ...]
    ready: bool
    line: str


async def system_vms(api: CloudStackClient, zone: str) -> SystemVms:
    """What of them is there now."""
    rows = await api.rows("listSystemVms", zoneid=zone)
    running = {str(row.get("systemvmtype")) for row in rows if row.get("state") == "Running"}
    agents = await api.rows("listHosts", zoneid=zone, type="SecondaryStorageVM") if running else []
    agent = any(row.get("state") == "Up" for row in agents)
    listed = sorted(f"{row.get('systemvmtype')} {row.get('name')} {row.get('state')}" for row in rows)
    if running.issuperset(KINDS) and not agent:
        line = "they run, and the agent of the secondary storage VM is not up yet"
    else:
        line = ", ".join(listed) or "there are none"
    return SystemVms(tuple(listed), agent and running.issuperset(KINDS), line)


async def cannot_enable(api: CloudStackClient, zone: Document) -> None:
    """Raises Failed where CloudStack would refuse to enable the zone: it looks for two kinds of traffic, and nothing else."""
    wanted = {"Management"}
    if zone.get("networktype") == "Advanced" and not zone.get("securitygroupsenabled"):
        wanted.add("Public")
    for network in await api.rows("listPhysicalNetworks", zoneid=zone["id"]):
        rows = await api.rows("listTrafficTypes", physicalnetworkid=network["id"])
        wanted -= {str(row.get("traffictype")) for row in rows}
    if wanted:
        raise Failed(
            f"The zone {zone['name']} can't be enabled: no physical network of it carries {' or '.join(sorted(wanted))} traffic. "
            "Declare it under `traffic` of one of its physicalNetworks."
        )


async def no_users_machines(api: CloudStackClient, zone: Document) -> None:
    """Raises Failed where users have virtual machines in the zone: without its system VMs they would be cut off."""
    rows = await of_all_users(api, "listVirtualMachines", zoneid=zone["id"])
    if not rows:
        return
    named = [f"{row.get('name')} ({row.get('state')}, {_whose(row)})" for row in rows]
    raise Failed(
        f"The zone {zone['name']} is not taken out of use, because users have virtual machines in it: "
        f"{first_names(list(dict.fromkeys(named)))}. Nothing was changed: it keeps its state and its system VMs. "
        "Have them destroyed and expunged first, then repeat."
    )


def _whose(row: Document) -> str:
    return f"project {row['project']}" if row.get("project") else f"account {row.get('account')}"


async def why_no_system_vms(api: CloudStackClient, zone: Document, seeded: str) -> list[str]:
    """A sentence for each thing that keeps system VMs away."""
    id, legacy = str(zone["id"]), await api.era() == "legacy"
    reasons = []
    hosts = await api.rows("listHosts", zoneid=id, type="Routing")
    if not any(row.get("state") == "Up" for row in hosts):
        known = ", ".join(f"{row.get('name')} is {row.get('state')}" for row in hosts) or "it has none"
        reasons.append(f"No host of the zone is up ({known}).")
    if not await api.rows("listStoragePools", zoneid=id):
        reasons.append("The zone has no primary storage.")
    if legacy:
        staging = await api.rows("listHosts", zoneid=id, type="SecondaryStorage")
    else:
        if not await api.rows("listImageStores"):
            reasons.append("CloudStack has no image store.")
        staging = await api.rows("listSecondaryStagingStores", zoneid=id)
    if not staging:
        reasons.append("The zone has no NFS staging store (`staging`), without which nothing gets to Swift.")
    if not legacy and (missing := await _templates_missing(api, hosts)):
        reasons.append(_template_sentence(missing, zone, seeded))
    return reasons


async def _templates_missing(api: CloudStackClient, hosts: list[Document]) -> list[str]:
    """The hypervisors of the zone whose system VM template is not ready."""
    wanted = {str(row.get("hypervisor")) for row in hosts}
    rows = await api.rows("listTemplates", templatefilter="all", templatetype="SYSTEM")
    ready = {
        str(row.get("hypervisor"))
        for row in rows
        if row.get("templatetype") == "SYSTEM" and row.get("isready") is True
    }
    return sorted(wanted - ready)


def _template_sentence(missing: list[str], zone: Document, seeded: str) -> str:
    which = f"The system VM template of {' and '.join(missing)} is not ready in CloudStack"
    if seeded:
        return (
            f"{which}, although this stack put it on the staging store ({seeded}): look whether the installer script found the "
            "right mount and hypervisor."
        )
    return (
        f"{which}: with Swift first, CloudStack does not fetch it by itself. Declare `systemVmTemplate` in the zone "
        f"{zone['name']}, or run CloudStack's script cloud-install-sys-tmplt on the management host "
        "against the mounted staging store."
    )
