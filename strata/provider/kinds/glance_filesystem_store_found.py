"""What was found of a Glance store, as if somebody had declared it. Pure."""

from __future__ import annotations

from strata.clients import glance
from strata.clients.glance import Store
from strata.hostfiles import mountinfo, unit
from strata.provider.kinds.glance_filesystem_store_args import StoreArgs
from strata.provider.kinds.host_mount_args import as_path


def actual_store(host: str, config_file: str, section: str, directory: str, store: Store) -> StoreArgs:
    """The store as if somebody had declared it."""
    directory = as_path(directory)
    mount, running = _mount_of(directory, store), store.unit.get("ActiveState") == "active"
    at = store.directory
    return StoreArgs(
        host=host,
        directory=directory,
        config_file=config_file,
        section=section,
        service=store.service,
        owner=at.owner if at else "",
        group=at.group if at else "",
        mode=at.mode if at else None,
        mount=mount,
        running=running,
        guard=_guard_in_force(section, directory, store),
        # Started by hand without the drop-in it tells nothing; that shows as `guard`.
        in_effect=not running or store.started is None or store.started == directory,
    )


def _mount_of(directory: str, store: Store) -> str | None:
    """The mount that the drop-in requires; where it says nothing, the NFS mount on which the directory lies."""
    if store.guard and store.guard.mount:
        return store.guard.mount
    holding = mountinfo.holding(store.mounts, directory) if directory.startswith("/") else None
    return holding.mount_point if holding and holding.is_nfs and not store.guard_text else None


def mount_present(mount: str | None, store: Store) -> bool:
    """Whether that mount is there now."""
    return mount is None or mountinfo.at(store.mounts, mount) is not None


def _guard_in_force(section: str, directory: str, store: Store) -> bool:
    """Whether the drop-in is whole, as we write it, for that directory, and systemd has read it."""
    guard = store.guard
    if guard and guard.directory != directory == store.started:
        return False  # Of the three it is the drop-in that somebody changed.
    if guard is None or not guard.owner or unit.render(guard) != store.guard_text:
        return False
    loaded = glance.drop_in(store.service, section) in store.unit.get("DropInPaths", "").split()
    return loaded and store.unit.get("NeedDaemonReload") != "yes"
