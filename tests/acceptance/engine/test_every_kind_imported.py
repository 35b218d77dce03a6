"""Scenario 7: every kind leaves the state and comes back by `pulumi import`, as it was; a wrong id is said to be nowhere."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests.acceptance.engine.every_kind_site import TOKENS, EveryKind, kind_of, label

pytestmark = pytest.mark.acceptance

READABLE = {
    "ontap:ExportPolicy/images": "cluster01/demo-nfs-svm/images",
    "ontap:Volume/images": "cluster01/demo-nfs-svm/images",
    "cloudstack:Cluster/zone1-pod1-cluster1": "cluster1",
    "cloudstack:GuestNetwork/zone2-guests": "defaultGuestNetwork",
    "cloudstack:ImageStore/object-store": "swift01",
    "cloudstack:PhysicalNetwork/zone1-physnet1": "physnet1",
    "cloudstack:PhysicalNetwork/zone2-all": "all",
    "cloudstack:Pod/zone1-pod1": "pod1",
    "cloudstack:Pod/zone2-pod2": "pod2",
    "cloudstack:PrimaryStorage/zone1-pod1-cluster1-primary1": "primary1",
    "cloudstack:PublicIpRange/zone1-public1": "172.16.0.100-172.16.0.199",
    "cloudstack:StorageIpRange/zone1-pod1-storage": "10.130.212.50-10.130.212.69",
    "cloudstack:Zone/zone1": "zone1",
    "cloudstack:Zone/zone2": "zone2",
    "cloudstack:ZoneState/zone1": "zone1",
    "cloudstack:ZoneState/zone2": "zone2",
}
"""Ids that a human knows, of the kinds that take one."""

MEMORY = "memory"
"""What a delete will need, such as a line to put back: only who made it knows it."""
IN_THE_STATE_ONLY = {"cloudstack:ZoneSet/zones": ("noted",)}
"""A note that CloudStack keeps nowhere."""

NOWHERE = "00000000-0000-4000-8000-000000000000"
WRONG = {
    "strata:ontap:ExportPolicy": "cluster01/demo-nfs-svm/nope",
    "strata:ontap:Volume": "cluster01/demo-nfs-svm/nope",
    "strata:host:Mount": "tkstack:/mnt/nope",
    "strata:glance:ImageMigration": "tkstack:nope",
    "strata:glance:FilesystemStore": "tkstack:/etc/glance/glance-api.conf#nope",
    "strata:swift:Account": "nope",
    "strata:swift:Container": "archive/nope",
    "strata:cloudstack:GlobalSetting": "no.such.setting",
    "strata:cloudstack:ZoneSet": "nope",
}
"""For the other kinds of CloudStack an id that nothing has."""


def forget(site: EveryKind) -> None:
    """Every resource of ours leaves the state; components and the provider stay."""
    exported = json.loads(site.project.pulumi("stack", "export").output)
    every = exported["deployment"]["resources"]
    gone = {one["urn"] for one in every if one["custom"] and one["type"].startswith("strata:")}
    kept = [one for one in every if one["urn"] not in gone]
    for one in kept:
        one["dependencies"] = [other for other in one.get("dependencies", []) if other not in gone]
        one["propertyDependencies"] = {
            key: [other for other in others or [] if other not in gone]
            for key, others in (one.get("propertyDependencies") or {}).items()
        }
    exported["deployment"]["resources"] = kept
    file = site.project.folder / "without.json"
    file.write_text(json.dumps(exported))
    site.project.pulumi("stack", "import", "--file", str(file))


def take_in(site: EveryKind, ids: Mapping[str, str]) -> None:
    """One `pulumi import` of resources, by `ontap:Volume/images`."""
    rows = [{"type": kind_of(name), "name": name.partition("/")[2], "id": id} for name, id in ids.items()]
    file = site.project.folder / "import.json"
    file.write_text(json.dumps({"resources": rows}))
    site.project.pulumi("import", "--file", str(file), "--yes", "--generate-code=false", "--protect=false")


def ours(site: EveryKind) -> dict[str, dict[str, Any]]:
    return {name: one for name, one in site.resources().items() if one["type"].startswith("strata:")}


@pytest.mark.parametrize("readable", [False, True], ids=["by id", "by a name where there is one"])
def test_every_kind_comes_back_as_it_was(every_kind: EveryKind, readable: bool) -> None:
    every_kind.project.up("--refresh")
    before = ours(every_kind)
    ids = {name: str(one["id"]) for name, one in before.items()}
    zones = ",".join(id for name, id in ids.items() if name.startswith("cloudstack:Zone/"))
    ids["cloudstack:ZoneSet/zones"] = f"zones:{zones}"
    with every_kind.untouched():
        forget(every_kind)
        assert ours(every_kind) == {}
        take_in(every_kind, ids | READABLE if readable else ids)
        every_kind.project.preview("--expect-no-changes")
        every_kind.project.up()
    after = ours(every_kind)
    assert after.keys() == before.keys()
    assert {name: one["id"] for name, one in after.items()} == {
        name: one["id"] for name, one in before.items()
    }
    different = [
        f"{name} {what}.{key}: {was[what].get(key)!r} and {after[name][what].get(key)!r}"
        for name, was in before.items()
        for what in ("inputs", "outputs")
        for key in {*was[what], *after[name][what]}
        if was[what].get(key) != after[name][what].get(key)
        and key not in (MEMORY, *IN_THE_STATE_ONLY.get(name, ()))
    ]
    assert not different, "\n".join(different)
    every_kind.project.drift(expect=0)


def test_no_kind_is_forgotten(every_kind: EveryKind) -> None:
    assert {one["type"] for one in ours(every_kind).values()} == {*TOKENS}


@pytest.mark.parametrize("token", TOKENS)
def test_a_wrong_id_is_said_to_be_nowhere(every_kind: EveryKind, token: str) -> None:
    id, before = WRONG.get(token, NOWHERE), every_kind.project.resources()
    command = ("import", token, "nobody", id, "--yes", "--generate-code=false", "--skip-preview")
    ran = every_kind.project.pulumi(*command, expect=None)
    assert ran.code != 0
    assert id in ran.output
    assert "There is no " in ran.output, ran
    assert "Traceback" not in ran.output
    assert [label(one) for one in every_kind.project.resources() if one["custom"]] == [
        label(one) for one in before if one["custom"]
    ]
