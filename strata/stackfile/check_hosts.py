"""What the schema can't say about hosts and mounts: what they name, and what would lie upon one another."""

from __future__ import annotations

from collections.abc import Iterator

from strata.stackfile.located import Path, render
from strata.stackfile.naming import dangling
from strata.stackfile.shape import Breach
from strata.stackfile.tree import HOSTS, MOUNTS, VOLUMES, Entry, Tree, hosts_of


def breaches(tree: Tree) -> Iterator[Breach]:
    """Everything wrong in `strata:mounts` beyond the schema."""
    for check in (_hosts, _volumes, _mount_points, _straight_paths):
        yield from check(tree)


def _hosts(tree: Tree) -> Iterator[Breach]:
    known = tree.names(HOSTS)
    for path, host in [at for mount in tree.entries(MOUNTS) for at in hosts_of(mount)]:
        if host not in known:
            yield path, dangling(host, known, HOSTS)


def _volumes(tree: Tree) -> Iterator[Breach]:
    known = tree.names(VOLUMES)
    for mount in tree.entries(MOUNTS):
        name = mount.text("volume")
        if name is None:
            continue
        volume = tree.entry((*VOLUMES, name))
        if name not in known:
            yield mount.at("volume"), dangling(name, known, VOLUMES)
        elif volume and not volume.values.get("junctionPath"):
            yield (
                mount.at("volume"),
                f"the volume {name} has no junctionPath, so nobody can mount it; add one at {render(volume.path)}.",
            )


def _mount_points(tree: Tree) -> Iterator[Breach]:
    seen: dict[tuple[str, str], Path] = {}
    for mount in tree.entries(MOUNTS):
        point = mount.text("path")
        for _, host in hosts_of(mount) if point else []:
            first = seen.setdefault((host, str(point)), mount.at("path"))
            if first != mount.at("path"):
                yield (
                    mount.at("path"),
                    f"host {host} would mount two things at {point}; the other one is {render(first)}.",
                )


def _straight_paths(tree: Tree) -> Iterator[Breach]:
    """`..` in a path would lead elsewhere than it says, and the kernel's report would never equal it."""
    entries: list[tuple[Entry, tuple[str, ...]]] = [
        (volume, ("junctionPath",)) for volume in tree.entries(VOLUMES)
    ]
    entries += [(mount, ("path", "export")) for mount in tree.entries(MOUNTS)]
    for entry, keys in entries:
        for key in keys:
            if {".", ".."} & set((entry.text(key) or "").split("/")):
                yield entry.at(key), f'found "{entry.text(key)}"; allowed: a path without . and .. in it.'
