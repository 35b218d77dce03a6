"""Up to 4.1 a preview looks before the setting is written and the server restarted, while nothing has happened yet."""

from __future__ import annotations

import pytest

from strata.provider.kinds.cloudstack_image_store import ImageStore
from strata.provider.outcome import OperationFailed
from tests.lifecycle.cloudstack.conftest import Bench

GIVEN = {"account": "cloudstack", "era": "legacy", "afterRestart": "cloudstack-management"}


async def test_the_setting_that_the_same_run_writes_is_not_asked_for(legacy: Bench) -> None:
    await legacy.preview(ImageStore, GIVEN)
    assert legacy.commands() == []
    assert (legacy.swift.looks, legacy.swift.proofs) == (1, 0), "a preview writes nothing into Swift"
    with pytest.raises(OperationFailed, match=r"swift\.enable"):
        await legacy.create(ImageStore, GIVEN)


async def test_swift_is_proven_and_zones_are_told_before_the_restart(legacy: Bench) -> None:
    legacy.swift.trouble = "Swift refused the user test:tester: the key is wrong (401)."
    with pytest.raises(OperationFailed, match="the key is wrong"):
        await legacy.preview(ImageStore, GIVEN)
    legacy.swift.trouble = None
    legacy.zone()
    with pytest.raises(OperationFailed, match="has zones already"):
        await legacy.preview(ImageStore, GIVEN)
    assert legacy.commands() == ["createZone"], "by hand; nothing of ours"


async def test_a_preview_does_not_wait_for_a_server_that_is_down(legacy: Bench) -> None:
    legacy.cloudstack.restart(3000)
    with pytest.raises(OperationFailed):
        await legacy.preview(ImageStore, GIVEN)
    assert legacy.time.seconds < 60
