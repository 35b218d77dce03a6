"""An imported set of zones guards their deletion as one that the stack has made itself."""

from __future__ import annotations

import pytest

from lab.cloudstack.testing import RunningCloudStack
from strata.errors import StrataError
from strata.provider.kinds.cloudstack_zone_set import ZoneSet
from strata.provider.lifecycle import Lifecycle, Resource
from strata.provider.outcome import OperationFailed
from tests.unit.adoption import by_hand
from tests.unit.adoption.conftest import Site

IT = Resource(f"urn:pulumi:found::strata::{ZoneSet.token}::zones")


@pytest.fixture
def zones(site: Site, cloud: RunningCloudStack) -> list[str]:
    """Two zones, behind a store."""
    by_hand.swift_store(cloud, "http://swift01:8080/auth/v1.0")
    site.write()
    return [
        by_hand.advanced_zone(cloud, f"nfs://10.0.0.1/{name}", name, number, enabled=False)
        for name, number in (("zone1", 15), ("zone2", 16))
    ]


async def test_the_zones_of_the_id_are_noted(site: Site, zones: list[str]) -> None:
    lifecycle = Lifecycle(ZoneSet(site.connections()))
    found = await lifecycle.read(f"zones:{','.join(zones)}", {}, {})
    assert found is not None
    id, state, inputs = found
    assert id == "zones"
    assert lifecycle.check(inputs).items() >= inputs.items(), (
        "the engine shows refused inputs as an error of ours"
    )
    declared = lifecycle.check({"zones": zones})
    assert lifecycle.diff(declared, state, []) == []
    again = await lifecycle.read(id, declared, state)
    assert again is not None
    assert lifecycle.diff(declared, again[1], []) == [], "a refresh keeps what was noted"
    with pytest.raises(OperationFailed, match="can't be removed while zone2 stays"):
        await lifecycle.preview_update(IT, id, lifecycle.check({"zones": zones[1:]}), again[1], 0)


async def test_without_the_zones_the_next_up_takes_note(site: Site, zones: list[str]) -> None:
    lifecycle = Lifecycle(ZoneSet(site.connections()))
    found = await lifecycle.read("zones", {}, {})
    assert found is not None
    (one,) = lifecycle.diff(lifecycle.check({"zones": zones}), found[1], [])
    assert one.path == "noted"


async def test_another_id_is_none(site: Site, zones: list[str]) -> None:
    with pytest.raises(StrataError, match="nothing is imported"):
        await Lifecycle(ZoneSet(site.connections())).read("pods", {}, {})
