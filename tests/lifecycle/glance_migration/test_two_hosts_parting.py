"""Two hosts of one Glance that part: one leaves the move, is not known any more, or can't be reached while the other waits."""

from __future__ import annotations

import asyncio
import shutil
from typing import Any

import pytest

from strata.clients import glance_migration_hosts
from strata.deadline import Clock
from strata.errors import StrataError, Unreachable
from strata.provider.kinds.glance_image_migration import ImageMigration
from tests.lifecycle.glance_migration.site import (
    CONF,
    DATABASE,
    DROP_IN,
    FOLDER,
    NEW,
    OLD,
    Declared,
    Hosts,
    quick,
)
from tests.lifecycle.glance_migration.two_hosts import Pair


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
