"""The life of a cloud, driven by `cs`: signature v3, POST, and its own waiting for jobs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from cs import CloudStack, CloudStackApiException

from lab.cloudstack.testing import RunningCloudStack, running
from tests.fidelity.cloudstack import life


class Cs:
    """`cs` as its README shows it."""

    def __init__(self, cloud: RunningCloudStack, method: str) -> None:
        access = {"endpoint": cloud.endpoint, "key": cloud.api_key, "secret": cloud.secret_key}
        self.api = CloudStack(**access, method=method, poll_interval=0.01)

    def now(self, command: str, **params: Any) -> dict[str, Any]:
        answer: dict[str, Any] = getattr(self.api, command)(**params)
        return answer

    def job(self, command: str, **params: Any) -> dict[str, Any]:
        answer: dict[str, Any] = getattr(self.api, command)(**params, fetch_result=True)
        return answer


DETAILS = {"details": [{"key": name, "value": value} for name, value in life.SWIFT.items()]}


@pytest.mark.parametrize(
    ("method", "because"), [("post", "as Strata signs and sends"), ("get", "the package's default")]
)
def test_life_of_a_cloud(tmp_path: Path, method: str, because: str) -> None:
    with running(tmp_path) as cloud:
        client = Cs(cloud, method)
        made = life.make(client, DETAILS)
        client.now("updateZone", id=made.zone, allocationstate="Enabled")
        assert life.seen(client) == life.WHOLE, because
        with pytest.raises(CloudStackApiException) as refused:
            client.now("deleteZone", id=made.zone)
        assert refused.value.error["errorcode"] == 530
        life.unmake(client, made, cloud.advance)
        assert life.seen(client) == life.NOTHING


def test_pages_are_gathered_and_a_missing_command_is_refused(tmp_path: Path) -> None:
    with running(tmp_path) as cloud:
        client = Cs(cloud, "get")
        settings = client.api.listConfigurations(fetch_list=True)
        names = [each["name"] for each in settings]
        assert len(names) == len(set(names)) == client.now("listConfigurations")["count"]
        with pytest.raises(CloudStackApiException) as refused:
            client.now("enableSwift")
        assert refused.value.error["errorcode"] == 401
