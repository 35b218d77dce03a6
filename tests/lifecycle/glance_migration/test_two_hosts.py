"""Two hosts of one Glance: they stand still together, the first one moves the images, and the second is started in any case."""

from __future__ import annotations

import asyncio
import shutil
import signal
from typing import Any

import pytest

from strata.clients import glance_migration_hosts
from strata.clients.glance_migration import Program
from strata.errors import StrataError
from tests.lifecycle.glance_migration.site import CONF, DATABASE, DROP_IN, FOLDER, NEW, OLD
from tests.lifecycle.glance_migration.test_interrupted import on_phase, signal_unit
from tests.lifecycle.glance_migration.two_hosts import Pair


async def test_both_stand_still_and_the_second_only_when_the_first_is_ready(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop = glance_migration_hosts.stop
    seen: list[tuple[str, list[bool]]] = []

    async def stopping(host: Any, wanted: Any, deadline: Any) -> None:
        seen.append((host.name, pair.running()))
        await stop(host, wanted, deadline)

    monkeypatch.setattr(glance_migration_hosts, "stop", stopping)
    move = pair.declared()
    await move.up()
    assert seen == [("two", [True, True])], "the first one runs until the second stands still"
    first, second = pair.acts()
    assert first == ["stop -- glance-api", "start -- glance-api"]
    assert [one for one in second if "reset" not in one] == ["stop -- glance-api", "restart -- glance-api"]
    assert pair.running() == [True, True]
    assert pair.first.served() == pair.first.images
    assert f"filesystem_store_datadir = {NEW}\n" in pair.second.path(CONF).read_text()
    assert "# owner: strata:lab/glance-two" in pair.second.path(DROP_IN).read_text()
    assert await move.drift() == {}
    for store in pair.stores():
        await store.up()
        assert await store.drift() == {}
    assert pair.acts() == [[], []], "the stores that follow restart nothing"


async def test_a_setting_that_drifts_on_the_second_is_repaired_there_alone(pair: Pair) -> None:
    move = pair.declared()
    await move.up()
    pair.acts()
    pair.second.host.sh(f"sed -i 's,^filesystem_store_datadir = .*,filesystem_store_datadir = {OLD},' {CONF}")
    assert await move.drift() == {"complete": (True, False)}
    await move.up()
    assert await move.drift() == {}
    assert pair.acts()[0] == []


async def test_when_the_first_does_not_come_up_the_second_is_put_back_too(pair: Pair) -> None:
    before = pair.files()
    pair.first.host.state(breaks_with=NEW)
    with pytest.raises(StrataError, match=f"Glance runs as before, from {OLD}"):
        await pair.declared().up()
    assert pair.running() == [True, True]
    assert pair.files() == before
    assert not pair.second.path(DROP_IN).exists()
    pair.first.host.state(breaks_with="")
    await pair.declared().up()
    assert pair.first.served() == pair.first.images


async def test_a_run_that_is_killed_while_the_second_stands_still_is_made_good_by_the_next(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(self: Program, journal: str, deadline: Any) -> None:
        raise asyncio.CancelledError

    with monkeypatch.context() as patched:
        patched.setattr(Program, "go", never)
        with pytest.raises(StrataError, match="was cancelled"):
            await pair.declared().up()
    assert pair.running() == [True, False]
    assert any("--on-active=600" in line for line in pair.second.host.systemctl_log()), (
        "it starts by itself if nobody comes"
    )
    again = pair.declared()
    await again.up()
    assert (await again.drift(), pair.running()) == ({}, [True, True])
    assert pair.first.served() == pair.first.images


async def test_a_cutover_that_is_killed_starts_the_second_again(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = pair.files()
    pair.first.api.silent = True

    async def kill() -> None:
        signal_unit(pair.first, signal.SIGKILL)
        pair.first.api.silent = False

    on_phase(monkeypatch, "start", kill)
    with pytest.raises(StrataError, match=f"was put back, and Glance runs from {OLD} as before"):
        await pair.declared().up()
    assert (pair.running(), pair.files()) == ([True, True], before)


async def test_a_destroy_gives_both_back(pair: Pair) -> None:
    before = pair.files()
    move, stores = pair.declared(), pair.stores()
    await move.up()
    for store in stores:
        await store.up()
    # Both read the same database.
    shutil.copy(pair.first.path(DATABASE), pair.second.path(DATABASE))
    for store in stores:
        await store.destroy()
    assert pair.first.path(f"{FOLDER}/back").read_text() == "one\ntwo\n"
    await move.destroy()
    assert (pair.running(), pair.files()) == ([True, True], before)
    assert not pair.second.path(DROP_IN).exists()
    assert set(pair.first.locations().values()) == {f"file://{OLD}/{one}" for one in pair.first.images}


async def test_a_first_that_waits_no_more_changes_nothing_on_the_second(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, stop = pair.files(), glance_migration_hosts.stop

    async def late(host: Any, wanted: Any, deadline: Any) -> None:
        await stop(host, wanted, deadline)
        signal_unit(pair.first, signal.SIGKILL)
        while "failed" not in pair.first.host.sh(
            "systemctl is-active strata-migration-glance.service || echo failed"
        ):
            await asyncio.sleep(0.05)

    with monkeypatch.context() as patched:
        patched.setattr(glance_migration_hosts, "stop", late)
        with pytest.raises(
            StrataError, match=r"did not wait any longer .* Nothing was moved, and Glance runs as before"
        ):
            await pair.declared().up()
    assert (pair.running(), pair.files()) == ([True, True], before)
