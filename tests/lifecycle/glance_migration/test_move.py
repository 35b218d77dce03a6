"""glance:ImageMigration from create to delete on one host."""

from __future__ import annotations

from tests.lifecycle.glance_migration.site import NEW, OLD, Site, declared


async def test_the_images_are_moved_and_served_from_the_new_place(site: Site) -> None:
    for number in range(4):
        site.upload(f"image-{number}")
    site.mount()
    move = declared(site)
    await move.up()
    print(move.notes, move.progress)
    assert move.id == "tkstack"
    assert site.served() == site.images
    assert set(site.locations().values()) == {f"file://{NEW}/{one}" for one in site.images}
    assert await move.drift() == {}
    assert (move.state["images"], move.state["database"], move.state["phase"]) == (4, "sqlite", "done")
    assert sorted(path.name for path in site.path(OLD).iterdir()) == sorted(site.images), "they stay"
