"""What the schema can't say about Glance: its hosts, where its store lies, and from where images may move to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from strata.stackfile.located import Path, render
from strata.stackfile.naming import dangling
from strata.stackfile.shape import Breach
from strata.stackfile.tree import GLANCE, HOSTS, MOUNTS, STORE, Entry, Tree, hosts_of


def breaches(tree: Tree) -> Iterator[Breach]:
    """Everything wrong in `strata:glance` beyond the schema."""
    for check in (_hosts, _mount, _local, _sources, _target, _straight_paths):
        yield from check(tree)


def _hosts(tree: Tree) -> Iterator[Breach]:
    glance, mount = tree.entry(GLANCE), _mount_of_store(tree)
    if glance is None:
        return
    known = tree.names(HOSTS)
    mounting = {host for _, host in hosts_of(mount)} if mount else known
    for path, host in glance.texts("hosts"):
        if host not in known:
            yield path, dangling(host, known, HOSTS)
        elif mount and host not in mounting:
            missing = f"host {host} doesn't have the mount {mount.name} on which the images lie"
            yield path, f"{missing}; add it to the hosts of {render(mount.path)}."


def _mount(tree: Tree) -> Iterator[Breach]:
    """The store lies on the mount that it names, and can be written there."""
    store, mount = tree.entry(STORE), _mount_of_store(tree)
    if store is None:
        return
    name, known = store.text("mount"), tree.names(MOUNTS)
    if name is not None and name not in known:
        yield store.at("mount"), dangling(name, known, MOUNTS)
    if mount is None:
        return
    directory, point = store.text("directory"), mount.text("path")
    if directory and point and directory.startswith("/") and not _within(directory, point):
        lies = f"which doesn't lie on the mount {mount.name}"
        yield store.at("directory"), f'found "{directory}", {lies}; allowed: {point} or a directory below it.'
    for path, option in mount.texts("options"):
        if option == "ro":
            yield path, "Glance can't store an image on a mount that is read-only; remove ro."


def _local(tree: Tree) -> Iterator[Breach]:
    """A store without a mount is a directory of the one host's own disk, and of nothing that is mounted."""
    glance, store = tree.entry(GLANCE), tree.entry(STORE)
    if glance is None or store is None or "mount" in store.values:
        return
    directory = store.text("directory")
    if not directory:
        return
    hosts = list(glance.texts("hosts"))
    for mount in tree.entries(MOUNTS):
        point = mount.text("path")
        mounting = {host for _, host in hosts_of(mount)}
        if point and _within(directory, point) and mounting & {host for _, host in hosts}:
            lies = f'found "{directory}", which lies on the mount {mount.name}'
            yield store.at("directory"), f"{lies}; add mount: {mount.name}, or Glance starts without it too."
            return
    for path, host in hosts[1:]:
        what = (
            f"host {host} can't share {directory} with {hosts[0][1]}: without a mount it is a local directory"
        )
        yield path, f"{what}; name one under strata:mounts as mount, or keep one host."


def _sources(tree: Tree) -> Iterator[Breach]:
    """Between directories that lie within one another nothing can be moved: a moved image would still lie at the old place."""
    glance, directory = tree.entry(GLANCE), _directory(tree)
    if glance is None:
        return
    sources = _places(glance)
    for i, (path, source) in enumerate(sources):
        if directory and (wrong := _overlap(source, directory)):
            yield path, f'found "{source}", {wrong}'
        outer = next((one for _, one in sources[:i] if one != source and _nested(one, source)), None)
        if outer:
            what = f'found "{source}" beside "{outer}", and one of them lies within the other'
            yield path, f"{what}; name one now, and the other in a later run."


def _overlap(source: str, directory: str) -> str | None:
    if source == directory:
        return "which is the store's own directory; allowed: the directory in which the images lie now."
    if _within(source, directory):
        return f"which lies within the store's directory {directory}; give the store a path of its own."
    if _within(directory, source):
        return f"within which the store's directory {directory} lies; give the store a path of its own."
    return None


def _target(tree: Tree) -> Iterator[Breach]:
    """Glance reads a location as a URL, so some characters would end its path."""
    glance, directory = tree.entry(GLANCE), _directory(tree)
    if glance is None or directory is None or not _places(glance):
        return
    store = glance.inner("store")
    if set(directory) & set("?#%"):
        at = store.at("directory" if store.text("directory") else "mount")
        what = f'images can\'t move to "{directory}": in a location Glance would not find ?, # and % again'
        yield at, f"{what}; choose another path."


def _straight_paths(tree: Tree) -> Iterator[Breach]:
    """`..` in a path would lead elsewhere than it says, and the kernel's report would never equal it."""
    glance = tree.entry(GLANCE)
    if glance is None:
        return
    store = glance.inner("store")
    places = [(store.at(key), store.text(key) or "") for key in ("directory", "configFile")]
    for at, path in [*places, *_places(glance)]:
        if {".", ".."} & set(path.split("/")):
            yield at, f'found "{path}"; allowed: a path without . and .. in it.'


def _places(glance: Entry) -> list[tuple[Path, str]]:
    """The directories from which images move, one or a list of them."""
    single = glance.text("migrateFrom")
    return [(glance.at("migrateFrom"), single)] if single else list(glance.texts("migrateFrom"))


def _mount_of_store(tree: Tree) -> Entry | None:
    store = tree.entry(STORE)
    name = store.text("mount") if store else None
    return tree.entry((*MOUNTS, name)) if name else None


def _directory(tree: Tree) -> str | None:
    """Where the images are to lie: as it is said, or the mount point."""
    store, mount = tree.entry(STORE), _mount_of_store(tree)
    return (store.text("directory") if store else None) or (mount.text("path") if mount else None)


def _within(path: str, directory: str) -> bool:
    return PurePosixPath(path).is_relative_to(directory)


def _nested(one: str, two: str) -> bool:
    return _within(one, two) or _within(two, one)
