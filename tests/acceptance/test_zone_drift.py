"""What somebody changes in CloudStack behind Strata's back is named, property by property, and repaired alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests.acceptance.zones import Cloud, Document, ZonePath

pytestmark = pytest.mark.acceptance


@dataclass(frozen=True)
class Drift:
    """A change behind Strata's back, the property that the preview has to name, and the one call that repairs it."""

    kind: str
    property: str
    change: Callable[[Cloud], object]
    repair: str
    because: str


def _update(command: str, listing: str, **changes: str) -> Callable[[Cloud], object]:
    return lambda cloud: cloud.ask(command, id=cloud.row(listing)["id"], **changes)


DRIFTS = [
    Drift(
        "ImageStore",
        "name",
        _update("updateImageStore", "listImageStores", name="renamed"),
        "updateImageStore",
        "one call sends both, as both differ",
    ),
    Drift(
        "ImageStore",
        "readOnly",
        _update("updateImageStore", "listImageStores", readonly="true"),
        "updateImageStore",
        "nothing comes to Swift any more",
    ),
    Drift(
        "Zone",
        "dns",
        _update("updateZone", "listZones", dns1="9.9.9.9"),
        "updateZone",
        "guests ask the wrong server",
    ),
    Drift(
        "PhysicalNetwork",
        "vlans",
        _update("updatePhysicalNetwork", "listPhysicalNetworks", vlan="100-150"),
        "updatePhysicalNetwork",
        "guests run out of VLANs",
    ),
    Drift(
        "Pod",
        "name",
        _update("updatePod", "listPods", name="other"),
        "updatePod",
        "a pod is told apart by its id",
    ),
    Drift(
        "ZoneState",
        "state",
        _update("updateZone", "listZones", allocationstate="Disabled"),
        "updateZone",
        "enabling is a resource of its own, so it is a second call",
    ),
]


def test_each_drifted_property_is_named_and_nothing_else_and_repaired_alone(zones: ZonePath) -> None:
    for drift in DRIFTS:
        drift.change(zones.cloud)
    assert named(zones) == {f"strata:cloudstack:{one.kind} {one.property}" for one in DRIFTS}
    before = zones.cloud.last()
    with zones.no_ontap_writes():
        zones.project.up("--refresh")
    repairs = [one.repair for one in DRIFTS if one.property != "name" or one.kind != "ImageStore"]
    assert sorted(zones.cloud.writes(before)) == sorted(repairs), "each once, and nothing else is written"
    zones.project.drift(expect=0)


def test_a_staging_store_that_is_gone_is_made_again(zones: ZonePath) -> None:
    templates = zones.cloud.templates()
    zones.cloud.ask("deleteSecondaryStagingStore", id=zones.cloud.row("listSecondaryStagingStores")["id"])
    assert "strata:cloudstack:StagingStore create" in named(zones)
    before = zones.cloud.last()
    zones.project.up("--refresh")
    assert zones.cloud.writes(before) == ["createSecondaryStagingStore"]
    zones.project.drift(expect=0)
    assert zones.cloud.templates() == templates, "Swift is not touched by it"


def named(zones: ZonePath) -> set[str]:
    """What the preview would do: `TOKEN PROPERTY` for each change, `TOKEN create` for what is gone."""
    ran = zones.project.pulumi("preview", "--refresh", "--expect-no-changes", "--json", "--diff", expect=None)
    assert ran.code == 7, ran
    # A plugin's warning may stand before or after the document.
    told: Document = json.JSONDecoder().raw_decode(ran.output[ran.output.index("{") :])[0]
    found = set()
    for step in told["steps"]:
        token = step["urn"].split("::")[-2].split("$")[-1]
        if step["op"] == "create":
            found.add(f"{token} create")
        if step["op"] in ("update", "replace"):
            found |= {f"{token} {path}" for path in step["detailedDiff"]}
    return found
