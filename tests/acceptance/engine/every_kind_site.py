"""A site of every kind that the provider serves: the whole site, a played Glance host, and an action of pulumi-command."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from swiftclient import Connection  # type: ignore[import-untyped]

from strata.provider.registry import KINDS
from tests.acceptance.engine import played_host, whole_site
from tests.acceptance.engine.whole_site import WholeSite
from tests.acceptance.project import Project
from tests.lifecycle.glance_migration.site import Site as GlanceHost

COMMAND = "command:remote:Command"
TOKENS = tuple(kind.token for kind in KINDS)
SITE_OF_GLANCE = """\
  strata:hosts:
    tkstack: {{address: 127.0.0.1, port: {{file: ssh_port}}, privateKey: {{file: ssh_key}}, hostKey: {{file: host_key}}}}
  strata:mounts:
    glance-images: {{host: tkstack, volume: images, dataLif: 10.130.208.55, path: /glance/images, options: [defaults]}}
    staging: {{host: tkstack, server: 10.130.208.55, export: /one, path: /mnt/staging, options: [defaults]}}
    scratch: {{host: tkstack, server: 10.130.208.55, export: /moved, path: /mnt/scratch, options: [defaults], dump: 0, pass: 0}}
  strata:glance:
    hosts: [tkstack]
    store: {{mount: glance-images, mode: "0750"}}
    migrateFrom: [/var/lib/glance/images]
    migration: {{keepSource: false}}
"""
TEMPLATE = """\
        systemVmTemplate: {{mount: staging, source: /usr/share/systemvm.qcow2.bz2, hypervisor: kvm}}
"""
MANAGEMENT = "    management: {{host: tkstack}}\n"


def stack_text() -> str:
    """The stack file of the whole site and what is on the host, with places for addresses."""
    text = whole_site.STACK
    zone1, store = '        staging: {{url: "nfs://10.130.208.55/one"}}\n', "    objectStore:"
    assert zone1 in text
    assert store in text
    text = text.replace(zone1, zone1 + TEMPLATE).replace(store, MANAGEMENT + store, 1)
    return text + SITE_OF_GLANCE


Resource = dict[str, Any]


@dataclass(frozen=True)
class EveryKind:
    """The systems and the project of an operator."""

    whole: WholeSite
    host: GlanceHost

    @property
    def project(self) -> Project:
        return self.whole.site.project

    def resources(self) -> dict[str, Resource]:
        """The custom resources of the state by `ontap:Volume/images`, the engine's own left out."""
        return {
            label(one): one
            for one in self.project.resources()
            if one["custom"] and not one["type"].startswith("pulumi:")
        }

    def account(self, user: str = "archive") -> Connection:
        """An account as its owner reaches it."""
        swift = self.whole.swift
        name, key = {
            "cloudstack": (swift.reseller, swift.reseller_key),
            "archive": (swift.user2, swift.key2),
        }[user]
        return Connection(authurl=swift.auth_url, user=name, key=key)

    def holds(self) -> dict[str, str]:
        """What Swift and the host hold, which keep no journal of what was asked."""
        found = {}
        for user in ("cloudstack", "archive"):
            headers, containers = self.account(user).get_account()
            found[f"Swift {user}"] = _digest([_lasting(headers), [one["name"] for one in containers]])
            for one in containers:
                inside = self.account(user).get_container(one["name"])
                found[f"Swift {user}/{one['name']}"] = _digest([_lasting(inside[0]), inside[1]])
        return found | {f"host {path}": str(stat) for path, stat in self.host.tree().items()}

    @contextmanager
    def untouched(self) -> Iterator[None]:
        """Fails when anything but reads reached a system in between."""
        ontap, cloudstack = self.whole.site.ontap.journal.last, self.whole.cloudstack.journal.last
        before = self.holds()
        self.host.host.systemctl_log()
        yield
        after = self.holds()
        written = [
            *(f"ONTAP {one.method} {one.path}" for one in self.whole.site.ontap.writes(ontap)),
            *(f"CloudStack {one}" for one in self.whole.cloudstack.commands(cloudstack, writes=True)),
            *(f"host systemctl {one}" for one in self.host.host.systemctl_log()),
            *(f"{key} is otherwise" for key in sorted(before | after) if before.get(key) != after.get(key)),
        ]
        assert not written, f"only reads were to come, and there was: {written}"


def label(resource: Resource) -> str:
    """`ontap:Volume/images`, as `strata drift` names it."""
    return f"{resource['type'].removeprefix('strata:')}/{resource['urn'].split('::')[-1]}"


def kind_of(name: str) -> str:
    """`strata:ontap:Volume` of `ontap:Volume/images`."""
    kind = name.partition("/")[0]
    return kind if kind.startswith("command:") else f"strata:{kind}"


def _lasting(headers: dict[str, str]) -> dict[str, str]:
    """Without what is told of the request, and the totals, which Swift's updaters bring up to date in their own time."""
    lasting = (
        "x-account-meta-",
        "x-container-meta-",
        "x-container-read",
        "x-container-write",
        "x-account-quota",
    )
    return {key: value for key, value in headers.items() if key.startswith(lasting)}


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()


@contextmanager
def running(folder: Path, stack: str = "") -> Iterator[EveryKind]:
    """Every system, with nothing in it but two images in Glance, and a stack that has nothing yet. It needs root.

    stack: another stack file than that of every kind
    """
    text = stack or stack_text()
    with played_host.running(folder / "glance") as host, whole_site.running(folder, text) as whole:
        for name, text in (
            ("ssh_port", str(host.host.port)),
            ("ssh_key", host.host.client_key.export_private_key().decode()),
            ("host_key", host.host.host_key.export_public_key().decode()),
        ):
            (whole.site.project.folder / name).write_text(f"{text}\n")
        yield EveryKind(whole, host)
