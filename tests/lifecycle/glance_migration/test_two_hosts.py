"""Two hosts of one Glance: they stand still together, the first one moves the images, and the second is started in any case."""

from __future__ import annotations

import asyncio
import shutil
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from strata.clients import glance_migration_hosts
from strata.clients.glance_migration import Program
from strata.deadline import Clock
from strata.errors import StrataError, Unreachable
from strata.provider.kinds.glance_filesystem_store import FilesystemStore
from strata.provider.kinds.glance_image_migration import ImageMigration
from tests.lifecycle.glance_migration import site as sites
from tests.lifecycle.glance_migration.site import (
    CONF,
    DATABASE,
    DROP_IN,
    FOLDER,
    INPUTS,
    NEW,
    OLD,
    Declared,
    Hosts,
    Site,
    quick,
)
from tests.lifecycle.glance_migration.test_interrupted import on_phase, signal_unit


@dataclass
class Pair:
    first: Site
    second: Site

    def hosts(self) -> Hosts:
        return Hosts(one=self.first, two=self.second)

    def declared(self) -> Declared:
        kind = ImageMigration(self.hosts(), {})
        return Declared(kind, {**INPUTS, "hosts": ["one", "two"]}, "glance", quick())

    def stores(self) -> list[Declared]:
        return [
            Declared(
                FilesystemStore(self.hosts()),
                {"host": one, "directory": NEW, "mount": NEW, "movedBy": "one"},
                f"glance-{one}",
                quick(),
            )
            for one in ("one", "two")
        ]

    def running(self) -> list[bool]:
        services = [one.host.state()["services"]["glance-api"] for one in (self.first, self.second)]
        return [service["active"] for service in services]

    def acts(self) -> list[list[str]]:
        verbs = ("stop", "start", "restart", "try-restart")
        return [
            [
                line
                for line in one.host.systemctl_log()
                if line.split()[0] in verbs and line.endswith("glance-api")
            ]
            for one in (self.first, self.second)
        ]

    def files(self) -> list[bytes]:
        return [one.path(CONF).read_bytes() for one in (self.first, self.second)]


@pytest.fixture
async def pair(site: Site, tmp_path: Path) -> AsyncIterator[Pair]:
    async with sites.running(tmp_path, "second") as second:
        for number in range(2):
            site.upload(f"image-{number}")
        for one in (site, second):
            one.mount()
        yield Pair(site, second)


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


async def test_a_second_that_cannot_be_stopped_moves_nothing(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*given: Any) -> None:
        raise Unreachable("Host two could not be reached by SSH: no route.")

    with monkeypatch.context() as patched:
        patched.setattr(glance_migration_hosts, "stop", refuse)
        seconds = [0.0]

        async def sleep(asked: float) -> None:
            seconds[0] += 600
            await asyncio.sleep(0.01)

        move = pair.declared()
        move = Declared(move.kind, move.inputs, "glance", Clock(lambda: seconds[0], sleep))
        with pytest.raises(StrataError):
            await move.up()
    assert pair.running() == [True, True]
    assert set(pair.first.locations().values()) == {f"file://{OLD}/{one}" for one in pair.first.images}
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


async def test_a_host_that_is_no_longer_known_is_told_and_keeps_nobody_from_going_back(pair: Pair) -> None:
    move, (store, _) = pair.declared(), pair.stores()
    await move.up()
    await store.up()
    await store.destroy()
    alone = Declared(ImageMigration(Hosts(one=pair.first), {}), move.inputs, "glance", quick())
    alone.id, alone.state = move.id, move.state
    await alone.destroy()
    assert alone.warnings[0].startswith(
        f"Host two took part in the move and keeps {NEW} in its {CONF}: There is no host"
    )
    assert set(pair.first.locations().values()) == {f"file://{OLD}/{one}" for one in pair.first.images}


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


async def moved_by_both(pair: Pair) -> tuple[Declared, list[Declared]]:
    move, stores = pair.declared(), pair.stores()
    await move.up()
    for store in stores:
        await store.up()
    shutil.copy(pair.first.path(DATABASE), pair.second.path(DATABASE))
    return move, stores


@pytest.mark.parametrize("leaving", [0, 1])
async def test_a_host_that_leaves_the_others_leaves_no_word_to_go_back(pair: Pair, leaving: int) -> None:
    move, stores = await moved_by_both(pair)
    staying = ["one", "two"][1 - leaving]
    move.declare(hosts=[staying])
    await move.up()
    assert await move.drift() == {}
    with pytest.raises(StrataError, match=r"still keeps 2 images .*allowImagesLeft: true"):
        await stores[leaving].destroy()
    assert not pair.first.path(f"{FOLDER}/back").exists()
    await stores[leaving].declare(allowImagesLeft=True).destroy()
    assert await move.drift() == {}
    await move.destroy()
    assert set(pair.first.locations().values()) == {f"file://{NEW}/{one}" for one in pair.first.images}


async def test_word_of_one_store_alone_takes_nothing_back(pair: Pair) -> None:
    move, stores = await moved_by_both(pair)
    await stores[0].destroy()
    await move.destroy()
    assert set(pair.first.locations().values()) == {f"file://{NEW}/{one}" for one in pair.first.images}
    assert not pair.first.path(f"{FOLDER}/back").exists()


async def test_a_host_that_is_no_longer_known_does_not_lock_the_move_out(pair: Pair) -> None:
    move, _ = await moved_by_both(pair)
    kind = ImageMigration(Hosts(one=pair.first), {})
    alone = Declared(kind, {**move.inputs, "hosts": ["one"]}, "glance", quick())
    alone.id, alone.state = move.id, move.state
    await alone.up()
    assert alone.warnings[0].startswith("Host two took part in the move before.")
    assert await alone.drift() == {}
    lost = Declared(ImageMigration(Hosts(two=pair.second), {}), move.inputs, "glance", quick())
    with pytest.raises(
        StrataError, match=r"no host named 'one'.* drop the move from the state: `pulumi state delete URN`"
    ):
        await lost.kind.observe("one")


async def test_a_second_that_cannot_be_reached_is_given_up_while_the_first_still_waits(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of three days' time the stop takes two minutes at most: the first host's process waits no longer than five."""
    seconds, waited = [0.0], [0.0]

    async def unreachable(*given: Any) -> None:
        raise Unreachable("Host two could not be reached by SSH: no route.")

    async def sleep(asked: float) -> None:
        seconds[0] += asked
        if "stopping Glance on two" in move.progress:
            waited[0] += asked
        await asyncio.sleep(0.1 if asked < 5 else 0)

    move = pair.declared()
    move = Declared(move.kind, move.inputs, "glance", Clock(lambda: seconds[0], sleep))
    with monkeypatch.context() as patched:
        for act in ("stop", "start"):
            patched.setattr(glance_migration_hosts, act, unreachable)
        with pytest.raises(
            StrataError, match=r"no route\. Nothing was moved, .* on two .* by itself within 10 minutes"
        ):
            await move.up()
    assert waited[0] < 200
    assert pair.running() == [True, True]
    assert set(pair.first.locations().values()) == {f"file://{OLD}/{one}" for one in pair.first.images}
    assert not pair.second.path(DROP_IN).exists()
    await pair.declared().up()
    assert pair.first.served() == pair.first.images


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
