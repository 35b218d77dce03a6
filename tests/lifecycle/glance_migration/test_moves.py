"""glance:ImageMigration declared again: other sources, another order, a proof that failed, and what is remembered of before."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import pytest

from strata.errors import Failed, StrataError
from strata.provider.kinds.glance_image_migration_sequence import Sequence
from tests.lifecycle.glance_migration.moved import moved
from tests.lifecycle.glance_migration.site import CONF, FOLDER, NEW, OLD, Site, declared


async def test_a_second_move_whose_proof_fails_is_proven_by_the_next_run(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    move = await moved(site, keepSource=False)
    proof = next(site.path(f"{FOLDER}/moves").iterdir()) / "answer-prove.json"
    site.upload("late")

    async def fails(self: Sequence, store: Any) -> dict[str, Any]:
        raise Failed("The proof was killed.")

    with monkeypatch.context() as patched:
        patched.setattr(Sequence, "_prove", fails)
        with pytest.raises(StrataError, match="The proof was killed"):
            await move.up()
    proof.unlink()
    assert await move.drift() == {"complete": (True, False), "keepSource": (False, True)}
    assert site.path(f"{OLD}/late").exists(), "not proven, so it stays"
    await move.up()
    assert "late" in json.loads(proof.read_text())["proven"]
    assert (await move.drift(), list(site.path(OLD).iterdir())) == ({}, [])


async def test_the_order_of_the_sources_is_none_of_the_moves(site: Site) -> None:
    site.path("/srv/more").mkdir()
    site.upload("image-more", folder="/srv/more")
    await moved(site, sources=[OLD, "/srv/more"])
    site.path(f"{FOLDER}/record.json").unlink()
    again = declared(site, sources=["/srv/more", OLD], keepSource=False)
    await again.up()
    assert len(list(site.path(f"{FOLDER}/moves").iterdir())) == 1
    assert list(site.path(OLD).iterdir()) == []


async def test_old_files_of_an_earlier_move_to_the_same_place_go_too(site: Site) -> None:
    move = await moved(site)
    site.path("/srv/more").mkdir()
    site.upload("image-more", folder="/srv/more")
    move.declare(sources=[OLD, "/srv/more"], keepSource=False)
    await move.up()
    assert await move.drift() == {}
    assert [*site.path(OLD).iterdir(), *site.path("/srv/more").iterdir()] == []
    assert site.served() == site.images


async def test_old_files_of_a_directory_that_is_named_no_more_stay(site: Site) -> None:
    move = await moved(site)
    site.path("/srv/more").mkdir()
    site.upload("image-more", folder="/srv/more")
    move.declare(sources=["/srv/more"], keepSource=False)
    await move.up()
    assert len(list(site.path(OLD).iterdir())) == 2
    assert list(site.path("/srv/more").iterdir()) == []


class Memory(NamedTuple):
    backup: str | None
    config: str | None
    lines: str
    because: str


MEMORIES = [
    Memory(
        "/stale", "/now", "filesystem_store_datadir = /now\n", because="a backup may be of an earlier time"
    ),
    Memory("/stale", None, "", because="nothing was set before the move, whatever the backup says"),
    Memory("/then", NEW, "filesystem_store_datadir = /then\n", because="the first edit was before the move"),
    Memory(None, NEW, f"filesystem_store_datadir = {NEW}\n", because="it was set by hand"),
]


@pytest.mark.parametrize("case", MEMORIES, ids=lambda case: case.because)
async def test_the_way_back_leads_to_what_was_set_before(site: Site, case: Memory) -> None:
    def text(directory: str) -> str:
        return f"[glance_store]\nfilesystem_store_datadir = {directory}\n"

    if case.backup:
        site.path(f"{CONF}.strata-backup").write_text(text(case.backup))
    if case.config:
        site.path(CONF).write_text(f"{site.path(CONF).read_text()}\n{text(case.config)}")
    await moved(site, count=1)
    record = json.loads(site.path(f"{FOLDER}/record.json").read_text())
    assert record["memory"]["tkstack"]["lines"] == case.lines, case.because
