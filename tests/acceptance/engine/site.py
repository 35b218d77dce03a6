"""A site without hosts: one emulated ONTAP cluster in this process, and a project whose stack lies on it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.http.faults import Fault
from lab.http.journal import Entry
from lab.ontap.testing import RunningOntap
from tests.acceptance.project import PASSPHRASE, Project, Ran, Started

VOLUMES = "^/api/storage/volumes"
VOLUME_TOKEN = "strata:ontap:Volume"
POLICY_TOKEN = "strata:ontap:ExportPolicy"
LOOK_EVERY = 0.05

STACK = """\
# The salt of the lab's passphrase, which protects nothing but the lab.
encryptionsalt: v1:1hwOPl5O5Bg=:v1:XbXClsGEuFATkByc:VnJDfUaMzIWLtAXTcvJ7C/LDwgBpuA==
config:
  strata:ontap:
    clusters:
      cluster01:
        hostname: 127.0.0.1
        port: {file: port}
        username: admin
        password: {file: password}
        caFile: ca.pem
    volumes:
      images:
        cluster: cluster01
        svm: demo-nfs-svm
        aggregate: aggr1
        size: 50GiB
        junctionPath: /images
        efficiency: {dedupe: background}
        exportPolicy:
          rules:
            - {clients: [10.130.208.0/24], readOnly: [sys], readWrite: [sys], superuser: [sys]}
        protect: false
"""

MOUNT = """\
  strata:hosts:
    tkstack: {{address: 127.0.0.1, port: {port}, privateKey: {{file: key}}, hostKey: {{file: host_key}}}}
  strata:mounts:
    glance-images: {{host: tkstack, volume: images, dataLif: 10.130.208.55, path: /glance/images}}
"""


def happens(what: Callable[[], Any], within: float = 20.0) -> Any:
    """The first true value of `what`; an event that does not come within the time fails the test."""
    until = time.monotonic() + within
    while not (found := what()):
        assert time.monotonic() < until, f"within {within:g} s it did not happen: {what.__name__}"
        time.sleep(LOOK_EVERY)
    return found


@dataclass(frozen=True)
class Site:
    """The cluster, and the project of an operator."""

    ontap: RunningOntap
    project: Project

    def point(self, password: str | None = None) -> None:
        """Put what the stack file refers to beside it: port, password, CA."""
        folder = self.project.folder
        (folder / "port").write_text(f"{self.ontap.port}\n")
        (folder / "password").write_text((password or self.ontap.password) + "\n")
        (folder / "ca.pem").write_bytes(self.ontap.ca.read_bytes())

    def fault(self, effect: str, **rule: Any) -> None:
        """Injected into the creates of volumes, unless `rule` says otherwise."""
        self.ontap.faults.add(Fault(effect, **{"method": "POST", "path": VOLUMES, **rule}))

    def posts(self) -> list[Entry]:
        """The creates of volumes that were sent so far."""
        return [one for one in self.ontap.writes() if one.method == "POST" and one.path.endswith("/volumes")]

    def jobs(self, state: str) -> list[dict[str, Any]]:
        """The jobs that ONTAP shows in that state."""
        query = {"fields": "state,description", "state": state}
        found: list[dict[str, Any]] = self.ontap.request("GET", "/api/cluster/jobs", params=query).json()[
            "records"
        ]
        return found

    def volumes(self) -> list[dict[str, Any]]:
        """Every volume but the root volumes of SVMs."""
        fields = {"fields": "name,size,uuid,nas.path,comment", "is_svm_root": "false"}
        records = self.ontap.request("GET", "/api/storage/volumes", params=fields).json()["records"]
        return [dict(one) for one in records if not one["name"].endswith("_root")]

    def volume(self) -> dict[str, Any]:
        """The only volume: that there are not two is part of the question."""
        (found,) = self.volumes()
        return dict(found)

    def up_until(self, event: Callable[[], Any]) -> Started:
        """`pulumi up`, going on, at the moment when the event has come."""
        command = ("pulumi", "up", "--yes", "--skip-preview", "--non-interactive", "--color", "never")
        started = self.project.start(*command)
        try:
            happens(lambda: event() or started.process.poll() is not None)
            assert started.process.poll() is None, started.end()
        except BaseException:
            started.kill()
            raise
        return started

    def deployment(self) -> dict[str, Any]:
        """The state as exported, with its pending operations."""
        found: dict[str, Any] = json.loads(self.project.pulumi("stack", "export").output)["deployment"]
        return found

    def settled(self) -> Ran:
        """Nothing is left to do, after a look at the cluster."""
        return self.project.drift(expect=0)


def new_project(folder: Path, stack: str = STACK) -> Project:
    """A project whose stack exists and holds nothing."""
    return Project.make(folder, stack)


__all__ = [
    "MOUNT",
    "PASSPHRASE",
    "POLICY_TOKEN",
    "STACK",
    "VOLUMES",
    "VOLUME_TOKEN",
    "Site",
    "happens",
    "new_project",
]
