"""The life of a cloud, driven by apache-libcloud: GET, no expiry in the signature, its own polling of jobs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from libcloud.common.types import InvalidCredsError, ProviderError
from libcloud.compute.drivers.cloudstack import CloudStackNodeDriver

from lab.cloudstack.server import PATH
from lab.cloudstack.testing import RunningCloudStack, running
from tests.fidelity.cloudstack import life

OTHER_WRAPPER = {"enableStorageMaintenance": "prepareprimarystorageformaintenanceresponse"}
"""libcloud wants the command's own name around an answer; a real server was seen to put another one around these."""


class Libcloud:
    """The node driver; what has no method of its own goes by the driver's raw requests."""

    def __init__(self, cloud: RunningCloudStack, secret: str | None = None) -> None:
        at = {"host": cloud.host, "port": cloud.port, "path": PATH, "secure": False}
        self.driver = CloudStackNodeDriver(cloud.api_key, secret or cloud.secret_key, **at)
        self.driver.connection.poll_interval = 0.01

    def now(self, command: str, **params: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self.driver._sync_request(command, params=params)
        return answer

    def job(self, command: str, **params: Any) -> dict[str, Any]:
        if command in OTHER_WRAPPER:
            started = self.driver.connection.request(PATH, params={**params, "command": command})
            return self.now("queryAsyncJobResult", jobid=started.object[OTHER_WRAPPER[command]]["jobid"])
        answer: dict[str, Any] = self.driver._async_request(command, params=params)
        return answer


DETAILS = {
    key: value
    for number, (name, text) in enumerate(life.SWIFT.items())
    for key, value in ((f"details[{number}].key", name), (f"details[{number}].value", text))
}


def test_life_of_a_cloud(tmp_path: Path) -> None:
    with running(tmp_path) as cloud:
        client = Libcloud(cloud)
        made = life.make(client, DETAILS)
        client.now("updateZone", id=made.zone, allocationstate="Enabled")
        assert life.seen(client) == life.WHOLE
        assert [(each.id, each.name) for each in client.driver.list_locations()] == [(made.zone, "zone1")]
        with pytest.raises(ProviderError, match="cannot be deleted because there are"):
            client.now("deleteZone", id=made.zone)
        life.unmake(client, made, cloud.advance)
        assert life.seen(client) == life.NOTHING


def test_wrong_secret_is_told_as_wrong_credentials(tmp_path: Path) -> None:
    with running(tmp_path) as cloud, pytest.raises(InvalidCredsError):
        Libcloud(cloud, secret="other").now("listZones")
