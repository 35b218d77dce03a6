"""Glance's store as `strata:glance`, where it lies on a mount of the stack file and is already as Strata keeps it.

A store that was set up by hand has no systemd drop-in that ties the service to the mount. Strata would write it and restart the
service, which is a change, so the entry is only shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from strata.adoption.draft import Draft, Path
from strata.adoption.fitting import misfit
from strata.adoption.grafting import render
from strata.provider.connections import Connections
from strata.provider.kind import Observed
from strata.provider.kinds.glance_filesystem_store import FilesystemStore
from strata.provider.kinds.glance_filesystem_store_args import StoreArgs, StoreOutputs
from strata.stackfile import model

GLANCE: Final[Path] = ("strata:glance",)
USUAL: Final = {"service": "glance-api", "owner": "glance", "group": "glance"}


@dataclass(frozen=True)
class Store:
    """The store of one host, and the key of the mount that it lies on."""

    host: str
    mount: str
    point: str
    observed: Observed[StoreArgs, StoreOutputs]

    @property
    def entry(self) -> dict[str, Any]:
        """`store` of the stack file."""
        actual = self.observed.actual
        given = {"service": actual.service, "owner": actual.owner, "group": actual.group}
        directory = {} if actual.directory == self.point else {"directory": actual.directory}
        kept = {key: value for key, value in given.items() if value != USUAL[key]}
        return {"mount": self.mount, **directory, **kept}


async def write(draft: Draft, hosts: Sequence[str], stack: model.StackFile, connections: Connections) -> None:
    """One entry for all of the hosts that have the same store."""
    if stack.glance is not None:
        return
    kind, kept = FilesystemStore(connections), list[Store]()
    for host in hosts:
        observed = await kind.observe(host)
        if observed is None:
            continue
        what = f"Glance's store {observed.actual.directory} on host {host}"
        store = _store(draft.whole, host, observed)
        if store is None:
            draft.find(what, "it lies on no mount of the stack file")
        elif why := misfit(kind, _declared(store), observed):
            shown = render({"strata:glance": {"hosts": [host], "store": store.entry}}, indent=2)
            draft.find(what, f"the first `pulumi up` would change it: {why}", shown)
        elif kept and kept[0].entry != store.entry:
            draft.find(what, f"a stack has one store, and that of host {kept[0].host} is another")
        else:
            kept.append(store)
    if kept:
        draft.put(GLANCE, {"hosts": [one.host for one in kept], "store": kept[0].entry})
    for one in kept:
        name = f"glance-{one.host}"
        draft.add(GLANCE, FilesystemStore.token, name, one.observed.id, (("GlanceImageStore", "glance"),))


def _store(config: Mapping[str, Any], host: str, observed: Observed[StoreArgs, StoreOutputs]) -> Store | None:
    directory = observed.actual.directory
    for key, mount in (config.get("strata:mounts") or {}).items():
        hosts = mount.get("hosts") or [mount.get("host")]
        if host in hosts and f"{directory}/".startswith(f"{mount['path']}/"):
            return Store(host, key, str(mount["path"]), observed)
    return None


def _declared(store: Store) -> dict[str, Any]:
    actual = store.observed.actual
    return {
        "host": store.host,
        "directory": actual.directory,
        "mount": store.point,
        "service": actual.service,
        "owner": actual.owner,
        "group": actual.group,
    }
