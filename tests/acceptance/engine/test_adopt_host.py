"""A Glance host that was set up by hand comes into a stack: its mount at once, its store when the restart suits.

The host is played (systemd and NFS are stand-ins); SSH, files, Glance's configuration and the engine are real.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from lab.http.clock import RealClock
from lab.ontap.testing import running
from tests.acceptance.engine import played_host
from tests.acceptance.engine.site import Site, new_project
from tests.acceptance.engine.test_adopt import CONNECTIONS, RULE, by_hand
from tests.acceptance.project import Project, Ran
from tests.lifecycle.glance_migration.site import CONF, NEW
from tests.lifecycle.glance_migration.site import Site as GlanceHost

pytestmark = pytest.mark.acceptance

HOST = """\
  strata:hosts:
    tkstack: {address: 127.0.0.1, port: {file: ssh_port}, privateKey: {file: ssh_key}, hostKey: {file: host_key}}
"""
SETTING = "filesystem_store_datadir"


@dataclass(frozen=True)
class HandMade:
    """A cluster with a volume, a Glance host that has it mounted, and an operator who has only their addresses."""

    site: Site
    host: GlanceHost

    @property
    def project(self) -> Project:
        return self.site.project

    @property
    def config(self) -> dict[str, Any]:
        found: dict[str, Any] = yaml.safe_load(self.project.stack_file.read_text())["config"]
        return found

    def strata(self, *arguments: str) -> Ran:
        return self.project.run("python", "-m", "strata.cli.main", *arguments)

    def adopt(self) -> Ran:
        """Look, write, import; then nothing is left to do, and nothing was done."""
        before, last = self.host.tree(), self.site.ontap.journal.last
        self.host.host.systemctl_log()
        ran = self.strata("adopt", "lab", "--write")
        command = "import --file import.lab.json --yes --generate-code=false --protect=false --skip-preview"
        self.project.pulumi(*command.split())
        self.project.preview("--expect-no-changes")
        self.strata("drift", "lab")
        assert self.host.tree() == before
        assert self.host.host.systemctl_log() == []
        assert self.site.ontap.writes(last) == []
        return ran


@pytest.fixture
def hand_made(tmp_path: Path) -> Iterator[HandMade]:
    if os.geteuid() != 0:
        pytest.skip("the played host has a mount namespace of its own, which needs root")
    with (
        played_host.running(tmp_path / "glance") as host,
        running(tmp_path / "ontap", RealClock()) as ontap,
    ):
        site = Site(ontap, new_project(tmp_path / "project", CONNECTIONS + HOST))
        site.point()
        for name, text in (
            ("ssh_port", str(host.host.port)),
            ("ssh_key", host.host.client_key.export_private_key().decode()),
            ("host_key", host.host.host_key.export_public_key().decode()),
        ):
            (site.project.folder / name).write_text(f"{text}\n")
        yield HandMade(site, host)


def build(made: HandMade) -> None:
    """A volume with its access by REST; fstab, mount and Glance's configuration as a playbook's lines would be."""
    policy = {"name": "images", "svm": {"name": "demo-nfs-svm"}, "rules": [RULE]}
    by_hand(made.site, "/api/protocols/nfs/export-policies", policy)
    volume = {
        "name": "images",
        "svm": {"name": "demo-nfs-svm"},
        "aggregates": [{"name": "aggr1"}],
        "size": 2**30,
    }
    nas = {"path": "/images", "export_policy": {"name": "images"}}
    by_hand(made.site, "/api/storage/volumes", {**volume, "nas": nas})
    made.host.mount()
    made.host.host.sh(
        f"sed -i -E 's|^#? *{SETTING} *=.*|{SETTING} = {NEW}|' {CONF}; grep -q '^{SETTING} = {NEW}$' {CONF}"
    )


def test_a_glance_host_is_adopted_in_two_steps(hand_made: HandMade) -> None:
    build(hand_made)

    ran = hand_made.adopt()

    assert hand_made.config["strata:mounts"] == {
        "images": {"host": "tkstack", "volume": "images", "dataLif": "10.130.208.55", "path": NEW}
    }
    assert "strata:glance" not in hand_made.config
    assert (
        "Glance's store /glance/images on host tkstack: the first `pulumi up` would change it" in ran.output
    )

    shown = hand_made.project.stack_file.read_text()
    entry = "#  strata:glance:\n#    hosts: [tkstack]\n#    store: {mount: images}\n"
    assert entry in shown
    hand_made.project.write(shown.replace(entry, entry.replace("#", "")))
    hand_made.project.preview("--expect-no-changes", expect=7)
    hand_made.project.up()
    hand_made.project.preview("--expect-no-changes")
    hand_made.strata("drift", "lab")
    assert hand_made.host.host.systemctl_log(), (
        "the store is guarded from now on, with the one restart that this takes"
    )


def test_a_host_that_strata_keeps_comes_back_after_its_state_is_lost(hand_made: HandMade) -> None:
    build(hand_made)
    hand_made.adopt()
    text = hand_made.project.stack_file.read_text()
    hand_made.project.write(
        text.replace("\n#  strata:glance", "\n  strata:glance").replace("\n#    ", "\n    ")
    )
    hand_made.project.up()
    hand_made.project.pulumi("stack", "rm", "lab", "--yes", "--force", "--preserve-config")
    hand_made.project.write(CONNECTIONS + HOST)
    (hand_made.project.folder / "import.lab.json").unlink()
    hand_made.project.pulumi("stack", "init", "lab")

    hand_made.adopt()

    assert hand_made.config["strata:glance"] == {"hosts": ["tkstack"], "store": {"mount": "images"}}
    kinds = sorted(one["type"] for one in hand_made.project.resources() if one["custom"])
    assert kinds[1:] == [
        "strata:glance:FilesystemStore",
        "strata:host:Mount",
        "strata:ontap:ExportPolicy",
        "strata:ontap:Volume",
    ]
