"""An emulated cluster per test, and the kinds connected to it over TLS. No test waits: both clocks are driven."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from lab.ontap.testing import RunningOntap, running
from strata.provider.connections import Connections
from strata.provider.kind import Kind
from strata.provider.lifecycle import Lifecycle, Resource
from tests.lifecycle.hurrying import Hurrying

CLUSTER = "cluster01"


def resource(token: str, name: str = "images") -> Resource:
    return Resource(f"urn:pulumi:lab::strata::{token}::{name}")


@dataclass
class Bench:
    """The cluster and what is needed to run a kind against it."""

    ontap: RunningOntap
    time: Hurrying
    connections: Connections

    def lifecycle(self, kind: type[Kind[Any, Any]]) -> Lifecycle:
        return Lifecycle(kind(self.connections), self.time.clock)  # type: ignore[call-arg]

    @property
    def mark(self) -> int:
        """The number of the last request, for `writes`."""
        entries = self.ontap.journal.entries(0)
        return entries[-1].seq if entries else 0

    def writes(self, since: int = 0) -> list[tuple[str, str, Any]]:
        """(method, last parts of the path, body) of each write after that number."""
        return [
            (one.method, one.path.removeprefix("/api/storage/").removeprefix("/api/protocols/nfs/"), one.body)
            for one in self.ontap.writes(since)
        ]

    def behind(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """Another administrator's request, done at once."""
        answer = self.ontap.request(method, f"/api{path}", json=body or {}, params={"return_timeout": 15})
        assert answer.status_code < 300, answer.text
        self.ontap.advance(60)
        return answer.json() if answer.content else {}


def connect(ontap: RunningOntap, time: Hurrying, **changed: Any) -> Connections:
    cluster = {
        "hostname": ontap.host,
        "port": ontap.port,
        "username": ontap.username,
        "password": ontap.password,
        "caFile": str(ontap.ca),
        **changed,
    }
    return Connections({CLUSTER: cluster}, {}, Path("/"), {}, time.clock)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with running(tmp_path / "ontap") as ontap:
        time = Hurrying(on_sleep=ontap.advance)
        yield Bench(ontap, time, connect(ontap, time))
