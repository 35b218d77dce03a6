"""What an operator changes in the stack file is changed in place, and what is protected stays."""

from __future__ import annotations

import json

import pytest

from tests.acceptance.engine.site import VOLUME_TOKEN, Site

pytestmark = pytest.mark.acceptance


def test_rename_resize_and_rejunction_are_updates_in_place(site: Site) -> None:
    site.project.up()
    uuid = site.volume()["uuid"]
    site.project.edit("size: 50GiB", "size: 60GiB\n        name: pictures")
    site.project.edit("junctionPath: /images", "junctionPath: /pictures")

    plan = json.loads(site.project.pulumi("preview", "--json").output)

    planned = {one["urn"].split("::")[-2].split("$")[-1]: one["op"] for one in plan["steps"]}
    assert planned[VOLUME_TOKEN] == "update"
    assert set(planned.values()) <= {"same", "update"}, planned
    (step,) = [one for one in plan["steps"] if one["op"] == "update" and VOLUME_TOKEN in one["urn"]]
    # The export policy bears the volume's name, so it is renamed as well.
    assert sorted(step["detailedDiff"]) == ["exportPolicy", "junctionPath", "name", "size"]
    assert not any("replace" in one["kind"] for one in step["detailedDiff"].values())
    before = site.ontap.journal.last
    site.project.up()
    assert {one.method for one in site.ontap.writes(before)} == {"PATCH"}
    now = site.volume()
    assert (now["uuid"], now["name"], now["size"], now["nas"]["path"]) == (
        uuid,
        "pictures",
        60 * 2**30,
        "/pictures",
    )
    site.settled()


def test_a_protected_volume_is_not_destroyed_and_nothing_is_touched(site: Site) -> None:
    site.project.edit("        protect: false\n", "")
    site.project.up()
    before, state = site.ontap.journal.last, site.deployment()["resources"]

    ran = site.project.destroy(expect=1)

    assert "protected" in ran.output
    assert "images" in ran.output
    assert site.ontap.writes(before) == []
    assert site.volume()["nas"]["path"] == "/images"
    assert site.deployment()["resources"] == state
