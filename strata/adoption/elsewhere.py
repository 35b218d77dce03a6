"""What stacks declare on one system, by its name there and with the stack; the same system is told by its address. Pure.

For what another stack has: it is in no need of a home, and no second stack may own it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from strata.stackfile import StackFile, model

Stacks = Mapping[str, StackFile]


def volumes(at: model.Cluster, stacks: Stacks) -> dict[tuple[str, str], str]:
    """By SVM and name."""
    return {
        (one.svm, one.name): name
        for name, stack in stacks.items()
        for one in stack.ontap.volumes.values()
        if one.cluster in _clusters(at, stack)
    }


def policies(at: model.Cluster, stacks: Stacks) -> dict[tuple[str, str], str]:
    """Export policies by SVM and name, those too that a stack only names."""
    return {place: name for name, stack in stacks.items() for place in _policies(stack, _clusters(at, stack))}


def mounts(at: model.Host, stacks: Stacks) -> dict[str, str]:
    """By mount point."""
    return {
        one.path: name
        for name, stack in stacks.items()
        for one in stack.mounts.values()
        if set(one.hosts) & _same(at, stack.hosts, "address", "port")
    }


def containers(at: model.SwiftAccount, stacks: Stacks) -> dict[str, str]:
    """By name."""
    return {
        one.name: name
        for name, stack in stacks.items()
        for key in _same(at, stack.swift.accounts, "auth_url", "user", "project")
        for one in stack.swift.accounts[key].containers.values()
    }


@dataclass(frozen=True)
class OfCloud:
    """What belongs to a CloudStack as a whole or is a zone of it: stacks by name; `store` is None where none has it."""

    zones: Mapping[str, str]
    settings: Mapping[str, str]
    store: str | None


def cloud(at: model.CloudStack, stacks: Stacks) -> OfCloud:
    """By the names that CloudStack has for them."""
    clouds = {
        name: stack.cloudstack
        for name, stack in stacks.items()
        if stack.cloudstack is not None and stack.cloudstack.endpoint == at.endpoint
    }
    return OfCloud(
        zones={zone.name: name for name, one in clouds.items() for zone in one.zones.values()},
        settings={setting: name for name, one in clouds.items() for setting in one.settings},
        store=next((name for name, one in clouds.items() if one.object_store is not None), None),
    )


def _policies(stack: StackFile, clusters: set[str]) -> Iterator[tuple[str, str]]:
    for shared in stack.ontap.export_policies.values():
        if shared.cluster in clusters:
            yield shared.svm, shared.name
    for volume in stack.ontap.volumes.values():
        access = volume.export_policy
        if volume.cluster in clusters and isinstance(access, model.ExportPolicy | model.ExistingPolicy):
            yield volume.svm, access.name


def _clusters(at: model.Cluster, stack: StackFile) -> set[str]:
    return _same(at, stack.ontap.clusters, "hostname", "port")


def _same(at: Any, known: Mapping[str, Any], *address: str) -> set[str]:
    """The keys under which a stack reaches the same system."""
    return {
        key for key, one in known.items() if all(getattr(one, name) == getattr(at, name) for name in address)
    }
