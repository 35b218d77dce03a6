"""What a physical network can't be, and what others have in its place: said before anything is changed."""

from __future__ import annotations

from typing import Any

import pytest

from strata.errors import Failed, InvalidInput
from strata.provider.kinds.cloudstack_physical_network import PhysicalNetwork
from strata.provider.kinds.cloudstack_physical_network_args import LABELS, Traffic, vlans
from strata.provider.outcome import InitFailed, OperationFailed

from .conftest import Bench, resource
from .test_physical_network import MANAGEMENT, declared, make


async def test_a_zone_that_is_not_there_is_told(bench: Bench) -> None:
    zone = bench.zone()
    bench.cloudstack.ask("deleteZone", id=zone)
    with pytest.raises(OperationFailed, match=r"is not there \(any more\)"):
        await bench.preview(PhysicalNetwork, declared(zone))


async def test_an_import_by_a_name_that_two_have_asks_for_the_id(bench: Bench) -> None:
    zone = bench.zone()
    for _ in range(2):
        bench.cloudstack.ask("createPhysicalNetwork", zoneid=zone, name="physnet1")
    with pytest.raises(Failed, match="2 physical networks of CloudStack are named physnet1"):
        await bench.lifecycle(PhysicalNetwork).read("physnet1", {}, {})
    with pytest.raises(OperationFailed, match="Names are not unique in CloudStack"):
        await bench.preview(PhysicalNetwork, declared(zone))


async def test_an_unknown_provider_is_told_with_those_that_there_are(bench: Bench) -> None:
    with pytest.raises(
        InitFailed, match="no provider VirtualRoute; it has BaremetalPxeProvider, ConfigDrive"
    ):
        await make(bench, providers=["VirtualRoute"])


async def test_a_foreign_network_is_left_alone_unless_adopted(bench: Bench) -> None:
    given = declared(bench.zone())
    other = bench.cloudstack.ask(
        "createPhysicalNetwork", zoneid=given["zone"], name="physnet1", isolationmethods="VLAN", tags="slow"
    )["physicalnetwork"]["id"]
    bench.cloudstack.ask("addTrafficType", physicalnetworkid=other, traffictype="Guest")
    since = bench.mark
    with pytest.raises(OperationFailed, match=f"pulumi import strata:cloudstack:PhysicalNetwork it {other}"):
        await bench.create(PhysicalNetwork, given)
    assert bench.sent(since) == []
    id, state = await bench.create(PhysicalNetwork, {**given, "adopt": True})
    assert id == other
    assert (await bench.drift(PhysicalNetwork, id, given, state))[0] == []
    assert "createPhysicalNetwork" not in bench.commands(since)


async def test_one_of_another_isolation_cannot_be_adopted(bench: Bench) -> None:
    given = declared(bench.zone(), adopt=True)
    bench.cloudstack.ask(
        "createPhysicalNetwork", zoneid=given["zone"], name="physnet1", isolationmethods="GRE"
    )
    since = bench.mark
    with pytest.raises(OperationFailed, match=r"isolation is \['GRE'\] and not \['VLAN'\]"):
        await bench.preview(PhysicalNetwork, given)
    assert bench.sent(since) == []


async def test_an_enabled_zone_is_told_at_preview(bench: Bench) -> None:
    given, _, _ = await make(bench)
    bench.cloudstack.ask("updateZone", id=given["zone"], allocationstate="Enabled")
    since = bench.mark
    with pytest.raises(OperationFailed, match="Zone zone1 is enabled"):
        await bench.preview(PhysicalNetwork, {**given, "name": "physnet2"})
    assert bench.sent(since) == []


async def test_a_basic_zone_takes_no_vlans_of_guests(bench: Bench) -> None:
    given = declared(bench.zone("basic", networktype="Basic"))
    with pytest.raises(OperationFailed, match="Zone basic is a Basic zone"):
        await bench.preview(PhysicalNetwork, given)


async def test_a_network_that_guests_are_on_is_kept_with_the_servers_words(bench: Bench) -> None:
    given, id, state = await make(bench)
    offering = bench.cloudstack.ask("listNetworkOfferings")["networkoffering"][0]["id"]
    bench.cloudstack.ask("createNetwork", zoneid=given["zone"], networkofferingid=offering, name="guests")
    with pytest.raises(OperationFailed, match="not deletable because there are networks"):
        await bench.delete(PhysicalNetwork, id, state)


SPELLINGS = [
    ("300", "300-300", "one alone is a range of one"),
    ("200-300, 100-199", "100-300", "ranges are sorted and joined where they touch"),
    ("100-110,105-120,400-410", "100-120,400-410", "overlapping ones are joined"),
]


@pytest.mark.parametrize(("text", "canonical", "because"), SPELLINGS, ids=[row[2] for row in SPELLINGS])
def test_ranges_of_vlans_have_one_form(text: str, canonical: str, because: str) -> None:
    assert vlans(text) == canonical, because


WRONG = [
    ({"vlans": "200-100"}, "the first number must not be above the last"),
    ({"vlans": "ten"}, "must be ranges such as"),
    ({"tags": ["a", "b"]}, "takes one tag"),
    ({"isolation": ["VLAN", "GRE"]}, "takes one isolation method"),
    ({"traffic": [MANAGEMENT, {"type": "management"}]}, "Management stands there twice"),
    ({"traffic": [{"type": "Backup"}]}, "allowed are Management, Public, Guest, Storage"),
    ({"traffic": [{"type": "Guest", "simulator": "sim0"}]}, "takes no label for its simulator"),
    ({"state": "On"}, "allowed are 'Enabled', 'Disabled'"),
]


@pytest.mark.parametrize(("more", "words"), WRONG, ids=[row[1] for row in WRONG])
def test_what_cannot_be_is_said_before_any_call(bench: Bench, more: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        bench.lifecycle(PhysicalNetwork).check(declared("zone", **more))
    assert bench.mark == 0


def test_every_label_has_its_parameter() -> None:
    assert set(LABELS) | {"type", "simulator"} == set(Traffic.__dataclass_fields__)


async def test_a_replacement_is_refused_while_the_zone_is_enabled(bench: Bench) -> None:
    """The old network is not in the way of its preview, but the new one could not be made any more."""
    zone = bench.zone()
    given = {
        "zone": zone,
        "name": "physnet1",
        "isolation": ["VLAN"],
        "traffic": [{"type": "Management"}, {"type": "Public"}],
    }
    id, _ = await bench.create(PhysicalNetwork, given)
    lifecycle, wanted = bench.lifecycle(PhysicalNetwork), {**given, "isolation": ["VXLAN"]}
    await lifecycle.preview_create(resource(PhysicalNetwork.token), lifecycle.check(wanted), 0, replacing=id)
    bench.cloudstack.ask("updateZone", id=zone, allocationstate="Enabled")
    with pytest.raises(OperationFailed, match="no physical network to an enabled zone"):
        await lifecycle.preview_create(
            resource(PhysicalNetwork.token), lifecycle.check(wanted), 0, replacing=id
        )
