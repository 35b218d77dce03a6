"""Volumes and export policies that were made by hand come into the stack file, and the program finds them as they are."""

from __future__ import annotations

from typing import Any

import pytest

from lab.ontap.testing import RunningOntap
from strata.clients.ontap import OntapClient
from strata.clients.ontap_transport import VOLUME, Address, Document
from tests.unit.adoption import by_hand
from tests.unit.adoption.conftest import Site

LINE = "svm: demo-nfs-svm, aggregate: aggr1, size: 1GiB"


async def test_only_what_somebody_has_chosen_is_written(site: Site, cluster: RunningOntap) -> None:
    by_hand.policy(cluster, "images", by_hand.rule(), by_hand.rule("backup01", rw_rule=["never"]))
    by_hand.volume(cluster, "images", "images", efficiency={"dedupe": "background"}, comment="of Glance")
    before = cluster.journal.last

    adopted = await site.adopt()

    assert cluster.writes(before) == [], "a look only reads"
    assert await site.preview(adopted) == []
    usual = {"clients": ["10.130.208.0/24"], "superuser": ["sys"]}
    assert site.config["strata:ontap"]["volumes"] == {
        "images": {
            "svm": "demo-nfs-svm",
            "aggregate": "aggr1",
            "size": "1GiB",
            "junctionPath": "/images",
            "comment": "of Glance",
            "efficiency": {"dedupe": "background"},
            "exportPolicy": {
                "rules": [
                    usual | {"protocols": ["any"]},
                    {
                        "clients": ["backup01"],
                        "protocols": ["any"],
                        "readWrite": ["never"],
                        "superuser": ["sys"],
                    },
                ]
            },
        }
    }


@pytest.mark.parametrize(
    ("more", "written", "because"),
    [
        ({"guarantee": {"type": "none"}}, {"guarantee": "none"}, "thin is a choice"),
        ({"snapshot_policy": {"name": "none"}}, {"snapshotPolicy": "none"}, "no snapshots are a choice"),
        ({"space": {"snapshot": {"reserve_percent": 0}}}, {"snapshotReserve": 0}, "nought is a value"),
        ({"nas": {"security_style": "mixed"}}, {"securityStyle": "mixed"}, "unix is usual"),
        ({"nas": {"uid": 64062, "unix_permissions": 750}}, {}, "hosts own the root directory"),
        (
            {"autosize": {"mode": "grow", "maximum": 4 * 2**30}},
            {"autosize": {"mode": "grow", "maximum": "4GiB"}},
            "how far, not when",
        ),
    ],
)
async def test_a_choice(
    site: Site, cluster: RunningOntap, more: dict[str, Any], written: dict[str, Any], because: str
) -> None:
    by_hand.volume(cluster, "images", **more)
    adopted = await site.adopt()
    usual = {
        "svm": "demo-nfs-svm",
        "aggregate": "aggr1",
        "size": "1GiB",
        "junctionPath": "/images",
        "exportPolicy": {"existing": "default"},
    }
    assert site.config["strata:ontap"]["volumes"]["images"] == usual | written, because
    assert await site.preview(adopted) == [], because


async def test_a_policy_of_several_volumes_is_shared(site: Site, cluster: RunningOntap) -> None:
    by_hand.policy(cluster, "both", by_hand.rule())
    by_hand.policy(cluster, "other.name", by_hand.rule())
    by_hand.policy(cluster, "nobodys", by_hand.rule())
    by_hand.policy(cluster, "closed")
    for name, policy in (("one", "both"), ("two", "both"), ("three", "other.name"), ("closed", "closed")):
        by_hand.volume(cluster, name, policy)

    adopted = await site.adopt()

    section = site.config["strata:ontap"]
    assert list(section["exportPolicies"]) == ["both"], "a policy that no volume uses is nobody's"
    assert section["volumes"]["one"]["exportPolicy"] == section["volumes"]["two"]["exportPolicy"] == "both"
    assert section["volumes"]["three"]["exportPolicy"]["name"] == "other.name"
    assert section["volumes"]["closed"]["exportPolicy"] == {"rules": []}, (
        "nobody may mount it, and that is a choice"
    )
    assert await site.preview(adopted) == []


async def test_what_stands_there_stays_and_is_referred_to(site: Site, cluster: RunningOntap) -> None:
    by_hand.policy(cluster, "both", by_hand.rule())
    by_hand.volume(cluster, "one", "both")
    by_hand.volume(cluster, "two", "both")
    site.sections["strata:ontap"] |= {
        "exportPolicies": {
            "mine": {"svm": "demo-nfs-svm", "name": "both", "rules": [{"clients": ["10.0.0.1"]}]}
        },
        "volumes": {
            "first": {
                "name": "one",
                "svm": "demo-nfs-svm",
                "aggregate": "aggr2",
                "size": "2GiB",
                "exportPolicy": "mine",
            }
        },
    }
    before = dict(site.sections["strata:ontap"]["volumes"])

    adopted = await site.adopt()

    section = site.config["strata:ontap"]
    assert section["volumes"]["first"] == before["first"], "drift of what is declared is not adopted"
    assert section["volumes"]["two"]["exportPolicy"] == "mine"
    assert section["exportPolicies"] == site.sections["strata:ontap"]["exportPolicies"]
    assert [one["name"] for one in adopted.imports["resources"] if "id" in one] == ["two"]


async def test_the_clusters_own_objects_are_counted(site: Site, cluster: RunningOntap) -> None:
    adopted = await site.adopt()
    assert adopted.entries == {}
    (skipped,) = adopted.skipped
    assert skipped.endswith("the root volume of its SVM")
    everything = await site.adopt(everything=True)
    assert everything.skipped == ()
    assert everything.findings[0].what.startswith("volume demo_nfs_svm_root"), (
        "it can't be declared, and is named"
    )


async def test_a_volume_that_does_not_serve_is_left_out(site: Site, cluster: RunningOntap) -> None:
    uuid = by_hand.volume(cluster, "images")
    by_hand.ontap(cluster, "PATCH", f"/storage/volumes/{uuid}", {"state": "offline"})
    adopted = await site.adopt()
    (found,) = adopted.findings
    assert "its online is False" in found.why
    assert adopted.entries == {}


async def test_what_is_no_flexvol_is_left_out(
    site: Site, cluster: RunningOntap, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_hand.volume(cluster, "images")
    find = OntapClient.find

    async def wider(self: OntapClient, at: Address, fields: Any, **filters: str) -> list[Document]:
        """The emulator has flexvols only."""
        found = await find(self, at, fields, **filters)
        return [{**one, "style": "flexgroup"} for one in found] if at.sort is VOLUME else found

    monkeypatch.setattr(OntapClient, "find", wider)
    adopted = await site.adopt()
    (found,) = adopted.findings
    assert found.why == "it is a flexgroup, and a stack file declares flexvols"
    assert adopted.entries == {}


async def test_a_cluster_that_is_away_is_said_and_nothing_is_made_up(
    site: Site, cluster: RunningOntap
) -> None:
    site.sections["strata:ontap"]["clusters"]["away"] = {
        "hostname": "127.0.0.1",
        "port": 1,
        "username": "admin",
        "password": {"file": "ontap"},
    }
    by_hand.volume(cluster, "images")
    adopted = await site.adopt()
    (trouble,) = adopted.troubles
    assert "away" in trouble
    volumes = site.config["strata:ontap"]["volumes"]
    assert volumes["images"]["cluster"] == "cluster01", "with two clusters an entry names its own"
