"""Injected faults, races, and a journal that tells every command and no secret."""

from __future__ import annotations

import httpx
import pytest

from lab.cloudstack.server import PATH
from lab.cloudstack.testing import RunningCloudStack
from lab.http.faults import Fault
from tests.unit.lab_cloudstack.wire import SWIFT_DETAILS, SWIFT_URL, add_swift, bare_zone, refused


@pytest.mark.parametrize(
    ("effect", "stored", "because"),
    [
        ("reset", 0, "the connection ends before anything is done"),
        ("lost_answer", 1, "it is done, and nobody is told"),
        ("truncate", 1, "it is done, and half of it is told"),
    ],
)
def test_a_connection_that_ends(cloud: RunningCloudStack, effect: str, stored: int, because: str) -> None:
    """What the client cannot know, the next list tells."""
    cloud.faults.add(Fault(effect, path=f"{PATH}/addImageStore"))
    with pytest.raises(httpx.TransportError):
        add_swift(cloud)
    assert cloud.ask("listImageStores").get("count", 0) == stored, because


def test_a_status_and_a_wrong_password(cloud: RunningCloudStack) -> None:
    """Each strikes once, in the wrapper of its command."""
    cloud.faults.add(Fault("status", path="listZones", status=530, code="4250", message="Database is away"))
    assert refused(cloud, "listZones") == (530, 4250, "Database is away")
    cloud.faults.add(Fault("unauthorized", method="WRITE"))
    assert cloud.call("listZones").status_code == 200, "a list is no write, even by POST"
    assert refused(cloud, "createZone")[0] == 401


def test_a_delay_passes_on_the_clock(cloud: RunningCloudStack) -> None:
    """No real second is spent."""
    before = cloud.clock.now()
    cloud.faults.add(Fault("delay", seconds=40))
    assert cloud.call("listZones").status_code == 200
    assert cloud.clock.now() == before + 40


def test_jobs_that_fail_and_hang(cloud: RunningCloudStack) -> None:
    """A failed job leaves the row of what it was to make; one that hangs goes on when all is calm."""
    zone = bare_zone(cloud)
    cloud.faults.add(Fault("job_failure", path="createPhysicalNetwork", message="Out of VLANs"))
    failed = cloud.ask("createPhysicalNetwork", zoneid=zone, name="pn1")
    assert (failed["jobstatus"], failed["errortext"]) == (2, "Out of VLANs")
    assert cloud.ask("listPhysicalNetworks")["count"] == 1
    cloud.faults.add(Fault("job_hang", path="updatePhysicalNetwork"))
    network = cloud.ask("listPhysicalNetworks")["physicalnetwork"][0]["id"]
    assert cloud.ask("updatePhysicalNetwork", id=network, state="Enabled")["jobstatus"] == 0
    cloud.calm()
    assert cloud.ask("listPhysicalNetworks")["physicalnetwork"][0]["state"] == "Enabled"


def test_adds_of_one_name_can_both_win(cloud: RunningCloudStack) -> None:
    """The real server does not serialise them: so many as are told pass, the next is refused."""
    cloud.configure(races=1)
    first, second = add_swift(cloud), add_swift(cloud)
    assert first != second
    assert refused(cloud, "addImageStore", provider="Swift", name="swift")[:2] == (431, 4350)


def test_the_journal_tells_commands_and_no_secret(cloud: RunningCloudStack) -> None:
    """Reads and writes by their commands, whatever the HTTP method; keys and passwords are struck out."""
    add_swift(cloud)
    cloud.ask("listImageStores")
    cloud.call("addSwift", url=SWIFT_URL, account="test", username="tester", key="testing-too")
    cloud.client.post(PATH, data={"command": "login", "username": "admin", "password": cloud.password})
    assert cloud.commands() == ["addImageStore", "listImageStores", "addSwift", "login"]
    assert cloud.commands(writes=True) == ["addImageStore", "addSwift"]
    written = cloud.emulator.system.config.journal_file.read_text(encoding="utf-8")
    secrets = (SWIFT_DETAILS["details[2].value"], cloud.password, cloud.api_key, 'signature": "l')
    assert not [secret for secret in secrets if secret in written]
    assert '"details[1].value": "tester"' in written


def test_the_control_interface_needs_the_password_and_tells_no_secret(cloud: RunningCloudStack) -> None:
    """State, settings and restart over HTTP, as `strata lab` will ask."""
    add_swift(cloud)
    assert cloud.client.get("/_lab/state").status_code == 401
    auth = (cloud.username, cloud.password)
    state = cloud.client.get("/_lab/state", auth=auth)
    assert "testing" not in state.text
    assert cloud.secret_key not in state.text
    assert (
        cloud.client.post("/_lab/settings", auth=auth, json={"system_vms": "never"}).json()["system_vms"]
        == "never"
    )
    assert cloud.client.post("/_lab/settings", auth=auth, json={"nothing": 1}).status_code == 400
    assert cloud.client.post("/_lab/restart", auth=auth, json={"seconds": 9}).status_code == 200
    assert cloud.emulator.system.down
