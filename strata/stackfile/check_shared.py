"""What no two zones, clusters or places of one cluster can share: a staging store, primary storage, a hypervisor host."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from strata.stackfile.located import Path, render
from strata.stackfile.shape import Breach
from strata.stackfile.tree import VOLUMES, ZONES, Entry, Tree, clusters_of


def breaches(tree: Tree) -> Iterator[Breach]:
    """Everything that stands in two places of all zones and can be in one only."""
    zones = tree.entries(ZONES)
    clusters = [cluster for zone in zones for cluster in clusters_of(zone, tree)]
    storage = [one for cluster in clusters for one in tree.entries(cluster.at("primaryStorage"))]
    hosts = [one for cluster in clusters for one in tree.entries(cluster.at("hosts"))]
    yield from _staging(zones, tree)
    for place, first in _again((one.at("url"), _export(one.text("url"))) for one in storage):
        yield place, f"CloudStack would have that primary storage twice; the other one is {render(first)}."
    for place, first in _again((host.at("address"), _address(host)) for host in hosts):
        yield place, f"CloudStack would have that host twice; the other one is {render(first)}."


def _staging(zones: list[Entry], tree: Tree) -> Iterator[Breach]:
    stagings = [zone.inner("staging") for zone in zones]
    exports = [(_place(staging), _exported(staging, tree)) for staging in stagings]
    told = set()
    for place, first in _again(exports):
        told.add(place)
        yield (
            place,
            f"CloudStack would give this zone the staging store of another, {render(first)}; each zone needs its own.",
        )
    # By another data LIF it is another store to CloudStack, and still the same directories.
    volumes = [(staging.at("volume"), staging.text("volume")) for staging in stagings]
    for place, first in _again(volumes):
        if place not in told:
            yield (
                place,
                f"two zones would write into the same volume, the other one at {render(first)}; each zone needs its own.",
            )


def _place(staging: Entry) -> Path:
    return staging.at("volume" if "volume" in staging.values else "url")


def _exported(staging: Entry, tree: Tree) -> str | None:
    """The URL by which CloudStack knows the store."""
    name = staging.text("volume")
    if name is None:
        return _export(staging.text("url"))
    volume = tree.entry((*VOLUMES, name))
    lif, junction = staging.text("dataLif"), volume.text("junctionPath") if volume else None
    return _export(f"nfs://{lif}{junction}") if lif and junction else None


def _export(url: str | None) -> str | None:
    """The URL with its server in lower case; paths are told apart by case."""
    server, slash, path = (url or "").removeprefix("nfs://").partition("/")
    return f"{server.lower()}{slash}{path}" if server and path else None


def _address(host: Entry) -> str | None:
    address = host.text("address")
    return address.lower().removesuffix(".") if address else None


def _again(places: Iterable[tuple[Path, str | None]]) -> Iterator[tuple[Path, Path]]:
    """Each place of what stood before already, with the first place of it."""
    seen: dict[str, Path] = {}
    for place, what in places:
        if what is None:
            continue
        first = seen.setdefault(what, place)
        if first != place:
            yield place, first
