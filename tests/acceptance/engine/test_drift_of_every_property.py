"""Every managed property of every kind that needs no host, changed outside: named exactly, and put back by `up`."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
from swiftclient import Connection  # type: ignore[import-untyped]

from strata.provider.fields import Role, row, wire_name
from strata.provider.registry import KINDS
from tests.acceptance.engine.outside_changes import OUTSIDE, move
from tests.acceptance.engine.whole_site import WholeSite, running

pytestmark = pytest.mark.acceptance

ELSEWHERE = {
    "ontap:Volume qosPolicy": "the emulated cluster has none to choose from",
    "ontap:Volume online": "a volume that is off-line shows no other property: test_drift.py",
    "cloudstack:GuestNetwork name": "CloudStack finds the network by it",
    "cloudstack:ImageStore account": "a store of another account is another store",
    "cloudstack:ImageStore storagePolicy": "CloudStack never shows it",
    "cloudstack:ZoneState systemVmsReady": "this stack does not wait for system VMs",
    "cloudstack:ZoneSet zones": "what CloudStack has is in the zones themselves",
    "cloudstack:ZoneSet noted": "a note between two resources",
}
"""Managed properties that are not changed here, and why."""
ON_HOSTS = ("host:", "glance:")
"""What test_drift_of_every_property_on_hosts.py changes, and tests/acceptance on a real host."""


def managed() -> set[str]:
    """`ontap:Volume size` for every kind and every property that an update can change."""
    found = set()
    for kind in KINDS:
        name = kind.token.removeprefix("strata:")
        fields = [one for one in dataclasses.fields(kind.Args) if row(one).role is Role.MANAGED]
        if not name.startswith(ON_HOSTS):
            found |= {f"{name} {wire_name(one.name)}" for one in fields}
    return found


def test_no_managed_property_is_forgotten() -> None:
    assert managed() == {one.managed for one in OUTSIDE} | set(ELSEWHERE)


def look(whole: WholeSite, expect: int) -> dict[str, dict[str, object]]:
    """The findings by resource and property."""
    project = whole.site.project
    command = (
        "python",
        "-m",
        "strata.cli.main",
        "drift",
        "lab",
        "--format",
        "json",
        "--output",
        "report.json",
    )
    ran = project.run(*command, expect=None)
    (stack,) = json.loads((project.folder / "report.json").read_text())["stacks"]
    assert ran.code == expect, f"{ran}\n{json.dumps(stack, indent=1)}"
    assert stack["troubles"] == [], ran
    return {f"{one['resource']} {one['property'] or one['change']}": one for one in stack["findings"]}


def what_moves_by_itself(whole: WholeSite) -> None:
    """Objects, used bytes, jobs, and the properties that the stack file leaves out."""
    connection = Connection(authurl=whole.swift.auth_url, user=whole.swift.user2, key=whole.swift.key2)
    connection.put_object("backups", "one", b"x" * 1000)
    connection.put_container("others")
    connection.post_container("backups", {"X-Container-Meta-Other": "of another team"})
    (whole.site.ontap.directory("images") / "one").write_bytes(b"x" * 1_000_000)
    whole.row("hosts").update(resourcestate="Disabled")
    whole.row("zones", "zone2").update(domain="of-others.example.org")


def test_every_managed_property_is_seen_and_nothing_else(tmp_path: Path) -> None:
    with running(tmp_path) as whole:
        whole.site.project.up()
        assert look(whole, expect=0) == {}
        what_moves_by_itself(whole)
        assert look(whole, expect=0) == {}
        for one in OUTSIDE:
            one.change(whole)
        found = look(whole, expect=7)
        move(
            whole, "aggr1"
        )  # Never `up`'s business: a volume that is moved by a mistake would be a volume lost.
        whole.site.project.up("--refresh")
        assert look(whole, expect=0) == {}
    assert sorted(found) == sorted(one.finding for one in OUTSIDE)
    assert {one["seenBy"] for one in found.values()} == {"both"}
    assert all(one["declared"] != one["actual"] for one in found.values())
