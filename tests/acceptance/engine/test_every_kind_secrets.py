"""Scenario 13: the secrets of every system are found nowhere else, and another secret is no change of any kind."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from tests.acceptance.engine import every_kind_site
from tests.acceptance.engine.every_kind_site import COMMAND, EveryKind

pytestmark = pytest.mark.acceptance

HYPERVISOR = "canary-of-the-hypervisors"
OWN = "canary-of-this-site-alone"
"""The passwords of the emulators are the same in all tests, and others that run beside these hand them to commands."""
NEW = "canary-of-the-rotation"
ENCRYPTED = {
    "strata:ontap.clusters.cluster01.password": "password",
    "strata:swift.accounts.cloudstack.key": "reseller",
    "strata:cloudstack.secretKey": "secret",
    "strata:cloudstack.hypervisorCredentials.kvm.password": "hypervisor",
}
"""Path in the stack file to the file with the secret; those of the other paths stay in their files."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EveryKind]:
    """A site whose stack file holds half of its secrets encrypted, and nothing made yet."""
    if os.geteuid() != 0:
        pytest.skip("the played host has a mount namespace of its own, which needs root")
    with every_kind_site.running(tmp_path_factory.mktemp("secrets")) as site:
        folder = site.project.folder
        (folder / "hypervisor").write_text(HYPERVISOR)
        _rotate(site, OWN)
        for file in ("password", "secret"):
            (folder / file).write_text(OWN)
        for path, file in ENCRYPTED.items():
            secret = (folder / file).read_text().strip()
            site.project.pulumi("config", "set", "--secret", "--path", path, secret)
        yield site


def secrets(site: EveryKind) -> dict[str, str]:
    """Each with words for it; the SSH key by a line of it."""
    folder = site.project.folder
    names = ("password", "reseller", "other", "secret", "hypervisor", "temp_url_key")
    found = {name: (folder / name).read_text().strip() for name in names}
    found["ssh_key"] = (folder / "ssh_key").read_text().splitlines()[3]
    assert all(len(secret) >= 16 for secret in found.values()), "too short to be told from other text"
    return found


@contextlib.contextmanager
def processes(seen: set[str]) -> Iterator[None]:
    """Every argument list of this machine's processes while the block runs; the played host's are among them."""
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.05):
            for file in Path("/proc").glob("[0-9]*/cmdline"):
                with contextlib.suppress(OSError):
                    seen.add(file.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace"))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def runs(site: EveryKind) -> dict[str, str]:
    """What each command prints and writes."""
    project, folder = site.project, site.project.folder
    drift = ("python", "-m", "strata.cli.main", "drift", "lab")
    said = {
        "preview": project.preview("--json", "--save-plan", "plan.json").output,
        "plan": (folder / "plan.json").read_text(),
        "up": project.up("--show-config", "--show-reads").output,
    }
    site.whole.volume(comment="somebody's")
    said["drift"] = project.run(*drift, "--format", "json", expect=7).output
    said["refresh"] = project.up("--refresh").output
    text = project.stack_file.read_text()
    project.edit("aggregate: aggr1", "aggregate: aggr9")
    project.edit("vlans: 100-199", "vlans: 100-9999")
    said["a broken file"] = project.up(expect=1).output
    project.write(text.replace("key: {file: other}", "key: {file: password}"))
    said["a wrong key"] = project.up("--refresh", "--run-program", expect=1).output
    project.write(text)
    said["export"] = project.pulumi("stack", "export").output
    said["outputs"] = project.pulumi("stack", "output", "--json").output
    said["config"] = project.pulumi("config").output
    return said


def test_no_secret_is_anywhere(site: EveryKind) -> None:
    arguments: set[str] = set()
    with processes(arguments):
        seen = runs(site)
    assert any("strata.provider" in one for one in arguments), "the list of processes proves nothing"
    assert len(site.host.host.commands) > 20, "nor do the commands of the host"
    seen |= {
        "processes": "\n".join(arguments),
        "commands of the host": "\n".join(site.host.host.commands),
        "journal of ONTAP": str([dataclasses.asdict(one) for one in site.whole.site.ontap.journal.entries()]),
        "journal of CloudStack": str(
            [dataclasses.asdict(one) for one in site.whole.cloudstack.journal.entries()]
        ),
        "stack file": site.project.stack_file.read_text(),
        "state folder": _all_of(site.project.folder / ".state"),
    }
    for where, text in seen.items():
        assert text, f"nothing was looked at in the {where}"
        for name, secret in secrets(site).items():
            assert secret not in text, f"the secret of the file {name} stands in the {where}"


def test_another_secret_is_no_change(site: EveryKind) -> None:
    """After the test above: the site is up."""
    site.project.up()
    ids = {name: one["id"] for name, one in site.resources().items()}
    _rotate(site, NEW)
    for path in ("strata:ontap.clusters.cluster01.password", "strata:cloudstack.secretKey"):
        site.project.pulumi("config", "set", "--secret", "--path", path, NEW)

    planned = json.loads(site.project.pulumi("preview", "--json").output)["steps"]

    changed = {one["urn"].split("::")[-2].split("$")[-1]: one["op"] for one in planned if one["op"] != "same"}
    # The action's connection is recorded, by an update that runs `true`.
    assert changed == {COMMAND: "update"}
    site.project.up()
    site.project.drift(expect=0)
    assert {name: one["id"] for name, one in site.resources().items()} == ids


def _rotate(site: EveryKind, secret: str) -> None:
    """Another key for the host, another password for ONTAP, another secret key for CloudStack."""
    cluster: Any = site.whole.site.ontap.emulator.system
    cluster.config = dataclasses.replace(cluster.config, password=secret)
    for user in site.whole.cloudstack.emulator.system.rows("users"):
        if user.get("secretkey") in (site.whole.cloudstack.secret_key, OWN):
            user["secretkey"] = secret
    site.whole.site.ontap.client.auth = (site.whole.site.ontap.username, secret)
    site.host.host.client_key = asyncssh.generate_private_key("ssh-ed25519")
    key = site.host.host.client_key.export_private_key().decode()
    (site.project.folder / "ssh_key").write_text(f"{key}\n")


def _all_of(folder: Path) -> str:
    return "".join(file.read_text(errors="replace") for file in folder.rglob("*") if file.is_file())
