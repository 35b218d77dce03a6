"""Two environments of one project side by side, each with a lab and data of its own. No guest: both are up in seconds."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest

from lab.environment import Lab
from lab.ports import LOOPBACK
from lab.processes import Identity, alive, recorded
from tests.acceptance.environment import without
from tests.acceptance.lab.command_lines import command_lines_of
from tests.acceptance.project import ROOT, Project

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(600)]

NAMES = {"dev": "test-dev", "prod": "test-prod"}
"""Environment to lab; a developer may have labs that are called dev and prod."""
PARTS = "ontap,nfs,swift,cloudstack"
PASSWORD = "strata:cloudstack.hypervisorCredentials.xen.password"
ZONE = ("config", "strata:cloudstack", "zones", "zone1")
ON_A_GUEST = (
    ("config", "strata:hosts"),
    ("config", "strata:mounts"),
    ("config", "strata:glance"),
    ("config", "strata:cloudstack", "management"),
    (*ZONE, "systemVmTemplate"),
)


def model() -> str:
    """The committed stack of the lab, without what needs its guest."""
    text = (ROOT / "stacks" / "Pulumi.lab.yaml").read_text()
    for path in ON_A_GUEST:
        text = without(text, *path)
    advanced = "        networkType: Advanced\n"
    assert advanced in text
    return text.replace(advanced, f"{advanced}        waitForSystemVms: false\n")


@dataclass(frozen=True)
class Side:
    """One environment: its lab, and the project that both share."""

    name: str
    lab: Lab
    project: Project

    def strata_lab(self, *arguments: str, expect: int = 0) -> str:
        """`strata lab --name …`, as it is typed."""
        command = ("python", "-m", "strata.cli.main", "lab", "--name", self.lab.name, *arguments)
        return self.project.run(*command, expect=expect).output

    def begin(self) -> None:
        """The few commands of docs/environments.md."""
        self.strata_lab("up", "--parts", PARTS)
        new = ("python", "-m", "strata.cli.main", "new", self.name, "--from", "lab", "--lab", self.lab.name)
        self.project.run(*new, "--secret", f"{PASSWORD}=file:password", "--non-interactive")
        self.project.up("--stack", self.name)

    def volumes(self) -> dict[str, dict[str, Any]]:
        """What the environment's cluster holds, by name."""
        query = {"fields": "name,size,uuid", "name": "images|secondary"}
        with self.lab.ontap() as client:
            records = client.get("/api/storage/volumes", params=query).json()["records"]
        return {one["name"]: one for one in records}

    def resize(self, volume: str, size: int) -> None:
        """Behind Strata's back."""
        with self.lab.ontap() as client:
            path = f"/api/storage/volumes/{self.volumes()[volume]['uuid']}"
            client.patch(path, params={"return_timeout": 15}, json={"size": size}).raise_for_status()

    def writes(self) -> list[str]:
        """What has ever been changed on the environment's two emulators."""
        found = []
        for client in (self.lab.ontap(), self.lab.cloudstack()):
            with client:
                entries = client.get("/_lab/journal", params={"writes": 1}).json()["entries"]
            found += [f"{one['method']} {one['path']}" for one in entries]
        return found


@pytest.fixture(scope="module")
def sides(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Side]]:
    """Both are up, side by side from the first command on."""
    project = Project.make(tmp_path_factory.mktemp("sides") / "project", model())
    (project.folder / "password").write_text("of the hypervisors\n")
    sides = {name: Side(name, Lab(lab), project) for name, lab in NAMES.items()}
    for one in sides.values():
        one.lab.down()
        for part in (one.lab.cluster, one.lab.ganesha, one.lab.swift, one.lab.management):
            part.forget()
    try:
        with ThreadPoolExecutor(len(sides)) as both:
            list(both.map(Side.begin, sides.values()))
        yield sides
    finally:
        for one in sides.values():
            one.lab.down()


def drift(project: Project, *options: str, expect: int) -> dict[str, dict[str, Any]]:
    """`strata drift dev prod`, by environment."""
    command = ("python", "-m", "strata.cli.main", "drift", *NAMES, *options, "--format", "json")
    project.run(*command, "--output", "drift.json", expect=expect)
    report = json.loads((project.folder / "drift.json").read_text())
    return {one["stack"]: one for one in report["stacks"]}


def test_each_has_addresses_and_data_of_its_own(sides: dict[str, Side]) -> None:
    dev, prod = sides["dev"], sides["prod"]
    assert dev.volumes().keys() == prod.volumes().keys() == {"images", "secondary"}
    assert not {one["uuid"] for one in dev.volumes().values()} & {
        one["uuid"] for one in prod.volumes().values()
    }
    assert not set(addresses(dev)) & set(addresses(prod))
    told = drift(dev.project, "--unmanaged", expect=0)
    assert [one["status"] for one in told.values()] == ["as declared"] * 2
    assert [one["unmanaged"] for one in told.values()] == [[], []]
    listed = dev.project.run("python", "-m", "strata.cli.main", "lab", "list").output.splitlines()
    for name in NAMES.values():
        assert [name, "up", *PARTS.replace(",", ", ").split()] in [line.split() for line in listed]


def addresses(side: Side) -> list[str]:
    status = side.lab.status()
    return [
        status["ontap"]["url"],
        str(status["nfs"]["port"]),
        status["swift"]["auth_url"],
        status["cloudstack"]["endpoint"],
    ]


def test_a_change_in_dev_is_drift_in_dev_only(sides: dict[str, Side]) -> None:
    dev, prod = sides["dev"], sides["prod"]
    before = prod.writes()
    dev.resize("images", 64424509440)
    told = drift(dev.project, expect=7)
    assert {name: one["status"] for name, one in told.items()} == {"dev": "drifted", "prod": "as declared"}
    (found,) = told["dev"]["findings"]
    assert (found["resource"], found["property"]) == ("ontap:Volume/images", "size")
    dev.project.up("--refresh", "--stack", "dev")
    drift(dev.project, expect=0)
    assert prod.writes() == before


def test_what_prod_declares_is_no_excuse_for_what_dev_has(sides: dict[str, Side]) -> None:
    """Both clusters, SVMs and volumes bear the same names."""
    dev, prod = sides["dev"], sides["prod"]
    file = dev.project.folder / "stacks" / "Pulumi.dev.yaml"
    text = file.read_text()
    try:
        file.write_text(without(text, "config", "strata:ontap", "volumes", "images"))
        told = drift(dev.project, "--unmanaged", expect=7)
    finally:
        file.write_text(text)
    assert [one["name"] for one in told["dev"]["unmanaged"]] == [
        "demo-nfs-svm/images",
        "demo-nfs-svm/images",
    ], "the volume and its export policy"
    assert told["prod"]["unmanaged"] == []
    assert prod.volumes()


def test_dev_may_be_down_while_prod_goes_on(sides: dict[str, Side]) -> None:
    dev, prod = sides["dev"], sides["prod"]
    before = addresses(dev)
    dev.strata_lab("down")
    assert "is down" in dev.strata_lab("status", expect=3)
    assert f'Lab "{prod.lab.name}" is up' in dev.strata_lab("status", expect=3)
    assert prod.lab.running
    told = drift(dev.project, expect=1)
    assert {name: one["status"] for name, one in told.items()} == {
        "dev": "could not tell",
        "prod": "as declared",
    }
    with socket.create_server((LOOPBACK, dev.lab.cluster.client().base_url.port or 0)):
        dev.strata_lab("up", "--parts", PARTS)
    assert addresses(dev)[0] != before[0], "another program has taken the port meanwhile"
    assert addresses(dev)[1:] == before[1:]
    drift(dev.project, expect=0)


def test_what_is_destroyed_in_dev_is_there_in_prod(sides: dict[str, Side]) -> None:
    dev, prod = sides["dev"], sides["prod"]
    before = prod.writes()
    dev.project.destroy("--stack", "dev")
    assert not dev.volumes()
    assert prod.volumes().keys() == {"images", "secondary"}
    assert prod.writes() == before
    command = ("python", "-m", "strata.cli.main", "drift", "prod")
    dev.project.run(*command, expect=0)


def test_down_leaves_the_other_running_and_of_both_no_process(sides: dict[str, Side]) -> None:
    dev, prod = sides["dev"].lab, sides["prod"].lab
    ours, its = processes_of(dev), processes_of(prod)
    assert len(ours) == len(its) == 10, "ONTAP, NFS, CloudStack, and the seven of Swift"
    sides["dev"].strata_lab("down")
    assert prod.running
    assert not any(map(alive, ours))
    assert all(map(alive, its))
    sides["prod"].strata_lab("down")
    assert not any(map(alive, its))
    assert not [line for lab in (dev, prod) for line in command_lines_of(lab)]
    assert "was running" in sides["dev"].strata_lab("down")


def processes_of(lab: Lab) -> list[Identity]:
    """All that the lab says it has started."""
    files = [*lab.folder.path.glob("*/process.json"), *lab.folder.swift.glob("run/*.json")]
    return [process for process in map(recorded, files) if process is not None]
