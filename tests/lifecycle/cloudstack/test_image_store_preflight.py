"""What is found out before a Swift store is added: CloudStack itself looks at hardly anything of it."""

from __future__ import annotations

import pytest

from strata.provider.kinds.cloudstack_image_store import ImageStore

from .conftest import Bench
from .obligations import (
    by_hand,
)
from .test_image_store import GIVEN, refused


async def test_a_preview_logs_in_to_swift_and_a_run_proves_it_by_use(bench: Bench) -> None:
    await bench.preview(ImageStore, GIVEN)
    assert (bench.swift.looks, bench.swift.proofs) == (1, 0), "a preview writes nothing"
    await bench.create(ImageStore, GIVEN)
    assert bench.swift.proofs == 1


async def test_wrong_credentials_are_said_at_preview(bench: Bench) -> None:
    bench.swift.trouble = "Swift account cloudstack at http://swift01:8080/auth/v1.0 refuses the key."
    await refused(bench, GIVEN, "refuses the key")


async def test_a_wrong_form_of_account_and_user_is_said_before_anything_is_asked(bench: Bench) -> None:
    bench.swift.wrong_form = "its user is 'AUTH_test:tester'; write test:tester"
    await refused(bench, GIVEN, "AUTH_test:tester")
    assert bench.mark == 0


async def test_a_cloud_with_an_nfs_store_is_told_of_cloudstacks_own_way(bench: Bench) -> None:
    zone = bench.zone()
    nfs = bench.cloudstack.ask("addImageStore", provider="NFS", name="nfs1", url="nfs://a/b", zoneid=zone)[
        "imagestore"
    ]["id"]
    await refused(bench, GIVEN, rf"nfs1 \(NFS, {nfs}\).*Nothing was changed.*updateCloudToUseObjectStore")
    assert (bench.swift.looks, bench.swift.proofs) == (0, 0)


async def test_another_swift_store_is_named(bench: Bench) -> None:
    other = bench.swift_store("other", "http://elsewhere:8080/auth/v1.0")
    await refused(bench, GIVEN, rf"another Swift store.*other \(http://elsewhere:8080/auth/v1\.0, {other}\)")


async def test_a_store_of_the_name_at_another_url_can_not_be_adopted(bench: Bench) -> None:
    bench.swift_store("swift01", "http://elsewhere:8080/auth/v1.0")
    await refused(bench, {**GIVEN, "adopt": True}, "a store's URL can't be changed")


async def test_two_stores_of_the_name_are_told_by_their_ids(bench: Bench) -> None:
    one, two = bench.swift_store(), bench.swift_store("other")
    bench.cloudstack.ask("updateImageStore", id=two, name="swift01")
    await refused(bench, GIVEN, rf"2 image stores stand where swift01 would, with the ids {one}, {two}")


async def test_a_cloud_with_a_zone_is_refused_unless_it_is_meant(bench: Bench) -> None:
    bench.zone("zone7")
    await refused(bench, GIVEN, r"zones already \(zone7\).*not in Swift.*allowExistingZones: true")
    await bench.create(ImageStore, {**GIVEN, "allowExistingZones": True})
    assert any("zone7" in line and "all the same" in line for line in bench.warnings)


TEMPLATES: list[tuple[bool, bool, bool, str]] = [
    (False, False, True, "nobody will ask for the template again"),
    (True, False, False, "it is put on the staging stores"),
    (False, True, False, "clusters and a staging store are there: it is asked for at the add"),
]


@pytest.mark.parametrize(("seeds", "zone", "warned", "because"), TEMPLATES, ids=[row[3] for row in TEMPLATES])
async def test_system_vms_that_will_not_come_are_foreseen(
    bench: Bench, seeds: bool, zone: bool, warned: bool, because: str
) -> None:
    if zone:
        made = by_hand(bench, "pod", "cluster")
        bench.cloudstack.ask("createSecondaryStagingStore", url="nfs://a/b", zoneid=made["zone"])
    await bench.preview(ImageStore, {**GIVEN, "seedsTemplate": seeds, "allowExistingZones": zone})
    said = [line for line in bench.warnings if "systemVmTemplate" in line]
    assert bool(said) is warned, because


@pytest.mark.parametrize("era", ["", "modern"])
async def test_a_declared_era_that_is_right_or_none_is_fine(bench: Bench, era: str) -> None:
    await bench.preview(ImageStore, {**GIVEN, "era": era})


async def test_a_declared_era_that_contradicts_the_server_is_said(bench: Bench) -> None:
    await refused(
        bench, {**GIVEN, "era": "legacy"}, r"contradicts the server.*has addImageStore.*Set `era: modern`"
    )
