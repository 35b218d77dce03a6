"""glance:ImageMigration on one host: what is moved, what drifts, what an import finds, and what is left alone."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from strata.clients.glance_migration import Order
from strata.clients.glance_migration_run import Follower
from strata.errors import StrataError
from tests.lifecycle.glance_migration.moved import edit_record, moved, stops
from tests.lifecycle.glance_migration.site import CONF, DATABASE, DROP_IN, FOLDER, NEW, OLD, Site, declared


async def test_old_workers_that_had_to_be_ended_are_told(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    carry_out = Follower.carry_out

    async def carried_out(self: Follower, journal: str, order: Order, *more: Any) -> dict[str, Any]:
        answer = await carry_out(self, journal, order, *more)
        return answer | ({"ended_workers": 2} if order.command == "cutover" else {})

    monkeypatch.setattr(Follower, "carry_out", carried_out)
    move = await moved(site)
    assert any("2 old workers of Glance on tkstack" in one for one in move.warnings), move.warnings


async def test_the_images_are_moved_and_served_from_the_new_place(site: Site) -> None:
    for number in range(3):
        site.upload(f"image-{number}")
    site.path(f"{OLD}/orphan").write_bytes(b"of nobody")
    move = declared(site)
    before = site.tree()
    await move.preview()
    assert site.tree() == before, "a preview writes nothing"
    assert move.notes[0].startswith(
        f"3 images (103 KiB) would move from {OLD} to {NEW} on tkstack: 3 images with 103 KiB still to be copied"
    )
    assert "would stand still for about" in move.notes[1]
    assert move.notes[2] == f"1 file without an image stay where they are: {OLD}/orphan."
    move.notes.clear()
    site.mount()
    await move.up()
    assert move.id == "tkstack"
    assert site.served() == site.images
    assert set(site.locations().values()) == {f"file://{NEW}/{one}" for one in site.images}
    assert sorted(path.name for path in site.path(OLD).iterdir()) == [
        "image-0",
        "image-1",
        "image-2",
        "orphan",
    ]
    assert stops(site) == ["stop -- glance-api", "start -- glance-api"], "once, and nothing else"
    assert (move.state["images"], move.state["bytes"], move.state["orphans"]) == (3, 105000, 1)
    assert move.state["database"] == "sqlite"
    assert move.notes[0].startswith(
        f"Moved 3 images, 103 KiB, from {OLD} to {NEW} on tkstack; Glance stood still for "
    )
    assert move.notes[0].endswith("; proven 3 of 3.")
    assert f"filesystem_store_datadir = {NEW}\n" in site.path(CONF).read_text()
    assert "# owner: strata:lab/glance-tkstack" in site.path(DROP_IN).read_text()
    assert await move.drift() == {}


async def test_a_create_repeated_after_a_lost_answer_stops_nothing(site: Site) -> None:
    await moved(site)
    stops(site)
    conf = site.path(CONF).read_bytes()
    again = declared(site)
    await again.up()
    assert await again.drift() == {}
    assert (stops(site), site.path(CONF).read_bytes(), again.notes) == ([], conf, [])
    assert again.state["images"] == 2


async def test_nothing_to_do_means_one_round_trip(site: Site) -> None:
    move = await moved(site)
    count, before = len(site.host.commands), site.tree()
    await move.up()
    assert len(site.host.commands) - count == 1
    assert site.tree() == before


async def test_a_glance_without_images_gets_the_setting_alone(site: Site) -> None:
    move = await moved(site, count=0)
    assert f"filesystem_store_datadir = {NEW}\n" in site.path(CONF).read_text()
    assert await move.drift() == {}
    assert move.state["images"] == 0


async def test_an_import_gives_what_was_declared(site: Site) -> None:
    await moved(site)
    found = await declared(site).imported("tkstack")
    assert found is not None
    assert found[0] == "tkstack"
    assert found[1] == {
        "sources": [OLD],
        "hosts": ["tkstack"],
        "directory": NEW,
        "keepSource": True,
        "complete": True,
    }
    with pytest.raises(StrataError, match="no strata:glance:ImageMigration with the id tkstack:other"):
        await declared(site).imported("tkstack:other")
    with pytest.raises(StrataError, match="is written HOST or HOST:NAME"):
        await declared(site).imported("tkstack/other")


async def test_one_whose_record_disappeared_is_made_again(site: Site) -> None:
    move = await moved(site)
    site.path(f"{FOLDER}/record.json").unlink()
    stops(site)
    assert not await move.refresh()
    await move.up()
    assert await move.drift() == {}
    assert stops(site) == []


class Drift(NamedTuple):
    script: Any
    found: dict[str, tuple[Any, Any]]
    because: str


DRIFTS = [
    Drift(
        lambda site: site.upload("late"),
        {"complete": (True, False)},
        because="an image lies below the source again",
    ),
    Drift(
        lambda site: site.host.sh(f"sed -i 's,^filesystem_store_datadir = .*,filesystem_store_datadir = {OLD},' {CONF}"),
        {"complete": (True, False)},
        because="the setting names the source again",
    ),
    Drift(
        lambda site: edit_record(site, sources=["/srv/moved"]),
        {"sources": ([OLD], ["/srv/moved"])},
        because="another source was moved",
    ),
    Drift(
        lambda site: edit_record(site, hosts=["other"]),
        {"hosts": (["tkstack"], ["other"])},
        because="it was moved for other hosts",
    ),
    Drift(
        lambda site: edit_record(site, directory="/srv/moved"),
        {"directory": (NEW, "/srv/moved"), "complete": (True, False)},
        because="it was moved to another directory",
    ),
]  # fmt: skip


@pytest.mark.parametrize("case", DRIFTS, ids=lambda case: case.because)
async def test_drift_is_named_and_repaired(site: Site, case: Drift) -> None:
    move = await moved(site)
    case.script(site)
    assert await move.drift() == case.found, case.because
    await move.up()
    assert await move.drift() == {}, case.because
    assert site.served() == site.images
    assert set(site.locations().values()) == {f"file://{NEW}/{one}" for one in site.images}


async def test_old_files_go_when_they_need_not_be_kept_any_more(site: Site) -> None:
    site.path(f"{OLD}/orphan").write_bytes(b"of nobody")
    move = await moved(site)
    stops(site)
    move.declare(keepSource=False)
    assert await move.drift() == {"keepSource": (False, True)}
    await move.preview()
    assert move.notes[-1].startswith(f"The old files in {OLD} on tkstack go")
    await move.up()
    assert [path.name for path in site.path(OLD).iterdir()] == ["orphan"], "an orphan is nobody's to remove"
    assert (await move.drift(), stops(site)) == ({}, [])
    assert site.served() == site.images
    move.declare(keepSource=True)
    assert await move.drift() == {}, "what is gone can't be kept"


async def test_a_store_that_goes_to_another_directory_takes_the_images_along(site: Site) -> None:
    move = await moved(site)
    local = "/var/lib/glance/local"
    move.declare(directory=local, mount=None, export=None)
    await move.preview()
    assert move.warnings == [f"Images in {NEW} stay there: name it in migrateFrom to move them."]
    move.declare(sources=[NEW], keepSource=False)
    move.warnings.clear()
    await move.preview()
    assert move.warnings == []
    await move.up()
    assert await move.drift() == {}
    assert set(site.locations().values()) == {f"file://{local}/{one}" for one in site.images}
    assert site.served() == site.images
    assert "AssertPathIsMountPoint" not in site.path(DROP_IN).read_text()
    assert sorted(path.name for path in site.path(NEW).iterdir()) == []
    assert sorted(path.name for path in site.path(OLD).iterdir()) == sorted(site.images), "of another move"


async def test_an_image_whose_file_is_lost_is_left_when_the_stack_file_says_so(site: Site) -> None:
    site.upload("lost")
    site.path(f"{OLD}/lost").unlink()
    del site.images["lost"]
    move = await moved(site, leave=["lost"])
    assert await move.drift() == {}
    assert site.locations() == {
        "lost": f"file://{OLD}/lost",
        **{one: f"file://{NEW}/{one}" for one in site.images},
    }
    assert move.state["imagesWithoutFile"] == 1


async def test_a_database_that_does_not_answer_is_an_error_and_no_drift(site: Site) -> None:
    move = await moved(site)
    site.path(DATABASE).write_text("no database at all")
    with pytest.raises(StrataError, match=r"could not be told: .*did not answer as expected"):
        await move.refresh()


async def test_the_token_reaches_glance_and_nothing_else(site: Site) -> None:
    site.upload("image-0")
    site.mount()
    site.api.token = "canary-of-keystone"
    move = declared(site, {"OS_TOKEN": "canary-of-keystone"})
    await move.up()
    assert move.notes[-1].endswith("proven 1 of 1.")
    assert not any("canary-of-keystone" in command for command in site.host.commands)
    written = [one for one in site.path(FOLDER).rglob("*") if one.is_file()]
    assert not any(b"canary-of-keystone" in one.read_bytes() for one in written)


async def test_without_a_token_the_images_are_proven_by_their_hashes(site: Site) -> None:
    site.upload("image-0")
    site.mount()
    site.api.token = "of keystone"
    move = declared(site)
    await move.up()
    assert "Set OS_TOKEN" in move.warnings[0]
    assert await move.drift() == {}
