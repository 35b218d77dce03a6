"""The first era of CloudStack on Swift: a setting, a restart of the management server, Swift, and only then the zone."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.environment import Lab
from tests.acceptance.project import Project
from tests.acceptance.zones import Cloud, ZonePath, store_text, zone_text
from tools.demo.order import order_of

pytestmark = pytest.mark.acceptance

SERVICE = "cloudstack-management"
ENTERED = f"systemctl show -P ActiveEnterTimestamp --timestamp=unix {SERVICE}"


@pytest.fixture(scope="module")
def server(lab: Lab, cloud: Cloud) -> Iterator[Cloud]:
    """A management server of that era; the other one's records come back at the end."""
    lab.up(era="legacy")
    yield cloud
    lab.up(era="modern")


@pytest.fixture(scope="module")
def legacy(server: Cloud, lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> ZonePath:
    """The committed stack of that era, up."""
    began = server.last()
    project = Project.make(tmp_path_factory.mktemp("legacy") / "project", zone_text(lab, "lab-legacy"))
    project.up()
    return ZonePath(lab, project, server, began)


def entered(zones: ZonePath) -> float:
    """When the service was last started, by the clock of this machine."""
    told = zones.host(f"date +%s.%N; {ENTERED}").split()
    return float(told[1].removeprefix("@")) + time.time() - float(told[0])


def test_a_stack_of_today_is_told_what_the_server_is(server: Cloud, lab: Lab, tmp_path: Path) -> None:
    other = Project.make(tmp_path / "modern", store_text(lab))
    before = server.last()
    ran = other.preview(expect=None)
    assert ran.code != 0
    assert "contradicts the server" in ran.output, ran
    assert "Set `era: legacy`" in ran.output
    assert server.writes(before) == []


def test_setting_restart_swift_zone_in_that_order(legacy: ZonePath) -> None:
    asked = legacy.cloud.asked(legacy.began)
    order = order_of(asked, "legacy")
    assert order.added is not None
    assert order.listed is not None
    assert order.zone is not None
    (setting,) = [one for one in asked if one.command == "updateConfiguration"]
    assert setting.number < order.added.number < order.listed.number < order.zone.number
    times = {one["seq"]: one["time"] for one in legacy.cloud.entries(legacy.began)}
    started = entered(legacy)
    # A second of doubt: systemd tells whole seconds.
    assert times[setting.number] - 1 <= started < times[order.added.number], "it was restarted in between"


def test_the_api_was_away_meanwhile(legacy: ZonePath) -> None:
    seconds = legacy.lab.cloudstack().get("/_lab/settings").json()["restart_seconds"]
    started = entered(legacy)
    answered = [one for one in legacy.cloud.entries(legacy.began) if one["status"] == 200]
    between = [one for one in answered if started + 1 < one["time"] < started + seconds - 1]
    assert between == [], "a restart takes the API away"


def test_the_state_holds_the_edges(legacy: ZonePath) -> None:
    chain = [
        "strata:cloudstack:GlobalSetting",
        "command:remote:Command",
        "strata:cloudstack:ImageStore",
        "strata:cloudstack:Zone",
    ]
    found = {}
    for one in legacy.project.resources():
        if one["type"] in chain and "system-vm-template" not in one["urn"]:
            found[one["type"]] = one
    for first, after in itertools.pairwise(chain):
        assert found[first]["urn"] in found[after]["dependencies"], f"{after} has to come after {first}"


def test_swift_holds_what_secondary_storage_holds(legacy: ZonePath) -> None:
    ran = legacy.project.run("strata", "verify", legacy.project.stack)
    assert "5 of 5 checks hold." in ran.output
    rows = [line.split() for line in ran.output.splitlines() if "template/tmpl/1/" in line]
    assert {row[3] for row in rows} == set(legacy.cloud.templates("2"))
    assert len(rows) == 2


def test_a_second_up_restarts_nothing_and_writes_nothing(legacy: ZonePath) -> None:
    before = legacy.host(ENTERED)
    with legacy.untouched():
        legacy.project.up()
        legacy.project.drift(expect=0)
    assert legacy.host(ENTERED) == before


def test_destroy_leaves_swift_which_that_era_cannot_take_away(legacy: ZonePath) -> None:
    templates = legacy.cloud.templates("2")
    (swift,) = legacy.cloud.rows("listSwifts")
    ran = legacy.project.destroy()
    assert "retain" in ran.output, ran
    assert legacy.cloud.rows("listZones") == []
    assert legacy.cloud.rows("listSwifts") == [swift]
    assert legacy.cloud.templates("2") == templates
    assert legacy.project.resources() == []
    legacy.project.destroy()
