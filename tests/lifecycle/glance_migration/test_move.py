"""glance:ImageMigration on one host: what is moved, what drifts, what an import finds, and what is left alone."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import pytest

from strata.clients.glance_migration import Order
from strata.clients.glance_migration_run import Follower
from strata.errors import InvalidInput, StrataError
from strata.provider.kinds.glance_image_migration import ImageMigration
from strata.provider.lifecycle import Lifecycle
from strata.provider.outcome import OperationFailed
from tests.lifecycle.glance_migration.site import (
    CONF,
    DATABASE,
    DROP_IN,
    FOLDER,
    INPUTS,
    NEW,
    OLD,
    Declared,
    Site,
    declared,
)


async def moved(site: Site, count: int = 2, **changes: Any) -> Declared:
    for number in range(count):
        site.upload(f"image-{number}")
    site.mount()
    move = declared(site, **changes)
    await move.up()
    return move


async def test_old_workers_that_had_to_be_ended_are_told(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    carry_out = Follower.carry_out

    async def carried_out(self: Follower, journal: str, order: Order, *more: Any) -> dict[str, Any]:
        answer = await carry_out(self, journal, order, *more)
        return answer | ({"ended_workers": 2} if order.command == "cutover" else {})

    monkeypatch.setattr(Follower, "carry_out", carried_out)
    move = await moved(site)
    assert any("2 old workers of Glance on tkstack" in one for one in move.warnings), move.warnings


def stops(site: Site) -> list[str]:
    """What was stopped, started or restarted since the last time this was asked."""
    return [
        one
        for one in site.host.systemctl_log()
        if one.split()[0] in ("stop", "start", "restart", "try-restart")
    ]


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


def edit_record(site: Site, **changes: Any) -> None:
    file = site.path(f"{FOLDER}/record.json")
    record = json.loads(file.read_text())
    record["result"].update(changes.pop("result", {}))
    file.write_text(json.dumps({**record, **changes}))


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


class Refusal(NamedTuple):
    script: Any
    words: str


REFUSALS = [
    Refusal(lambda site: site.path(f"{OLD}/image-0").unlink(), f"Glance names {OLD}/image-0, and there is no such file"),
    Refusal(lambda site: site.path(f"{OLD}/image-0").write_bytes(b"x"), "has 1 bytes, and Glance recorded 35000"),
    Refusal(
        lambda site: site.host.sh(f"sed -i 's/^bind_port/metadata_encryption_key = x\\nbind_port/' {CONF}"),
        "sets metadata_encryption_key",
    ),
    Refusal(lambda site: site.host.sh(f"rm {CONF}"), f"has no {CONF}"),
    Refusal(
        lambda site: site.host.sh(f"sed -i 's/^bind_port/enabled_backends = fast:file\\nbind_port/' {CONF}"),
        "Glance does not read the section glance_store. Set section to the name of a store of type file: fast",
    ),
    Refusal(
        lambda site: site.host.sh(f"printf '\\n[glance_store]\\nfilesystem_store_datadirs = /a:1\\n' >>{CONF}"),
        "sets filesystem_store_datadirs (/a:1); Glance does not start with both",
    ),
    Refusal(lambda site: site.path(DATABASE).write_text("no database at all"), "did not answer as expected"),
    Refusal(
        lambda site: site.host.sh(f"mkdir -p {DROP_IN.rpartition('/')[0]}; echo '# owner: strata:tokyo/glance' >{DROP_IN}"),
        "is marked strata:tokyo/glance",
    ),
]  # fmt: skip


@pytest.mark.parametrize("case", REFUSALS, ids=lambda case: case.words[:30])
async def test_what_stands_in_the_way_is_told_at_preview(site: Site, case: Refusal) -> None:
    site.upload("image-0")
    case.script(site)
    before = site.tree()
    with pytest.raises(OperationFailed) as caught:
        await declared(site).preview()
    assert case.words in str(caught.value)
    assert site.tree() == before


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


async def test_a_mount_that_is_not_there_stops_it_before_anything_is_done(site: Site) -> None:
    site.upload("image-0")
    before = site.path(CONF).read_bytes()
    with pytest.raises(
        StrataError, match=f"Nothing is mounted on {NEW} of host tkstack.*Glance was not stopped"
    ):
        await declared(site).up()
    assert (stops(site), site.path(CONF).read_bytes()) == ([], before)
    assert set(site.locations().values()) == {f"file://{OLD}/image-0"}


async def test_a_database_that_does_not_answer_is_an_error_and_no_drift(site: Site) -> None:
    move = await moved(site)
    site.path(DATABASE).write_text("no database at all")
    with pytest.raises(StrataError, match=r"could not be told: .*did not answer as expected"):
        await move.refresh()


async def test_a_move_of_another_stack_is_not_touched(site: Site) -> None:
    await moved(site)
    edit_record(site, resource="strata:tokyo/glance")
    with pytest.raises(OperationFailed, match="marked strata:tokyo/glance, exists already") as caught:
        await declared(site).preview()
    assert "pulumi import strata:glance:ImageMigration glance tkstack" in str(caught.value)
    taken = declared(site, adopt=True)
    await taken.up()
    assert await taken.drift() == {}


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


class Wrong(NamedTuple):
    inputs: dict[str, Any]
    path: str


@pytest.mark.parametrize(
    "case",
    [
        Wrong({"complete": False}, "complete"),
        Wrong({"hosts": []}, "hosts"),
        Wrong({"sources": []}, "sources"),
        Wrong({"sources": [OLD, NEW]}, "sources[1]"),
        Wrong({"sources": [f"{NEW}/below"]}, "sources[0]"),
        Wrong({"proof": "some"}, "proof"),
        Wrong({"workers": 0}, "workers"),
        Wrong({"name": "../x"}, "name"),
        Wrong({"export": "/images"}, "export"),
    ],
)  # fmt: skip
def test_wrong_input_is_found_before_any_call(case: Wrong) -> None:
    with pytest.raises(InvalidInput) as caught:
        Lifecycle(ImageMigration(None)).check({**INPUTS, **case.inputs})  # type: ignore[arg-type]
    assert [problem.path for problem in caught.value.problems] == [case.path]
