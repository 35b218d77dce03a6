"""Mounts in the hosts' fstab that lead to the stack's volumes, as entries of `strata:mounts`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from strata.adoption.draft import Draft, Path
from strata.adoption.fitting import misfit
from strata.adoption.hosts import LiveMount
from strata.adoption.naming import key_for
from strata.adoption.ontap import Cluster
from strata.adoption.trees import at as at_path
from strata.provider.connections import Connections
from strata.provider.kinds.host_mount import Mount
from strata.stackfile import model

MOUNTS: Final[Path] = ("strata:mounts",)
VOLUMES: Final[Path] = ("strata:ontap", "volumes")
USUAL: Final = {"type": "nfs", "options": ["defaults"], "dump": 0, "pass": 0}


@dataclass(frozen=True)
class Exports:
    """Which volume of the stack file is behind an address and a path.

    lifs     (cluster, SVM) by the address of a data LIF
    volumes  key in the stack file by cluster, SVM and junction path
    """

    lifs: Mapping[str, tuple[str, str]]
    volumes: Mapping[tuple[str, str, str], str]

    @classmethod
    def of(cls, config: Mapping[str, Any], clusters: Iterable[Cluster]) -> Exports:
        """From what the stack file has and is to get."""
        volumes: Mapping[str, Mapping[str, Any]] = at_path(config, VOLUMES) or {}
        only = next(iter(at_path(config, ("strata:ontap", "clusters")) or {}), "")
        places = {
            (str(one.get("cluster", only)), str(one.get("svm")), str(one.get("junctionPath"))): key
            for key, one in volumes.items()
        }
        lifs = {lif: (one.name, svm) for one in clusters for lif, svm in one.lifs.items()}
        return cls(lifs, places)

    def volume(self, server: str, export: str) -> str | None:
        """The key of the volume with exactly that junction path, None for anything else."""
        lif = self.lifs.get(server.strip("[]"))
        return None if lif is None else self.volumes.get((*lif, export))


async def write(
    draft: Draft,
    mounts: Sequence[LiveMount],
    exports: Exports,
    stack: model.StackFile,
    connections: Connections,
) -> None:
    """Every mount of a volume; the same on several hosts becomes one entry."""
    kind, together = Mount(connections), list[Group]()
    for mount in missing(mounts, stack):
        what = f"mount {mount.path} of host {mount.host}"
        key = exports.volume(mount.server, mount.export)
        if key is None:
            draft.find(what, f"{mount.entry.source} is no volume of this stack under one of its data LIFs")
            continue
        observed = await kind.observe(mount.id)
        if observed is None:
            continue
        if why := misfit(kind, _declared(mount), observed):
            draft.find(what, why)
            continue
        entry = {"volume": key, "dataLif": mount.server.strip("[]"), **_properties(mount)}
        alike = next((one for one in together if one.entry == entry), None)
        if alike is None:
            together.append(Group(entry, [mount]))
        else:
            alike.mounts.append(mount)
    for group in together:
        _write(draft, group)


@dataclass(frozen=True)
class Group:
    """The same mount on several hosts."""

    entry: Mapping[str, Any]
    mounts: list[LiveMount]


def without(draft: Draft, mounts: Sequence[LiveMount], theirs: Mapping[str, str]) -> list[LiveMount]:
    """The mounts of a host that no other stack declares. theirs: stacks by mount point."""
    for one in mounts:
        if one.path in theirs:
            draft.leave(f"mount {one.path} of host {one.host}", theirs[one.path])
    return [one for one in mounts if one.path not in theirs]


def missing(mounts: Iterable[LiveMount], stack: model.StackFile) -> list[LiveMount]:
    """The mounts that the stack file does not declare."""
    known = {(host, one.path) for one in stack.mounts.values() for host in one.hosts}
    return [one for one in mounts if (one.host, one.path) not in known]


def _write(draft: Draft, group: Group) -> None:
    key = key_for(str(group.entry["volume"]), draft.keys(MOUNTS))
    hosts = [one.host for one in group.mounts]
    where = {"host": hosts[0]} if len(hosts) == 1 else {"hosts": hosts}
    at = (*MOUNTS, key)
    draft.put(at, {**where, **group.entry})
    for one in group.mounts:
        draft.add(at, Mount.token, f"{key}-{one.host}", one.id, (("NfsMount", key),))


def _properties(mount: LiveMount) -> dict[str, Any]:
    entry = mount.entry
    given = {"type": entry.type, "options": list(entry.options), "dump": entry.dump, "pass": entry.fsck_pass}
    return {"path": mount.path, **{key: value for key, value in given.items() if value != USUAL[key]}}


def _declared(mount: LiveMount) -> dict[str, Any]:
    entry = mount.entry
    return {
        "host": mount.host,
        "path": mount.path,
        "server": mount.server,
        "export": mount.export,
        "type": entry.type,
        "options": list(entry.options),
        "dump": entry.dump,
        "fsckPass": entry.fsck_pass,
    }
