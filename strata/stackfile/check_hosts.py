"""What the schema can't say about hosts, mounts and Glance: what they name, and what would lie upon one another."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from strata.stackfile.located import Path, render
from strata.stackfile.naming import dangling
from strata.stackfile.shape import Breach
from strata.stackfile.tree import GLANCE, HOSTS, MOUNTS, STORE, VOLUMES, Entry, Tree, hosts_of


def breaches(tree: Tree) -> Iterator[Breach]:
    """Everything wrong in `strata:mounts` and `strata:glance` beyond the schema."""
    for check in (_hosts, _volumes, _mount_points, _glance_hosts, _store, _straight_paths):
        yield from check(tree)


def _hosts(tree: Tree) -> Iterator[Breach]:
    known = tree.names(HOSTS)
    glance = tree.entry(GLANCE)
    named = [at for mount in tree.entries(MOUNTS) for at in hosts_of(mount)] + (
        list(glance.texts("hosts")) if glance else []
    )
    for path, host in named:
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


def _glance_hosts(tree: Tree) -> Iterator[Breach]:
    glance, mount = tree.entry(GLANCE), _mount_of_store(tree)
    if glance is None or mount is None:
        return
    mounting = {host for _, host in hosts_of(mount)}
    for path, host in glance.texts("hosts"):
        if host in tree.names(HOSTS) and host not in mounting:
            missing = f"host {host} doesn't have the mount {mount.name} on which the images lie"
            yield path, f"{missing}; add it to the hosts of {render(mount.path)}."


def _store(tree: Tree) -> Iterator[Breach]:
    store = tree.entry(STORE)
    if store is None:
        return
    name, known = store.text("mount"), tree.names(MOUNTS)
    if name is not None and name not in known:
        yield store.at("mount"), dangling(name, known, MOUNTS)
    mount = _mount_of_store(tree)
    if mount is None:
        return
    directory, point = store.text("directory"), mount.text("path")
    if (
        directory
        and point
        and directory.startswith("/")
        and not PurePosixPath(directory).is_relative_to(point)
    ):
        yield (
            store.at("directory"),
            f'found "{directory}", which doesn\'t lie on the mount {mount.name}; allowed: {point} or a directory below it.',
        )
    for path, option in mount.texts("options"):
        if option == "ro":
            yield path, "Glance can't store an image on a mount that is read-only; remove ro."


def _mount_of_store(tree: Tree) -> Entry | None:
    store = tree.entry(STORE)
    name = store.text("mount") if store else None
    return tree.entry((*MOUNTS, name)) if name else None


def _straight_paths(tree: Tree) -> Iterator[Breach]:
    """`..` in a path would lead elsewhere than it says, and the kernel's report would never equal it."""
    store = tree.entry(STORE)
    entries: list[tuple[Entry, tuple[str, ...]]] = [
        (volume, ("junctionPath",)) for volume in tree.entries(VOLUMES)
    ]
    entries += [(mount, ("path", "export")) for mount in tree.entries(MOUNTS)]
    entries += [(store, ("directory", "configFile"))] if store else []
    for entry, keys in entries:
        for key in keys:
            if {".", ".."} & set((entry.text(key) or "").split("/")):
                yield entry.at(key), f'found "{entry.text(key)}"; allowed: a path without . and .. in it.'
