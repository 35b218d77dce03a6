"""The cloud-wide Swift store: added once, with everything looked at that CloudStack does not look at, and never replaced."""

from __future__ import annotations

from typing import Any

import pytest

from strata.provider.kinds.cloudstack_image_store import ImageStore
from strata.provider.outcome import InitFailed, OperationFailed

from .conftest import AUTH_URL, SWIFT_KEY, Bench, SwiftStandIn
from .obligations import (
    drifts_and_is_repaired,
    is_deleted_twice,
    is_left_alone_until_adopted,
    made_once,
    survives_a_lost_answer,
)

GIVEN: dict[str, Any] = {"account": "cloudstack", "name": "swift01", "readOnly": False, "seedsTemplate": True}


async def refused(bench: Bench, given: dict[str, Any], words: str) -> None:
    """At preview and at create, before anything is changed."""
    since = bench.mark
    for attempt in (bench.preview, bench.create):
        with pytest.raises(OperationFailed, match=words):
            await attempt(ImageStore, given)
    assert bench.commands(since) == []


async def imported(bench: Bench, given: dict[str, Any], id: str, state: dict[str, Any], name: str) -> None:
    """By id and by name, the same comes back as the create gave, and the declaration without its settings."""
    for form in (id, name):
        found = await bench.lifecycle(ImageStore).read(form, {}, {})
        assert found is not None
        assert found == (
            id,
            {key: value for key, value in state.items() if key != "memory"},
            {key: value for key, value in given.items() if key != "seedsTemplate"},
        )


async def test_added_in_one_call_and_the_same_again_is_no_change(bench: Bench) -> None:
    id, state = await made_once(bench, ImageStore, GIVEN, ["addImageStore"])
    row = bench.cloudstack.ask("listImageStores", id=id)["imagestore"][0]
    assert (row["providername"], row["scope"], row["name"]) == ("Swift", "REGION", "swift01")
    assert (state["account"], state["url"], state["era"], state["scope"]) == (
        "cloudstack",
        AUTH_URL,
        "modern",
        "REGION",
    )
    assert SWIFT_KEY not in str(state)


async def test_the_details_are_those_that_the_secondary_storage_vm_needs(bench: Bench) -> None:
    id, _ = await bench.create(ImageStore, {**GIVEN, "storagePolicy": "gold"})
    stored = bench.cloudstack.emulator.system.store.table("image_stores")[id]["details"]
    assert stored == {"account": "test", "username": "tester", "key": SWIFT_KEY, "storagepolicy": "gold"}
    assert bench.sent()[0][1]["details[2].value"] == "***", "the journal does not show the key"


async def test_without_a_name_it_has_the_url_for_one(bench: Bench) -> None:
    given = {"account": "cloudstack", "seedsTemplate": True}
    id, state = await made_once(bench, ImageStore, given, ["addImageStore"])
    assert state["name"] == AUTH_URL
    await imported(bench, {**given, "name": AUTH_URL, "readOnly": False}, id, state, AUTH_URL)


async def test_made_read_only(bench: Bench) -> None:
    given = {**GIVEN, "readOnly": True}
    await made_once(bench, ImageStore, given, ["addImageStore", "updateImageStore"])


async def test_it_is_imported_by_id_and_by_a_name_that_is_unique(bench: Bench) -> None:
    id, state = await bench.create(ImageStore, GIVEN)
    await imported(bench, GIVEN, id, state, "swift01")


async def test_a_name_that_two_have_is_no_id(bench: Bench) -> None:
    one, two = bench.swift_store(), bench.swift_store("other")
    bench.cloudstack.ask("updateImageStore", id=two, name="swift01")
    with pytest.raises(
        Exception, match=f"2 image stores of CloudStack are named swift01, with the ids {one}, {two}"
    ):
        await bench.lifecycle(ImageStore).read("swift01", {}, {})


DRIFTS = [
    ({"name": "swift99"}, ["name"], {"name": "swift01"}, "renamed"),
    ({"readonly": "true"}, ["readOnly"], {"readonly": "false"}, "closed for writing"),
]


@pytest.mark.parametrize(("behind", "paths", "sent", "because"), DRIFTS, ids=[row[3] for row in DRIFTS])
async def test_drift_is_named_and_repaired(
    bench: Bench, behind: dict[str, str], paths: list[str], sent: dict[str, str], because: str
) -> None:
    id, state = await bench.create(ImageStore, GIVEN)
    await drifts_and_is_repaired(
        bench, ImageStore, GIVEN, id, state, ("updateImageStore", behind), paths, sent
    )


async def test_a_lost_answer_to_a_change_is_looked_after(bench: Bench) -> None:
    id, state = await bench.create(ImageStore, GIVEN)
    bench.fault("lost_answer", "updateImageStore")
    state = await bench.update(ImageStore, id, {**GIVEN, "name": "swift02"}, state)
    assert state["name"] == "swift02"
    assert bench.commands() == ["addImageStore", "updateImageStore"]


async def test_it_is_deleted_once_and_gone_twice(bench: Bench) -> None:
    id, state = await bench.create(ImageStore, GIVEN)
    await is_deleted_twice(bench, ImageStore, id, state, ["deleteImageStore"])


async def test_a_lost_answer_to_the_delete_is_looked_after(bench: Bench) -> None:
    id, state = await bench.create(ImageStore, GIVEN)
    bench.fault("lost_answer", "deleteImageStore")
    await bench.delete(ImageStore, id, state)
    assert await bench.api.rows("listImageStores") == []


async def test_a_lost_answer_to_the_add_makes_no_second_store(bench: Bench) -> None:
    await survives_a_lost_answer(bench, ImageStore, GIVEN, "addImageStore", "listImageStores")
    assert bench.warnings == []


async def test_an_add_that_never_arrived_is_not_repeated_and_the_next_run_adds(bench: Bench) -> None:
    bench.fault("reset", "addImageStore")
    with pytest.raises(OperationFailed, match="gave no answer while adding the Swift store swift01"):
        await bench.create(ImageStore, GIVEN)
    assert bench.commands() == ["addImageStore"]
    await bench.create(ImageStore, GIVEN)
    assert len(await bench.api.rows("listImageStores")) == 1


async def test_an_add_that_fails_and_leaves_its_row_is_carried_to_a_good_end(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The row is written first; what comes after it may fail, as in CloudStack's issue 9789."""
    from lab.cloudstack import templates
    from lab.cloudstack.errors import failed

    def fails(system: Any, store: Any) -> None:
        raise failed("Failed to add data store: DB Exception")

    monkeypatch.setattr(templates, "store_added", fails)
    id, state = await bench.create(ImageStore, GIVEN)
    assert bench.commands() == ["addImageStore"]
    assert [row["id"] for row in await bench.api.rows("listImageStores")] == [id]
    assert "is there although CloudStack said: CloudStack refused adding" in bench.warnings[0]
    assert "can't be read back" in bench.warnings[1]
    assert await bench.drift(ImageStore, id, GIVEN, state) == ([], state)


async def test_the_row_of_an_earlier_failed_add_is_kept_with_a_warning(bench: Bench) -> None:
    refusal = bench.cloudstack.call("addSwift", url=AUTH_URL)
    assert refusal.status_code == 530
    left = bench.cloudstack.ask("listImageStores")["imagestore"][0]["id"]
    since = bench.mark
    given = {"account": "cloudstack", "seedsTemplate": True}
    await bench.preview(ImageStore, given)
    assert f"(deleteImageStore id={left})" in bench.warnings[0]
    id, _ = await bench.create(ImageStore, given)
    assert (id, bench.commands(since)) == (left, [])


async def test_a_store_of_the_same_url_and_another_name_is_left_alone_unless_adopted(bench: Bench) -> None:
    id = bench.swift_store("by-hand")
    await is_left_alone_until_adopted(bench, ImageStore, GIVEN, {}, id, ["updateImageStore"])


async def test_users_things_keep_the_store_and_are_named(bench: Bench) -> None:
    id, state = await bench.create(ImageStore, GIVEN)
    with bench.cloudstack.emulator.system.lock:
        shown = {"id": "t1", "name": "golden-image", "templatetype": "USER"}
        bench.cloudstack.emulator.system.add("user_templates", store=id, shown=shown)
    since = bench.mark
    with pytest.raises(
        (OperationFailed, InitFailed), match=r"holds template golden-image.*Nothing was changed"
    ):
        await bench.delete(ImageStore, id, state)
    assert bench.commands(since) == []


async def test_the_server_has_the_last_word_on_what_is_in_the_store(bench: Bench) -> None:
    id, state = await bench.create(ImageStore, GIVEN)
    with bench.cloudstack.emulator.system.lock:
        bench.cloudstack.emulator.system.add("user_snapshots", store=id)
    with pytest.raises(
        (OperationFailed, InitFailed), match="431 Cannot delete image store with active snapshots"
    ):
        await bench.delete(ImageStore, id, state)
    assert len(await bench.api.rows("listImageStores")) == 1


async def test_another_account_is_refused_at_preview_and_never_a_replacement(bench: Bench) -> None:
    id, state = await bench.create(ImageStore, GIVEN)
    bench.connections.accounts["other"] = SwiftStandIn("other", auth_url="http://other:8080/auth/v1.0")
    wanted, since = {**GIVEN, "account": "other"}, bench.mark
    lifecycle = bench.lifecycle(ImageStore)
    assert [one.role.value for one in lifecycle.diff(lifecycle.check(wanted), state, [])] == ["managed"]
    with pytest.raises(
        OperationFailed, match=r"can't change the URL or account of a store.*Put `account` back"
    ):
        await bench.preview_update(ImageStore, id, wanted, state)
    with pytest.raises(InitFailed, match="can't change the URL or account"):
        await bench.update(ImageStore, id, wanted, state)
    assert bench.commands(since) == []


async def test_an_account_that_moved_shows_the_urls(bench: Bench) -> None:
    id, state = await bench.create(ImageStore, GIVEN)
    bench.swift.auth_url = "http://moved:8080/auth/v1.0"
    found, there = await bench.drift(ImageStore, id, GIVEN, state)
    assert found == ["account"]
    assert there["account"] == AUTH_URL


async def test_accounts_that_share_a_url_are_told_apart_by_what_was_declared(bench: Bench) -> None:
    bench.connections.accounts["backup"] = SwiftStandIn("backup", username="backup")
    id, state = await made_once(bench, ImageStore, GIVEN, ["addImageStore"])
    assert state["account"] == "backup or cloudstack"
    renamed = await bench.update(ImageStore, id, {**GIVEN, "name": "swift02"}, state)
    assert renamed["name"] == "swift02"
    with pytest.raises(OperationFailed, match="can't change the URL or account"):
        await bench.preview_update(ImageStore, id, {**GIVEN, "name": "swift02", "account": "backup"}, renamed)


async def test_an_nfs_store_is_not_imported_as_swift(bench: Bench) -> None:
    nfs = bench.cloudstack.ask(
        "addImageStore", provider="NFS", name="nfs1", url="nfs://a/b", zoneid=bench.zone()
    )["imagestore"]["id"]
    with pytest.raises(Exception, match="is of the provider NFS, and not of Swift"):
        await bench.lifecycle(ImageStore).read(nfs, {}, {})


async def test_after_a_restart_it_waits_until_the_api_answers(bench: Bench) -> None:
    bench.cloudstack.restart(90)
    await bench.create(ImageStore, {**GIVEN, "afterRestart": "restarted"})
    assert bench.time.seconds >= 90


async def test_another_storage_policy_is_refused_at_preview(bench: Bench) -> None:
    given = {**GIVEN, "storagePolicy": "gold"}
    id, state = await bench.create(ImageStore, given)
    assert await bench.drift(ImageStore, id, given, state) == ([], state), (
        "it can't be read back and is no drift"
    )
    since, wanted = bench.mark, {**given, "storagePolicy": "silver"}
    assert (await bench.drift(ImageStore, id, wanted, state))[0] == ["storagePolicy"]
    with pytest.raises(OperationFailed, match=r"was added with the storage policy gold.*Nothing was changed"):
        await bench.preview_update(ImageStore, id, wanted, state)
    assert bench.commands(since) == []
