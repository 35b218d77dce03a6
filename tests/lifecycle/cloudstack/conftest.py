"""An emulated CloudStack per test, and the kinds connected to it by signed requests. No test waits: both clocks are driven."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from lab.cloudstack.testing import RunningCloudStack, running
from lab.http.faults import Fault
from strata.clients.cloudstack import CloudStackClient
from strata.errors import Failed
from strata.provider.connections import Connections
from strata.provider.kind import Kind
from strata.provider.lifecycle import Lifecycle, Resource
from tests.lifecycle.hurrying import Hurrying

AUTH_URL = "http://swift01:8080/auth/v1.0"
SWIFT_KEY = "canary-swift-key"


@dataclass
class SwiftStandIn:
    """What the kinds of CloudStack ask of a Swift account, where no Swift runs. `trouble` is what a look and a proof then say."""

    name: str
    auth_url: str = AUTH_URL
    account_name: str = "test"
    username: str = "tester"
    key: str = SWIFT_KEY
    trouble: str | None = None
    wrong_form: str | None = None
    proofs: int = 0
    looks: int = 0

    async def account(self) -> dict[str, str]:
        self.looks += 1
        if self.trouble:
            raise Failed(self.trouble)
        return {}

    async def prove(self) -> None:
        self.proofs += 1
        if self.trouble:
            raise Failed(self.trouble)

    def cloudstack_details(self) -> tuple[str, str, str, str]:
        if self.wrong_form:
            raise Failed(self.wrong_form)
        return self.auth_url, self.account_name, self.username, self.key


class StandInConnections(Connections):
    """The provider's connections with stand-ins for Swift: `accounts` may be changed and added to."""

    accounts: dict[str, SwiftStandIn]

    def swift(self, account: str) -> Any:
        if account not in self.accounts:
            raise Failed(f"There is no Swift account named {account!r} in strata:swift.accounts.")
        return self.accounts[account]

    @property
    def swift_accounts(self) -> list[str]:
        return list(self.accounts)


def resource(token: str, name: str = "it") -> Resource:
    return Resource(f"urn:pulumi:lab::strata::{token}::{name}")


@dataclass
class Bench:
    """The management server and what is needed to run a kind against it. `warnings` are those of all runs so far."""

    cloudstack: RunningCloudStack
    time: Hurrying
    connections: StandInConnections
    warnings: list[str] = field(default_factory=list)

    @property
    def swift(self) -> SwiftStandIn:
        """The account `cloudstack` of the stack file."""
        return self.connections.accounts["cloudstack"]

    @property
    def api(self) -> CloudStackClient:
        return self.connections.cloudstack()

    def lifecycle(self, kind: type[Kind[Any, Any]]) -> Lifecycle:
        return Lifecycle(kind(self.connections), self.time.clock, warn=self._warned)  # type: ignore[call-arg]

    async def create(
        self, kind: type[Kind[Any, Any]], given: dict[str, Any], timeout: float = 0
    ) -> tuple[str, dict[str, Any]]:
        """(id, state) of a create as the engine asks for it, its check first."""
        lifecycle = self.lifecycle(kind)
        return await lifecycle.create(resource(kind.token), lifecycle.check(given), timeout)

    async def update(
        self, kind: type[Kind[Any, Any]], id: str, given: dict[str, Any], old: dict[str, Any]
    ) -> dict[str, Any]:
        lifecycle = self.lifecycle(kind)
        return await lifecycle.update(resource(kind.token), id, lifecycle.check(given), old, 0)

    async def delete(self, kind: type[Kind[Any, Any]], id: str, old: dict[str, Any]) -> None:
        await self.lifecycle(kind).delete(resource(kind.token), id, old, 0)

    async def preview(self, kind: type[Kind[Any, Any]], given: dict[str, Any]) -> dict[str, Any]:
        """The preview of a create."""
        lifecycle = self.lifecycle(kind)
        return await lifecycle.preview_create(resource(kind.token), lifecycle.check(given), 0)

    async def preview_update(
        self, kind: type[Kind[Any, Any]], id: str, given: dict[str, Any], old: dict[str, Any]
    ) -> dict[str, Any]:
        lifecycle = self.lifecycle(kind)
        return await lifecycle.preview_update(resource(kind.token), id, lifecycle.check(given), old, 0)

    async def drift(
        self, kind: type[Kind[Any, Any]], id: str, given: dict[str, Any], old: dict[str, Any]
    ) -> tuple[list[str], dict[str, Any]]:
        """(paths of what is otherwise, refreshed state)."""
        lifecycle = self.lifecycle(kind)
        inputs = lifecycle.check(given)
        found = await lifecycle.read(id, inputs, old)
        assert found is not None
        return [one.path for one in lifecycle.diff(inputs, found[1], [])], found[1]

    @property
    def mark(self) -> int:
        """The number of the last request, for `sent`."""
        return self.cloudstack.journal.last

    def sent(self, since: int = 0) -> list[tuple[str, dict[str, str]]]:
        """(command, parameters without what every request carries) of each write after that number."""
        common = {"command", "response", "apiKey", "signature", "signatureVersion", "expires"}
        return [
            (one.query["command"], {key: value for key, value in one.query.items() if key not in common})
            for one in self.cloudstack.writes(since)
        ]

    def commands(self, since: int = 0) -> list[str]:
        """The writing commands after that number."""
        return [command for command, _ in self.sent(since)]

    def fault(self, effect: str, command: str, **more: Any) -> None:
        """`effect` (lost_answer, reset, status, job_failure, job_hang, …) strikes the next `command`."""
        self.cloudstack.faults.add(Fault(effect, path=f"/{command}$", **more))

    def zone(self, name: str = "zone1", **more: str) -> str:
        """A zone made by hand; its id."""
        given = {
            "name": name,
            "dns1": "8.8.8.8",
            "internaldns1": "10.0.0.2",
            "networktype": "Advanced",
            **more,
        }
        return str(self.cloudstack.ask("createZone", **given)["zone"]["id"])

    def swift_store(self, name: str = "swift01", url: str = AUTH_URL) -> str:
        """A Swift store of the whole region made by hand; its id."""
        details = {"account": "test", "username": "tester", "key": SWIFT_KEY}
        params = {"provider": "Swift", "name": name, "url": url}
        for number, (key, value) in enumerate(details.items()):
            params |= {f"details[{number}].key": key, f"details[{number}].value": value}
        return str(self.cloudstack.ask("addImageStore", **params)["imagestore"]["id"])

    async def _warned(self, urn: str, line: str) -> None:
        self.warnings.append(line)


def connect(cloudstack: RunningCloudStack, time: Hurrying, **changed: Any) -> StandInConnections:
    """The connections of a stack file with one Swift account, `cloudstack`."""
    at = {
        "endpoint": cloudstack.endpoint,
        "apiKey": cloudstack.api_key,
        "secretKey": cloudstack.secret_key,
        "hypervisorCredentials": {"kvm": {"username": "root", "password": "canary-host-password"}},
        **changed,
    }
    connections = StandInConnections({}, {}, Path("/"), {}, time.clock, cloudstack=at)
    connections.accounts = {"cloudstack": SwiftStandIn("cloudstack")}
    return connections


def bench_over(cloudstack: RunningCloudStack) -> Bench:
    """A bench whose pauses move the server's clock."""
    time = Hurrying(on_sleep=cloudstack.advance)
    return Bench(cloudstack, time, connect(cloudstack, time))


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """A server of today."""
    with running(tmp_path / "cloudstack") as cloudstack:
        yield bench_over(cloudstack)


@pytest.fixture
def legacy(tmp_path: Path) -> Iterator[Bench]:
    """A server of 4.1."""
    with running(tmp_path / "cloudstack", era="legacy") as cloudstack:
        yield bench_over(cloudstack)
