"""What the schema can't say about zones: what they stand on, and what an Advanced and a Basic zone need or can't have."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from strata.stackfile.check_cloudstack import named_twice
from strata.stackfile.located import render
from strata.stackfile.naming import dangling
from strata.stackfile.shape import Breach
from strata.stackfile.tree import CLOUDSTACK, HOSTS, MOUNTS, VOLUMES, ZONES, Entry, Tree, hosts_of


def breaches(tree: Tree) -> Iterator[Breach]:
    """Everything wrong in the zones beyond the schema, but for their addresses."""
    zones = tree.entries(ZONES)
    yield from named_twice(zones, "zone", "CloudStack")
    for entry in zones:
        zone = _Zone(entry, tree)
        for check in (_staging, _template, _kind, _traffic, _guests, _storage_traffic, _names):
            yield from check(zone)


@dataclass(frozen=True)
class _Zone:
    """A zone, with what several checks ask of it."""

    entry: Entry
    tree: Tree

    @property
    def basic(self) -> bool:
        return self.entry.text("networkType") == "Basic"

    @property
    def advanced(self) -> bool:
        return self.entry.text("networkType") == "Advanced"

    @property
    def security_groups(self) -> bool:
        return self.entry.values.get("securityGroups", self.basic) is True

    @property
    def networks(self) -> list[Entry]:
        return self.tree.entries(self.entry.at("physicalNetworks"))

    @property
    def pods(self) -> list[Entry]:
        return self.tree.entries(self.entry.at("pods"))

    def carrying(self, traffic: str) -> list[Entry]:
        """Physical networks with that kind of traffic."""
        return [network for network in self.networks if traffic in network.inner("traffic").values]


def _staging(zone: _Zone) -> Iterator[Breach]:
    staging = zone.entry.inner("staging")
    name, known = staging.text("volume"), zone.tree.names(VOLUMES)
    if name is None:
        return
    volume = zone.tree.entry((*VOLUMES, name))
    if name not in known:
        yield staging.at("volume"), dangling(name, known, VOLUMES)
    elif volume and not volume.values.get("junctionPath"):
        missing = f"the volume {name} has no junctionPath, so nobody can mount it"
        yield staging.at("volume"), f"{missing}; add one at {render(volume.path)}."
    elif volume and "~" in (volume.text("junctionPath") or ""):
        yield (
            staging.at("volume"),
            f"the junctionPath of {name} has a tilde, which can't be sent to CloudStack.",
        )


def _template(zone: _Zone) -> Iterator[Breach]:
    template, staging = zone.entry.inner("systemVmTemplate"), zone.entry.inner("staging")
    name, known = template.text("mount"), zone.tree.names(MOUNTS)
    if name is None:
        return
    mount = zone.tree.entry((*MOUNTS, name))
    if name not in known:
        yield template.at("mount"), dangling(name, known, MOUNTS)
    if mount is None:
        return
    if staging.values and _mounted(mount) != _staged(staging):
        yield template.at("mount"), f"the mount {name} isn't the zone's staging store, {_spoken(staging)}."
    host = (zone.tree.entry(CLOUDSTACK) or mount).inner("management").text("host")
    if host in zone.tree.names(HOSTS) and host not in {one for _, one in hosts_of(mount)}:
        missing = f"the management server's host {host} doesn't have the mount {name}"
        yield template.at("mount"), f"{missing}; add it to the hosts of {render(mount.path)}."
    for path, option in mount.texts("options"):
        if option == "ro":
            yield path, "the system VM template can't be put on a mount that is read-only; remove ro."


def _mounted(mount: Entry) -> tuple[str | None, str | None]:
    return (
        (mount.text("volume"), None)
        if "volume" in mount.values
        else (mount.text("server"), mount.text("export"))
    )


def _staged(staging: Entry) -> tuple[str | None, str | None]:
    if "volume" in staging.values:
        return staging.text("volume"), None
    server, slash, path = (staging.text("url") or "").removeprefix("nfs://").partition("/")
    return server, slash + path


def _spoken(staging: Entry) -> str:
    volume = staging.text("volume")
    return f"which is the volume {volume}" if volume else f"which is {staging.text('url')}"


def _kind(zone: _Zone) -> Iterator[Breach]:
    if zone.advanced:
        yield from _advanced(zone)
    elif zone.basic:
        yield from _basic(zone)


def _advanced(zone: _Zone) -> Iterator[Breach]:
    entry = zone.entry
    if zone.security_groups:
        lacks = (
            "the guest networks of an Advanced zone with security groups can't be given addresses here yet"
        )
        yield entry.at("securityGroups"), f"{lacks}; remove it, or make the zone Basic."
    elif "guestNetwork" in entry.values:
        yield entry.at("guestNetwork"), "only a Basic zone has one network for all guests; remove it."
    # What isn't an object is the schema's business.
    bare = entry.values.get("publicIpRanges") in (None, {})
    if bare and not zone.security_groups and entry.values.get("enabled") is not False:
        need = "an enabled Advanced zone needs an entry in publicIpRanges, where its system VMs and routers get addresses"
        yield (
            entry.at("publicIpRanges" if "publicIpRanges" in entry.values else "networkType"),
            f"{need}; declare one, or set enabled: false.",
        )
    for pod in zone.pods:
        if "guestIpRange" in pod.values:
            yield pod.at("guestIpRange"), "only a Basic zone has guests' addresses in a pod; remove it."


def _basic(zone: _Zone) -> Iterator[Breach]:
    entry = zone.entry
    for key in ("guestCidr", "publicIpRanges"):
        if key in entry.values:
            yield entry.at(key), f"{key} is for Advanced zones, and this one is Basic; remove it."
    if "guestNetwork" not in entry.values:
        need = "a Basic zone needs guestNetwork beside it"
        yield (
            entry.at("networkType"),
            f"{need}, for example guestNetwork: {{offering: DefaultSharedNetworkOfferingWithSGService}}.",
        )
    for network in zone.networks:
        if "vlans" in network.values:
            yield network.at("vlans"), "guests have no VLANs in a Basic zone; remove it."
    for pod in zone.pods:
        if zone.tree.names(pod.at("clusters")) and "guestIpRange" not in pod.values:
            lacks = "guestIpRange is missing, and guests of a Basic zone get their addresses from their pod"
            yield pod.path, f"{lacks}; declare one that lies apart from startIp to endIp."


def _traffic(zone: _Zone) -> Iterator[Breach]:
    if not zone.networks or not (zone.advanced or zone.basic):
        return
    where = zone.entry.at("physicalNetworks")
    needed = ["Management", "Guest"]
    if zone.advanced and not zone.security_groups:
        needed.append("Public")
    for traffic in needed:
        if not zone.carrying(traffic):
            what = f"no physical network carries {traffic} traffic, without which the zone can't be enabled"
            if traffic == "Guest":
                what = "no physical network carries Guest traffic, so no virtual machine could be reached"
            yield where, f"{what}; add {traffic}: {{}} to the traffic of one."
    alone = ["Management", "Public", "Storage", *(["Guest"] if zone.basic else [])]
    for traffic in alone:
        first, *more = zone.carrying(traffic) or [zone.entry]
        for network in more:
            yield (
                (*network.at("traffic"), traffic),
                f"only one physical network can carry {traffic} traffic here; the other one is {render(first.path)}.",
            )


def _guests(zone: _Zone) -> Iterator[Breach]:
    guests, carrying = zone.entry.inner("guestNetwork"), zone.carrying("Guest")
    if not guests.values:
        return
    name, path = guests.text("physicalNetwork"), zone.entry.at("physicalNetworks")
    known = zone.tree.names(path)
    if name is None:
        if "physicalNetwork" not in guests.values and len(carrying) > 1:
            names = ", ".join(network.name for network in carrying)
            yield guests.path, f"physicalNetwork is missing; several carry Guest traffic: {names}."
    elif name not in known:
        yield guests.at("physicalNetwork"), dangling(name, known, path)
    elif name not in {network.name for network in carrying}:
        yield guests.at("physicalNetwork"), f"{name} carries no Guest traffic."


def _storage_traffic(zone: _Zone) -> Iterator[Breach]:
    for pod in zone.pods:
        if "storageIpRange" in pod.values and zone.networks and not zone.carrying("Storage"):
            yield (
                pod.at("storageIpRange"),
                f"no physical network carries Storage traffic; add Storage: {{}} at {render(zone.entry.at('physicalNetworks'))}.",
            )


def _names(zone: _Zone) -> Iterator[Breach]:
    where = f"the zone {zone.entry.name}"
    yield from named_twice(zone.networks, "physical network", where)
    yield from named_twice(zone.pods, "pod", where)
    for pod in zone.pods:
        clusters = zone.tree.entries(pod.at("clusters"))
        yield from named_twice(clusters, "cluster", f"the pod {pod.name}")
