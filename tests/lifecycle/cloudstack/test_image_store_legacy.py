"""The Swift of 4.1 and before: a setting, one add, and no command that changes or removes it."""

from __future__ import annotations

from typing import Any

import pytest

from strata.provider.kinds.cloudstack_image_store import ImageStore
from strata.provider.outcome import InitFailed, OperationFailed

from .conftest import AUTH_URL, Bench, bench_over
from .obligations import survives_a_lost_answer
from .test_image_store import refused

OLD: dict[str, Any] = {"account": "cloudstack", "name": "swift01", "era": "legacy"}


@pytest.fixture
def enabled(legacy: Bench) -> Bench:
    legacy.cloudstack.ask("updateConfiguration", name="swift.enable", value="true")
    return bench_over(legacy.cloudstack)


async def test_the_setting_comes_first_up_to_4_1(legacy: Bench) -> None:
    await refused(legacy, OLD, r"swift\.enable of CloudStack at \S+ is 'false', and must be 'true'")


async def test_up_to_4_1_it_is_added_with_addswift(enabled: Bench) -> None:
    since = enabled.mark
    id, state = await enabled.create(ImageStore, OLD)
    assert enabled.commands(since) == ["addSwift"]
    assert (state["era"], state["url"], state["account"]) == ("legacy", AUTH_URL, "cloudstack")
    assert await enabled.drift(ImageStore, id, OLD, state) == ([], state)
    again, _ = await enabled.create(ImageStore, OLD)
    assert (again, enabled.commands(since)) == (id, ["addSwift"])
    assert (
        await enabled.lifecycle(ImageStore).read("11111111-2222-3333-4444-555555555555", OLD, state) is None
    )


async def test_up_to_4_1_a_lost_answer_makes_no_second_swift(enabled: Bench) -> None:
    await survives_a_lost_answer(enabled, ImageStore, OLD, "addSwift", "listSwifts")


async def test_up_to_4_1_another_user_of_the_url_is_not_ours(enabled: Bench) -> None:
    enabled.cloudstack.ask("addSwift", url=AUTH_URL, account="test", username="someone", key="k")
    await refused(enabled, {**OLD, "adopt": True}, "has the user someone")


async def test_up_to_4_1_nothing_is_changed_or_removed(enabled: Bench) -> None:
    id, state = await enabled.create(ImageStore, OLD)
    since = enabled.mark
    with pytest.raises(OperationFailed, match=r"can't be changed: releases up to 4\.1 have no command"):
        await enabled.preview_update(ImageStore, id, {**OLD, "readOnly": True}, state)
    with pytest.raises((OperationFailed, InitFailed), match=r"is not removed.*pulumi state delete"):
        await enabled.delete(ImageStore, id, state)
    assert enabled.commands(since) == []


IMPOSSIBLE = [({"readOnly": True}, "no readOnly"), ({"storagePolicy": "gold"}, "no storagePolicy")]


@pytest.mark.parametrize(("changed", "words"), IMPOSSIBLE, ids=[row[1] for row in IMPOSSIBLE])
async def test_up_to_4_1_what_a_swift_can_not_have_is_said(
    enabled: Bench, changed: dict[str, Any], words: str
) -> None:
    await refused(enabled, {**OLD, **changed}, words)


async def test_a_modern_era_declared_of_an_old_server_is_said(legacy: Bench) -> None:
    await refused(legacy, {**OLD, "era": "modern"}, r"contradicts the server.*addSwift, but no addImageStore")
