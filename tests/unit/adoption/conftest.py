"""The systems of a site, and a stack file that says how to reach them and nothing more."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from lab.cloudstack import testing as cloudstack
from lab.cloudstack.testing import RunningCloudStack
from lab.ontap import testing as ontap
from lab.ontap.testing import RunningOntap
from lab.swift import testing as swift
from lab.swift.testing import RunningSwift
from strata.adoption.adopt import SYSTEMS, Adopted, Source, adopt
from strata.stackfile import validate
from strata.verify.configuration import connections
from tests.lifecycle.host import fake_host
from tests.lifecycle.host.fake_host import FakeHost
from tests.unit.adoption import by_hand
from tests.unit.adoption.program import Imported


@dataclass
class Site:
    """A project folder; `sections` of its stack file may be added to."""

    folder: Path
    sections: dict[str, Any]

    @property
    def file(self) -> Path:
        return self.folder / "stacks" / "Pulumi.found.yaml"

    def write(self, text: str | None = None) -> None:
        self.file.parent.mkdir(exist_ok=True)
        self.file.write_text(text or yaml.safe_dump({"config": self.sections}, sort_keys=False))

    def secret(self, name: str, value: str) -> dict[str, str]:
        """A reference to a file with that value."""
        (self.folder / name).write_text(value)
        return {"file": name}

    def connections(self) -> Any:
        return connections(self.file, "found", self.folder)

    async def adopt(self, only: Collection[str] = SYSTEMS, everything: bool = False) -> Adopted:
        """Look, and put what was found into the stack file; it has to be good then."""
        if not self.file.exists():
            self.write()
        adopted = await adopt(Source.of(self.file), self.connections(), only, everything)
        self.write(adopted.text)
        assert validate(self.file) == []
        return adopted

    async def preview(self, adopted: Adopted) -> list[str]:
        """What is left to do after an import."""
        imported = Imported(self.connections())
        await imported.read(adopted.imports)
        return await asyncio.to_thread(imported.preview, self.file)

    @property
    def config(self) -> dict[str, Any]:
        found: dict[str, Any] = yaml.safe_load(self.file.read_text())["config"]
        return found


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    (tmp_path / "project").mkdir()
    monkeypatch.chdir(tmp_path / "project")
    return Site(tmp_path / "project", {})


@pytest.fixture
def cluster(site: Site, tmp_path: Path) -> Iterator[RunningOntap]:
    """An ONTAP cluster of the site."""
    with ontap.running(tmp_path / "ontap") as running:
        (site.folder / "ca.pem").write_bytes(running.ca.read_bytes())
        site.sections["strata:ontap"] = {
            "clusters": {
                "cluster01": {
                    "hostname": running.host,
                    "port": running.port,
                    "username": running.username,
                    "password": site.secret("ontap", running.password),
                    "caFile": "ca.pem",
                }
            }
        }
        yield running


@pytest.fixture(scope="session")
def real_swift(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSwift]:
    with swift.running(tmp_path_factory.mktemp("swift")) as running:
        yield running


@pytest.fixture
def account(site: Site, real_swift: RunningSwift) -> RunningSwift:
    """A Swift account of the site."""
    key = site.secret("swift", real_swift.key)
    given = {"authUrl": real_swift.auth_url, "user": real_swift.user, "key": key}
    site.sections["strata:swift"] = {"accounts": {"cloudstack": given}}
    return real_swift


@pytest.fixture
def cloud(site: Site, tmp_path: Path) -> Iterator[RunningCloudStack]:
    """A CloudStack of the site, in which system VMs always come."""
    with cloudstack.running(tmp_path / "cloudstack") as running:
        running.configure(system_vms="always")
        site.sections["strata:cloudstack"] = {
            "endpoint": running.endpoint,
            "apiKey": site.secret("api", running.api_key),
            "secretKey": site.secret("secret", running.secret_key),
        }
        yield running


@pytest.fixture
async def host(site: Site, cluster: RunningOntap, tmp_path: Path) -> AsyncIterator[FakeHost]:
    """A host of the site, beside a cluster with the volume images."""
    if os.geteuid() != 0:
        pytest.skip("a mount namespace of its own needs root")
    by_hand.volume(cluster, "images")
    async with fake_host.running(tmp_path) as running:
        site.sections["strata:hosts"] = {
            "tkstack": {
                "address": "127.0.0.1",
                "port": running.port,
                "privateKey": site.secret("key", running.client_key.export_private_key().decode()),
                "hostKey": site.secret("host_key", running.host_key.export_public_key().decode()),
            }
        }
        yield running
