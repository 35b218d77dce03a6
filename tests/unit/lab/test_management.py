"""CloudStack as a part of a lab without a guest: its process is the endpoint, and each era has records of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from lab.cloudstack import auth
from lab.environment import Lab


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    made = Lab("x", tmp_path)
    made.up(parts=("cloudstack",))
    yield made
    made.down()


def call(lab: Lab, command: str, **params: str) -> httpx.Response:
    """One signed request with what `status` tells."""
    told = lab.status()["cloudstack"]
    pairs = {"command": command, "response": "json", "apiKey": told["api_key"], **params}
    pairs["signature"] = auth.signature(pairs.items(), told["secret_key"])
    return httpx.post(told["endpoint"], data=pairs, trust_env=False)


def version(lab: Lab) -> str:
    return str(
        call(lab, "listCapabilities").json()["listcapabilitiesresponse"]["capability"]["cloudstackversion"]
    )


def test_each_era_has_its_records_and_both_have_the_same_keys(lab: Lab) -> None:
    assert version(lab).startswith("4.23")
    told = lab.status()["cloudstack"]
    zone = {"name": "z", "networktype": "Basic", "dns1": "8.8.8.8", "internaldns1": "8.8.8.8"}
    assert call(lab, "createZone", **zone).status_code == 200
    assert lab.up(parts=("cloudstack",), era="legacy") == ["cloudstack"]
    assert version(lab).startswith("4.1")
    assert call(lab, "listZones").json() == {"listzonesresponse": {}}
    assert lab.status()["cloudstack"] == {**told, "era": "legacy"}, "address and keys are the same"
    assert lab.up(parts=("cloudstack",)) == ["cloudstack"]
    assert call(lab, "listZones").json()["listzonesresponse"]["count"] == 1, "what was there is there again"
    assert lab.up(parts=("cloudstack",)) == []


def test_without_a_guest_the_process_is_the_service(lab: Lab) -> None:
    lab.stop_management()
    assert not lab.running
    with pytest.raises(httpx.TransportError):
        call(lab, "listZones")
    lab.start_management()
    lab.restart_management()
    assert lab.running


def test_a_reset_keeps_the_era_and_forgets_the_zones(lab: Lab) -> None:
    lab.up(parts=("cloudstack",), era="legacy")
    endpoint = lab.status()["cloudstack"]["endpoint"]
    zone = {"name": "z", "networktype": "Basic", "dns1": "8.8.8.8", "internaldns1": "8.8.8.8"}
    assert call(lab, "createZone", **zone).status_code == 200
    lab.reset()
    assert lab.status()["cloudstack"]["era"] == "legacy"
    assert lab.status()["cloudstack"]["endpoint"] == endpoint
    assert call(lab, "listZones").json() == {"listzonesresponse": {}}


def test_the_credentials_are_the_owners_alone(lab: Lab) -> None:
    for path in lab.folder.cloudstack.rglob("*"):
        if path.name in ("api_key", "secret_key", "password"):
            assert path.stat().st_mode & 0o077 == 0, path


def test_what_the_installer_asks_and_what_a_boot_ends(lab: Lab) -> None:
    with lab.cloudstack() as client:
        assert client.post("/_lab/systemtemplate", json={"hypervisor": "kvm"}).json()["id"] == 3
        refused = client.post("/_lab/systemtemplate", json={"hypervisor": "xen-ish"})
        assert refused.status_code == 400
        assert client.post("/_lab/boot").json() == {"seconds": 4.0}
        assert client.post("/_lab/boot", auth=("admin", "guessed")).status_code == 401
