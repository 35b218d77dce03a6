"""Taking zones away: never a part of what can't go, never what users have stored, and then all of it."""

from __future__ import annotations

import pytest

from tests.acceptance.zones import ZonePath, changed, second_zone, zones_of

pytestmark = pytest.mark.acceptance


@pytest.fixture(scope="module")
def two(zones: ZonePath) -> ZonePath:
    """The zone path with a second zone."""
    zones.project.write(changed(zones.project.stack_file.read_text(), second_zone))
    zones.project.up()
    assert len(zones.cloud.rows("listZones")) == 2
    return zones


def test_one_of_two_zones_does_not_go(two: ZonePath) -> None:
    text = two.project.stack_file.read_text()
    two.project.write(changed(text, lambda config: zones_of(config).pop("zone2")))
    with two.untouched():
        for ran in (two.project.preview(expect=None), two.project.up(expect=None)):
            assert ran.code != 0
            assert "The zone zone2 can't be removed while zone1 stays" in ran.output, ran
            assert "Nothing was touched." in ran.output
            assert "enabled: false" in ran.output, "what to do instead"
            assert "Traceback" not in ran.output
    two.project.write(text)
    two.project.drift(expect=0)


def test_a_zone_that_may_not_go_can_be_disabled(two: ZonePath) -> None:
    text = two.project.stack_file.read_text()
    two.project.write(changed(text, lambda config: zones_of(config)["zone2"].update(enabled=False)))
    before = two.cloud.last()
    two.project.up()
    assert two.cloud.writes(before) == ["updateZone"]
    states = {zone["name"]: zone["allocationstate"] for zone in two.cloud.rows("listZones")}
    assert states["zone2"] == "Disabled"
    two.project.write(text)
    two.project.up()
    two.project.drift(expect=0)


def test_destroy_names_the_users_template_and_touches_nothing(two: ZonePath) -> None:
    with two.cloud.users_template("golden-image"), two.untouched():
        ran = two.project.destroy(expect=None)
        assert ran.code != 0
        assert "template golden-image" in ran.output, ran
        assert "Nothing was touched." in ran.output
    two.project.drift(expect=0)


def test_destroy_takes_both_zones_with_the_store_and_leaves_what_is_in_swift(two: ZonePath) -> None:
    templates, before = two.cloud.templates(), two.cloud.last()
    assert templates
    two.project.destroy()
    try:
        asked = [one for one in two.cloud.asked(before) if one.write]
        done = [one.command for one in asked if one.good]
        assert done.count("deleteImageStore") == 1
        assert done.count("deleteZone") == 2
        assert done.index("deleteImageStore") < done.index("deleteZone")
        # Two zones that go at once may both ask for the store to go.
        refused = {one.command for one in asked if not one.good}
        assert refused <= {"deleteImageStore"}, "nothing else is tried that CloudStack refuses"
        for command in ("listZones", "listImageStores", "listPods", "listHosts", "listStoragePools"):
            assert two.cloud.rows(command) == [], command
        assert two.cloud.templates() == templates
        assert two.project.resources() == []
        two.project.destroy()
    finally:
        two.project.write(
            changed(two.project.stack_file.read_text(), lambda config: zones_of(config).pop("zone2"))
        )
        two.project.up()
    two.project.drift(expect=0)
    two.project.run("strata", "verify", two.project.stack)
