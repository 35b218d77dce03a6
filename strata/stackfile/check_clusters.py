"""What the schema can't say about clusters: what a zone's system VMs, their template and primary storage need there."""

from __future__ import annotations

from collections.abc import Iterator

from strata.stackfile.located import render
from strata.stackfile.naming import did_you_mean
from strata.stackfile.shape import Breach
from strata.stackfile.tree import CLOUDSTACK, ZONES, Entry, Tree, clusters_of

TEMPLATE_HYPERVISOR = "kvm"
"""The schema's default."""


def breaches(tree: Tree) -> Iterator[Breach]:
    """Everything wrong between the zones and their clusters."""
    for zone in tree.entries(ZONES):
        clusters = clusters_of(zone, tree)
        yield from _template(zone, clusters)
        yield from _system_vms(zone, clusters, tree)
        for cluster in clusters:
            yield from _storage(cluster, tree)


def _template(zone: Entry, clusters: list[Entry]) -> Iterator[Breach]:
    template = zone.inner("systemVmTemplate")
    # CloudStack spells clusters' hypervisors KVM and XenServer, its installer kvm and xenserver.
    known = {name.lower() for cluster in clusters if (name := cluster.text("hypervisor"))}
    # A zone without clusters in this file gets them from elsewhere.
    if not template.values or not known:
        return
    given = "hypervisor" in template.values
    name = template.text("hypervisor") if given else TEMPLATE_HYPERVISOR
    if name is None or name.lower() in known:
        return
    what = f"the template is for {name}" if given else f"without hypervisor the template is for {name}"
    yield (
        template.at("hypervisor") if given else template.path,
        f"{what}, a hypervisor that no cluster of the zone has.{did_you_mean(name, known)}",
    )


def _system_vms(zone: Entry, clusters: list[Entry], tree: Tree) -> Iterator[Breach]:
    if zone.values.get("enabled") is False or zone.values.get("waitForSystemVms") is False:
        return
    missing = []
    if not any(tree.names(cluster.at("hosts")) for cluster in clusters):
        missing.append("host")
    if not any(tree.names(cluster.at("primaryStorage")) for cluster in clusters) and not _local(zone, tree):
        missing.append("primary storage")
    if missing:
        lacks = f"an enabled zone is waited for until its system VMs run, and they have no {' and no '.join(missing)}"
        yield (
            zone.path,
            f"{lacks}; declare what is missing in a cluster, or set waitForSystemVms: false or enabled: false.",
        )


def _local(zone: Entry, tree: Tree) -> bool:
    """Whether system VMs lie on their hosts' own disks."""
    settings = tree.at((*CLOUDSTACK, "settings"))
    said = settings.get("system.vm.use.local.storage") if isinstance(settings, dict) else None
    return zone.values.get("localStorage") is True and str(said).lower() == "true"


def _storage(cluster: Entry, tree: Tree) -> Iterator[Breach]:
    storage = tree.entries(cluster.at("primaryStorage"))
    if storage and not tree.names(cluster.at("hosts")):
        yield (
            cluster.at("primaryStorage"),
            f"no host could mount it; declare hosts at {render(cluster.path)}, or put it into a cluster that has some.",
        )
    for one in storage:
        if one.text("scope") == "zone" and (cluster.text("hypervisor") or "").lower() == "xenserver":
            yield (
                one.at("scope"),
                "XenServer has no primary storage for a whole zone; write scope: cluster, and each cluster its own.",
            )
