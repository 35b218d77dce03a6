"""A restart takes the API away, ends the sessions, and puts settings into force that waited for it."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from lab.cloudstack import auth
from lab.cloudstack.server import PATH
from lab.cloudstack.testing import RunningCloudStack, running
from tests.unit.lab_cloudstack.wire import add_swift, refused

LOGIN = {"command": "login", "response": "json", "username": "admin", "password": "lab-only-password"}
ENFORCE = "enforce.post.requests.and.timestamps"


def _listed_by_session(cloud: RunningCloudStack, key: str) -> httpx.Response:
    return cloud.client.post(PATH, data={"command": "listZones", "response": "json", "sessionkey": key})


def test_while_it_restarts_nobody_is_answered(cloud: RunningCloudStack) -> None:
    """The connection ends without an answer until the clock has passed the restart."""
    cloud.restart(5)
    with pytest.raises(httpx.RemoteProtocolError):
        cloud.call("listZones")
    cloud.advance(4)
    with pytest.raises(httpx.RemoteProtocolError):
        cloud.call("listZones")
    cloud.advance(1)
    assert cloud.call("listZones").status_code == 200
    assert [entry.status for entry in cloud.journal.entries()] == [None, None, 200]


def test_a_restart_ends_the_sessions(cloud: RunningCloudStack) -> None:
    """The same cookie and key are 401 afterwards; what was stored is still there."""
    add_swift(cloud)
    key = cloud.client.post(PATH, data=LOGIN).json()["loginresponse"]["sessionkey"]
    assert _listed_by_session(cloud, key).status_code == 200
    cloud.restart(0)
    assert _listed_by_session(cloud, key).status_code == 401
    assert cloud.ask("listImageStores")["count"] == 1


def test_a_setting_that_is_not_dynamic_waits_for_the_restart(cloud: RunningCloudStack) -> None:
    """The enforced mode is stored at once and obeyed only after the restart."""
    cloud.ask("updateConfiguration", name=ENFORCE, value="true")
    assert cloud.call("listZones").status_code == 200
    cloud.restart(0)
    assert refused(cloud, "listZones")[0] == 401


@pytest.mark.parametrize(
    ("method", "command", "ahead", "status", "because"),
    [
        ("POST", "listZones", 60, 200, "signed by version 3 and soon to expire"),
        ("GET", "listZones", 60, 200, "a list may come by GET"),
        ("GET", "addImageStore", 60, 400, "a change may not"),
        ("POST", "listZones", 3600, 401, "it expires too far ahead"),
        ("POST", "listZones", -1, 401, "it has expired"),
    ],
)
def test_the_enforced_mode(
    cloud: RunningCloudStack, method: str, command: str, ahead: float, status: int, because: str
) -> None:
    """Version 3, not for longer than 15 minutes, changes by POST."""
    cloud.ask("updateConfiguration", name=ENFORCE, value="true")
    cloud.restart(0)
    expires = datetime.fromtimestamp(time.time() + ahead, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    asked = {"command": command, "response": "json", "apiKey": cloud.api_key, "provider": "Swift"}
    asked.update(signatureversion="3", expires=expires)
    asked["signature"] = auth.signature(asked.items(), cloud.secret_key)
    sent = {"params": asked} if method == "GET" else {"data": asked}
    assert cloud.client.request(method, PATH, **sent).status_code == status, because  # type: ignore[arg-type]


def test_a_new_process_is_a_restart_too(tmp_path: Path) -> None:
    """Records and job numbers go on; sessions do not."""
    with running(tmp_path) as cloud:
        add_swift(cloud)
        cloud.ask("updateConfiguration", name=ENFORCE, value="true")
    with running(tmp_path) as cloud:
        assert refused(cloud, "listImageStores")[0] == 401, "the setting is in force"
        rows = cloud.emulator.system.rows("image_stores")
        assert [row["name"] for row in rows] == ["swift"]


def test_a_job_goes_on_after_a_restart(tmp_path: Path) -> None:
    """What a job will do is stored with it."""
    with running(tmp_path, job_seconds=3.0) as cloud:
        asked = {"dns1": "8.8.8.8", "internaldns1": "8.8.8.8", "networktype": "Advanced"}
        zone = cloud.ask("createZone", name="z", **asked)["zone"]["id"]
        network = cloud.ask("createPhysicalNetwork", zoneid=zone, name="pn")["physicalnetwork"]["id"]
        job = cloud.call("updatePhysicalNetwork", id=network, state="Enabled").json()
        key = job["updatephysicalnetworkresponse"]["jobid"]
        cloud.restart(1)
        cloud.advance(3)
        assert (
            cloud.ask("queryAsyncJobResult", jobid=key)["jobresult"]["physicalnetwork"]["state"] == "Enabled"
        )
