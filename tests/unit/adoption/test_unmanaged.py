"""What exists and is in no stack, as `strata drift --unmanaged` will name it."""

from __future__ import annotations

from pathlib import Path

import yaml
from swiftclient import Connection  # type: ignore[import-untyped]

from lab.cloudstack.testing import RunningCloudStack
from lab.ontap.testing import RunningOntap
from lab.swift.testing import RunningSwift
from strata.adoption.unmanaged import unmanaged
from strata.stackfile import load
from tests.lifecycle.host.fake_host import FakeHost
from tests.unit.adoption import by_hand
from tests.unit.adoption.conftest import Site

VOLUME = {"svm": "demo-nfs-svm", "aggregate": "aggr1", "size": "1GiB"}


async def found(site: Site, *others: Path) -> set[tuple[str, str, str]]:
    """(system, kind, name) of everything unmanaged."""
    if not site.file.exists():
        site.write()
    look = await unmanaged(load(site.file), site.connections(), [load(one) for one in others])
    assert look.troubles == []
    return {(one.system, one.kind, one.name) for one in look.objects}


async def test_everything_that_is_in_no_stack(
    site: Site, cluster: RunningOntap, account: RunningSwift, cloud: RunningCloudStack, host: FakeHost
) -> None:
    by_hand.policy(cluster, "loose", by_hand.rule())
    host.sh(
        "printf '\\n10.9.9.9:/iso /mnt/iso nfs ro 0 0\\n/dev/sdb /mnt/disk ext4 defaults 0 0\\n' >>/etc/fstab"
    )
    client = Connection(
        authurl=account.auth_url, user=account.user, key=account.key, auth_version="1", retries=0
    )
    client.put_container("backups")
    client.put_container("T-7")
    by_hand.advanced_zone(cloud, "nfs://10.0.0.1/staging", enabled=False)
    before = cloud.journal.last, cluster.journal.last

    names = await found(site)

    assert names == {
        ("ontap", "volume", "demo-nfs-svm/images"),
        ("ontap", "export policy", "demo-nfs-svm/loose"),
        ("hosts", "mount", "10.9.9.9:/iso on /mnt/iso"),
        ("swift", "container", "backups"),
        ("cloudstack", "zone", "zone1"),
    }
    assert (cloud.writes(before[0]), cluster.writes(before[1])) == ([], [])
    for name in ("backups", "T-7"):
        client.delete_container(name)


async def test_what_was_adopted_is_managed(site: Site, cluster: RunningOntap) -> None:
    by_hand.policy(cluster, "images", by_hand.rule())
    by_hand.volume(cluster, "images", "images")
    assert len(await found(site)) == 2
    await site.adopt()
    assert await found(site) == set()


async def test_what_another_stack_has_is_managed(site: Site, cluster: RunningOntap) -> None:
    by_hand.volume(cluster, "images")
    by_hand.volume(cluster, "nobodys")
    (clusters,) = site.sections["strata:ontap"].values()
    other = site.folder / "Pulumi.other.yaml"
    section = {"clusters": {"called-otherwise": clusters["cluster01"]}, "volumes": {"images": VOLUME}}
    other.write_text(yaml.safe_dump({"config": {"strata:ontap": section}}))
    elsewhere = site.folder / "Pulumi.elsewhere.yaml"
    section = {
        "clusters": {"cluster01": {**clusters["cluster01"], "hostname": "cluster9"}},
        "volumes": {"nobodys": VOLUME},
    }
    elsewhere.write_text(yaml.safe_dump({"config": {"strata:ontap": section}}))

    names = await found(site, other, elsewhere)

    assert names == {("ontap", "volume", "demo-nfs-svm/nobodys")}, (
        "the same name on another cluster is another volume"
    )


async def test_a_system_that_is_away_is_no_system_without_findings(site: Site, cluster: RunningOntap) -> None:
    site.sections["strata:ontap"]["clusters"]["cluster01"]["port"] = 1
    site.write()
    look = await unmanaged(load(site.file), site.connections())
    assert look.objects == []
    assert "cluster01" in look.troubles[0]
