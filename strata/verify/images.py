"""The image path: volume, mount and Glance as they are, and a probe image through all of them."""

from __future__ import annotations

import os
from typing import Any

from strata.clients.glance import images_below
from strata.errors import StrataError
from strata.provider.connections import Connections
from strata.provider.kind import Kind
from strata.provider.kinds.glance_filesystem_store import FilesystemStore
from strata.provider.kinds.host_mount import Mount
from strata.provider.kinds.ontap_volume import Volume
from strata.stackfile import model
from strata.verify.check import Check
from strata.verify.probe import probe


async def verify(stack: model.StackFile, connections: Connections) -> list[Check]:
    """Every check of the image path, in the order of the data: volume, mounts, Glance, probe."""
    checks: list[Check] = []
    for volume in stack.ontap.volumes.values():
        checks += await _volume(volume, Volume(connections))
    for mount in stack.mounts.values():
        for host in mount.hosts:
            checks.append(await _mount(mount, host, Mount(connections)))
    if stack.glance is not None:
        path = stack.glance_mount.path if stack.glance_mount else None
        for host in stack.glance.hosts:
            checks.append(await _store(stack.glance.store, host, path, FilesystemStore(connections)))
            checks += await _probe(stack.glance.store, host, connections)
        if stack.glance.migrate_from:
            checks.append(await _moved(stack.glance, connections))
    return checks


async def _volume(declared: model.Volume, kind: Volume) -> list[Check]:
    what = f"volume {declared.name} is online at {declared.junction_path or 'no junction path'}"
    observed, trouble = await _observed(kind, f"{declared.cluster}/{declared.svm}/{declared.name}")
    if observed is None:
        return [Check(what, False, trouble)]
    actual, outputs = observed.actual, observed.outputs
    mounted = bool(actual.online) and (
        declared.junction_path is None or actual.junction_path == declared.junction_path
    )
    checks = [
        Check(
            what, mounted, f"{outputs.state}, {actual.size} at {actual.junction_path or 'no junction path'}"
        )
    ]
    wanted = declared.efficiency.dedupe if declared.efficiency else None
    if wanted and wanted != "none":
        dedupe = actual.efficiency.dedupe if actual.efficiency else None
        saved = f"dedupe={dedupe}, {(outputs.saved_bytes or 0) / 2**20:.1f} MiB saved ({outputs.savings_percent or 0} %)"
        checks.append(Check(f"volume {declared.name} deduplicates", dedupe == wanted, saved))
    return checks


async def _mount(declared: model.Mount, host: str, kind: Mount) -> Check:
    what = f"{host} mounts {declared.server}:{declared.export} at {declared.path}"
    observed, trouble = await _observed(kind, f"{host}:{declared.path}")
    if observed is None:
        return Check(what, False, trouble)
    actual = observed.actual
    right = actual.mounted and (actual.server, actual.export) == (declared.server, declared.export)
    found = f"{actual.server}:{actual.export} {actual.type}, {'mounted' if actual.mounted else 'not mounted'}"
    return Check(what, right, found)


async def _store(declared: model.GlanceStore, host: str, path: str | None, kind: FilesystemStore) -> Check:
    what = f"Glance on {host} keeps images in {declared.directory}"
    observed, trouble = await _observed(kind, store_id(declared, host))
    if observed is None:
        return Check(what, False, trouble)
    actual = observed.actual
    right = actual.running and actual.directory == declared.directory and actual.mount == path
    return Check(
        what, bool(right), f"{actual.directory}, service {'running' if actual.running else 'not running'}"
    )


async def _moved(declared: model.Glance, connections: Connections) -> Check:
    """By Glance's own database: no image is read from an old place any more."""
    store, host = declared.store, connections.host(declared.hosts[0])
    what = f"no image is left in {', '.join(declared.migrate_from)}"
    try:
        here = await images_below(host, store.config_file, store.directory)
        left = {one: await images_below(host, store.config_file, one) for one in declared.migrate_from}
    except StrataError as error:
        return Check(what, False, str(error))
    behind = [
        f"{_images(images.count)} below {one}: {images}" for one, images in left.items() if images.count
    ]
    found = "; ".join(behind) or f"none below {', '.join(declared.migrate_from)}"
    return Check(what, not behind, f"{_images(here.count)} below {store.directory}, {found}")


def _images(count: int) -> str:
    return f"{count} image{'' if count == 1 else 's'}"


async def _probe(declared: model.GlanceStore, host: str, connections: Connections) -> list[Check]:
    """The token of a Keystone user comes from OS_TOKEN, as for every OpenStack client."""
    what = f"a probe image goes through Glance on {host}"
    try:
        seen = await probe(
            connections.host(host), declared.directory, declared.config_file, os.environ.get("OS_TOKEN")
        )
    except StrataError as error:
        return [Check(what, False, str(error))]
    if seen.unauthorized:
        return [
            Check(what, False, "Glance asks for a token: set OS_TOKEN (`openstack token issue`) and repeat")
        ]
    steps = ("registered", "stored", "downloaded", "deleted")
    failed = [step for step in steps if not getattr(seen, step)]
    found = seen.error or (
        f"not {', not '.join(failed)} with its hash" if failed else f"{', '.join(steps)} with its hash"
    )
    return [Check(what, not failed and seen.error is None, found)]


def store_id(declared: model.GlanceStore, host: str) -> str:
    """The documented id of strata:glance:FilesystemStore."""
    defaults = model.GlanceStore(declared.mount, declared.directory)
    if (declared.config_file, declared.section) == (defaults.config_file, defaults.section):
        return host
    return f"{host}:{declared.config_file}#{declared.section}"


async def _observed(kind: Kind[Any, Any], id: str) -> tuple[Any, str]:
    """(what is there, "") or (None, why nothing can be said of it)."""
    try:
        observed = await kind.observe(id)
    except StrataError as error:
        return None, str(error)
    return observed, "" if observed else "is not there"
