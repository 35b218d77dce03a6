"""A store and the move into it, deleted: the images go back, or stay, or nothing is touched."""

from __future__ import annotations

import pytest

from strata.errors import StrataError
from strata.provider.kinds.glance_filesystem_store import FilesystemStore
from tests.lifecycle.glance_migration.site import (
    CONF,
    DROP_IN,
    FOLDER,
    NEW,
    OLD,
    Declared,
    Hosts,
    Site,
    declared,
    quick,
)

STORE = {"host": "tkstack", "directory": NEW, "mount": NEW, "movedBy": "tkstack"}


def acts(site: Site) -> list[str]:
    """What was done to the service since the last time this was asked."""
    verbs = ("stop", "start", "restart", "try-restart")
    return [one for one in site.host.systemctl_log() if one.split()[0] in verbs]


async def both(site: Site) -> tuple[Declared, Declared]:
    """The move and then the store, as an `up` makes them."""
    for number in range(2):
        site.upload(f"image-{number}")
    site.mount()
    move = declared(site)
    await move.up()
    acts(site)
    store = Declared(FilesystemStore(Hosts(tkstack=site)), dict(STORE), "glance-tkstack", quick())
    await store.up()
    return move, store


async def test_the_store_that_follows_a_move_finds_everything_as_declared(site: Site) -> None:
    move, store = await both(site)
    assert acts(site) == [], "nothing is restarted"
    assert (await store.drift(), await move.drift()) == ({}, {})


async def test_a_destroy_takes_the_images_back(site: Site) -> None:
    before = site.path(CONF).read_bytes()
    move, store = await both(site)
    await store.destroy()
    assert site.path(f"{FOLDER}/back").read_text() == "tkstack\n"
    assert acts(site) == [], "the move's own delete does it"
    assert store.notes[-1].startswith("Glance's images on tkstack go back to /var/lib/glance/images")
    for image in site.images:
        site.path(f"{OLD}/{image}").unlink()
    await move.destroy()
    assert set(site.locations().values()) == {f"file://{OLD}/{one}" for one in site.images}
    assert site.served() == site.images
    assert site.path(CONF).read_bytes() == before
    assert not site.path(DROP_IN).exists()
    assert acts(site) == ["stop -- glance-api", "start -- glance-api"]
    assert await move.kind.observe("tkstack") is None
    await move.destroy()
    assert acts(site) == []


async def test_a_move_that_is_taken_out_of_the_stack_file_is_forgotten(site: Site) -> None:
    move, store = await both(site)
    await move.destroy()
    assert await move.kind.observe("tkstack") is None
    assert site.path(f"{FOLDER}/moves").is_dir(), "the journals stay"
    assert (acts(site), await store.drift()) == ([], {})
    assert set(site.locations().values()) == {f"file://{NEW}/{one}" for one in site.images}


async def test_images_that_cannot_go_back_stop_the_delete_before_anything(site: Site) -> None:
    _, store = await both(site)
    site.path(f"{NEW}/image-0").unlink()
    with pytest.raises(StrataError, match=r"can't go back .*nothing was touched\. .*allowImagesLeft: true"):
        await store.destroy()
    assert not site.path(f"{FOLDER}/back").exists()
    assert acts(site) == []


async def test_a_store_that_is_made_again_takes_the_word_back(site: Site) -> None:
    move, store = await both(site)
    await store.destroy()
    store.id = ""
    await store.up()
    assert not site.path(f"{FOLDER}/back").exists()
    assert acts(site) == []
    await move.destroy()
    assert set(site.locations().values()) == {f"file://{NEW}/{one}" for one in site.images}, "they stay"


async def test_images_left_on_purpose_stay(site: Site) -> None:
    before = site.path(CONF).read_bytes()
    move, store = await both(site)
    await store.declare(allowImagesLeft=True).destroy()
    assert not site.path(f"{FOLDER}/back").exists()
    assert site.path(CONF).read_bytes() == before, "the setting from before the move, from the backup"
    await move.destroy()
    assert set(site.locations().values()) == {f"file://{NEW}/{one}" for one in site.images}


async def test_a_store_that_is_made_again_without_a_move_takes_the_word_back_too(site: Site) -> None:
    """A destroy died between the store's delete and the move's, and `migrateFrom` was taken out before the next `up`."""
    move, store = await both(site)
    await store.destroy()
    store.id, store.inputs = "", {**STORE, "movedBy": None}
    await store.up()
    assert not site.path(f"{FOLDER}/back").exists()
    await move.destroy()
    assert set(site.locations().values()) == {f"file://{NEW}/{one}" for one in site.images}, "they stay"
    assert await store.drift() == {}


async def test_a_move_that_is_made_again_takes_the_word_back(site: Site) -> None:
    _, store = await both(site)
    await store.destroy()
    await declared(site).up()
    assert not site.path(f"{FOLDER}/back").exists()


async def test_images_that_are_back_already_stay_where_they_are(site: Site) -> None:
    """Moved to the volume, moved back by the stack file, destroyed: they must not go to the volume that is destroyed next."""
    before = site.path(CONF).read_bytes()
    move, store = await both(site)
    await move.declare(sources=[NEW], directory=OLD, mount=None, export=None).up()
    await store.declare(directory=OLD, mount=None).up()
    assert await store.drift() == {}
    await store.destroy()
    assert site.path(CONF).read_bytes() == before
    assert not site.path(DROP_IN).exists()
    await move.destroy()
    assert set(site.locations().values()) == {f"file://{OLD}/{one}" for one in site.images}
    assert site.served() == site.images
