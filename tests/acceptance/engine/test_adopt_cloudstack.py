"""A cloud that Ansible's playbooks and the `cs` command have built comes into a stack, and then there is nothing left to do."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from lab.cloudstack import testing as cloudstack
from lab.cloudstack.testing import RunningCloudStack
from lab.http.clock import RealClock
from lab.ontap import testing as ontap
from lab.ontap.testing import RunningOntap
from lab.swift import testing as swift
from lab.swift.testing import RunningSwift
from tests.acceptance.engine.site import Site, happens, new_project
from tests.acceptance.engine.test_adopt import CONNECTIONS, by_hand
from tools.setup.ansible_environment import AnsibleEnvironment
from tools.setup.checkout import Checkout

pytestmark = pytest.mark.acceptance

ROOT = Path(__file__).resolve().parents[3]
PLAYBOOK = ROOT / "tests" / "fidelity" / "cloudstack" / "playbooks" / "make.yml"
ADDRESS_IN_IT = "http://127.0.0.1:8080/auth/v1.0"
MORE = """\
  strata:swift:
    accounts:
      cloudstack: {{authUrl: "{auth_url}", user: "{user}", key: {{file: swift}}}}
  strata:cloudstack:
    endpoint: {endpoint}
    apiKey: {{file: api}}
    secretKey: {{file: secret}}
"""


@dataclass(frozen=True)
class Cloud:
    """The systems, and the project of an operator who has only their addresses."""

    site: Site
    cloudstack: RunningCloudStack
    swift: RunningSwift
    ansible: Path

    def as_administrator(self, *command: str) -> None:
        """Run a program of the Ansible environment against CloudStack."""
        access = {
            "CLOUDSTACK_ENDPOINT": self.cloudstack.endpoint,
            "CLOUDSTACK_KEY": self.cloudstack.api_key,
            "CLOUDSTACK_SECRET": self.cloudstack.secret_key,
            "CLOUDSTACK_METHOD": "post",
            "ANSIBLE_COLLECTIONS_PATH": str(self.ansible / "collections"),
            "ANSIBLE_PYTHON_INTERPRETER": str(self.ansible / "bin" / "python"),
            "HOME": str(self.site.project.folder),
            "NO_PROXY": "127.0.0.1",
            "LANG": "C.UTF-8",
        }
        program = str(self.ansible / "bin" / command[0])
        environ = {**os.environ, **access}
        ran = subprocess.run(
            [program, *command[1:]], env=environ, capture_output=True, text=True, timeout=300
        )
        assert ran.returncode == 0, ran.stdout[-4000:] + ran.stderr[-4000:]


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Cloud]:
    """Systems with nothing in them."""
    ansible = AnsibleEnvironment(Checkout(ROOT)).ready()
    with (
        ontap.running(tmp_path / "ontap", RealClock()) as cluster,
        cloudstack.running(tmp_path / "cloudstack", RealClock()) as server,
        swift.running(tmp_path / "swift") as account,
    ):
        server.configure(system_vms="always", system_vm_after=0.0, system_vm_boot=0.0)
        yield Cloud(_site(tmp_path, cluster, server, account), server, account, ansible)


def _site(folder: Path, cluster: RunningOntap, server: RunningCloudStack, account: RunningSwift) -> Site:
    known = {"endpoint": server.endpoint, "auth_url": account.auth_url, "user": account.user}
    site = Site(cluster, new_project(folder / "project", CONNECTIONS + MORE.format(**known)))
    site.point()
    for name, value in (("api", server.api_key), ("secret", server.secret_key), ("swift", account.key)):
        (site.project.folder / name).write_text(f"{value}\n")
    return site


def build(cloud: Cloud, folder: Path) -> None:
    """A volume for staging by REST, the zone by Ansible, its staging store by `cs`."""
    volume = {
        "name": "staging",
        "svm": {"name": "demo-nfs-svm"},
        "aggregates": [{"name": "aggr1"}],
        "size": 2**30,
    }
    by_hand(cloud.site, "/api/storage/volumes", {**volume, "nas": {"path": "/staging"}})
    playbook = folder / "make.yml"
    text = PLAYBOOK.read_text()
    assert ADDRESS_IN_IT in text
    playbook.write_text(text.replace(ADDRESS_IN_IT, cloud.swift.auth_url))
    programs = f"cs={cloud.ansible / 'bin' / 'cs'}"
    cloud.as_administrator("ansible-playbook", "-i", "localhost,", "-e", programs, str(playbook))
    (zone,) = cloud.cloudstack.ask("listZones")["zone"]
    staging = ("provider=NFS", "url=nfs://10.130.208.55/staging", f"zoneid={zone['id']}")
    cloud.as_administrator("cs", "createSecondaryStagingStore", *staging)
    happens(lambda: _system_vms(cloud))


def _system_vms(cloud: Cloud) -> bool:
    rows = cloud.cloudstack.ask("listSystemVms").get("systemvm", [])
    return [one["state"] for one in rows] == ["Running"] * 2 and any(
        one.get("agentstate") == "Up" for one in rows
    )


def test_adopt_import_preview(cloud: Cloud, tmp_path: Path) -> None:
    build(cloud, tmp_path)
    project = cloud.site.project
    before = cloud.cloudstack.journal.last, cloud.site.ontap.journal.last

    ran = project.run("python", "-m", "strata.cli.main", "adopt", "lab", "--write")

    section = yaml.safe_load(project.stack_file.read_text())["config"]["strata:cloudstack"]
    assert section["zones"]["zone1"]["staging"]["volume"] == "staging", ran
    project.run("python", "-m", "strata.cli.main", "validate", "lab")
    project.pulumi(
        "import",
        "--file",
        "import.lab.json",
        "--yes",
        "--generate-code=false",
        "--protect=false",
        "--skip-preview",
    )
    project.preview("--expect-no-changes")
    cloud.site.settled()
    assert cloud.cloudstack.writes(before[0]) == []
    assert cloud.site.ontap.writes(before[1]) == []
    tokens = [
        one["type"] for one in project.resources() if one["custom"] and one["type"].startswith("strata:")
    ]
    # Every kind of an Advanced zone, but for addresses of a storage network, which the playbook gives none.
    assert len(tokens) == len(set(tokens)) == 14, tokens
