"""`strata drift` with the real engine: what moves on a cluster is seen at its property, and looking changes nothing."""

from __future__ import annotations

import contextlib
import hashlib
import json
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.engine.site import STACK, Site, happens
from tests.acceptance.project import Ran

pytestmark = pytest.mark.acceptance

POLICIES = "/api/protocols/nfs/export-policies"


@dataclass(frozen=True)
class Told:
    """What a look said."""

    ran: Ran
    report: dict[str, Any]

    @property
    def stack(self) -> dict[str, Any]:
        (stack,) = self.report["stacks"]
        return dict(stack)

    @property
    def findings(self) -> dict[str, tuple[Any, Any]]:
        """Declared and actual by `resource property`, or the change of a whole resource."""
        return {
            f"{one['resource']} {one['property'] or one['change']}": (one["declared"], one["actual"])
            for one in self.stack["findings"]
        }


def drift(site: Site, *arguments: str, expect: int) -> Told:
    """`strata drift lab` as an operator runs it, its report as JSON."""
    report = site.project.folder / "report.json"
    report.unlink(missing_ok=True)
    ran = site.project.run(
        *("python", "-m", "strata.cli.main", "drift", "lab", "--format", "json", "--output", "report.json"),
        *arguments,
        expect=expect,
    )
    return Told(ran, json.loads(report.read_text()))


def patch(site: Site, **changes: Any) -> None:
    """Change the volume behind Strata's back."""
    path = f"/api/storage/volumes/{site.volume()['uuid']}"
    assert site.ontap.request("PATCH", path, json=changes).status_code < 300


def policy(site: Site) -> str:
    (one,) = site.ontap.request("GET", POLICIES, params={"name": "images"}).json()["records"]
    return f"{POLICIES}/{one['id']}"


def rule(site: Site, **changes: Any) -> None:
    assert site.ontap.request("PATCH", f"{policy(site)}/rules/1", json=changes).status_code < 300


def delete_volume(site: Site) -> None:
    site.ontap.request("DELETE", f"/api/storage/volumes/{site.volume()['uuid']}")


OUTSIDE: list[tuple[str, Callable[[Site], None], dict[str, tuple[Any, Any]]]] = [
    ("size", lambda site: patch(site, size=64424509440), {"ontap:Volume/images size": ("50GiB", "60GiB")}),
    (
        "junction path",
        lambda site: patch(site, nas={"path": "/elsewhere"}),
        {"ontap:Volume/images junctionPath": ("/images", "/elsewhere")},
    ),
    (
        "deduplication",
        lambda site: patch(site, efficiency={"dedupe": "none", "compression": "none"}),
        {"ontap:Volume/images efficiency.dedupe": ("background", "none")},
    ),
    (
        "export policy",
        lambda site: patch(site, nas={"export_policy": {"name": "default"}}),
        {"ontap:Volume/images exportPolicy": ("images", "default")},
    ),
    (
        "a rule",
        lambda site: rule(site, superuser=["none"]),
        {"ontap:ExportPolicy/images rules[0].superuser": (["sys"], ["none"])},
    ),
    (
        "off-line",
        lambda site: patch(site, state="offline"),
        {"ontap:Volume/images junctionPath": ("/images", ""), "ontap:Volume/images online": (True, False)},
    ),
    ("the volume is deleted", delete_volume, {"ontap:Volume/images gone": (None, None)}),
]


def test_every_outside_change_is_seen_at_its_property_and_repaired(site: Site) -> None:
    site.project.up()
    assert drift(site, expect=0).findings == {}
    for what, change, expected in OUTSIDE:
        change(site)
        told = drift(site, expect=7)
        # Exactly this one: what was changed before it is repaired.
        assert told.findings == expected, what
        assert {one["seenBy"] for one in told.stack["findings"]} == {"both"}, what
        site.project.up("--refresh")
    assert drift(site, expect=0).findings == {}


def fingerprint(folder: Path) -> dict[str, str]:
    """Every file of the state, byte for byte, with its time."""
    files = [file for file in folder.rglob("*") if file.is_file()]
    return {
        str(file): f"{hashlib.sha256(file.read_bytes()).hexdigest()} {file.stat().st_mtime_ns}"
        for file in files
    }


def test_looking_changes_neither_the_state_nor_the_cluster_and_waits_for_no_lock(site: Site) -> None:
    site.project.up()
    patch(site, size=64424509440)
    lock = site.project.folder / ".state/.pulumi/locks/organization/strata/lab/somebody.json"
    lock.parent.mkdir(parents=True, exist_ok=True)
    lock.write_text(
        '{"pid": 1, "username": "somebody", "hostname": "elsewhere", "timestamp": "2026-11-21T00:00:00Z"}'
    )
    assert "lock" in site.project.pulumi("up", "--yes", "--skip-preview", expect=1).output
    before, writes = fingerprint(site.project.folder / ".state"), len(site.ontap.writes())
    drift(site, expect=7)
    assert fingerprint(site.project.folder / ".state") == before
    assert len(site.ontap.writes()) == writes
    lock.unlink()


def test_what_strata_does_not_manage_never_shows(site: Site) -> None:
    site.project.up()
    (site.ontap.directory("images") / "an-image").write_bytes(b"x" * 10_000_000)
    patch(site, comment="somebody's note", space={"snapshot": {"reserve_percent": 10}})
    assert drift(site, expect=0).findings == {}


def test_a_cluster_that_is_down_could_not_be_told_and_is_named(site: Site) -> None:
    site.project.up()
    (site.project.folder / "port").write_text("1\n")
    told = drift(site, expect=1)
    assert told.stack["status"] == "could not tell"
    assert all(
        "cluster01 at 127.0.0.1:1 cannot be reached" in one["message"] for one in told.stack["troubles"]
    )
    assert told.stack["troubles"]


def test_the_other_net_sees_what_up_would_not_touch(site: Site) -> None:
    """The cluster and the stack file have moved alike: only the state is behind."""
    site.project.up()
    patch(site, size=64424509440)
    site.project.edit("size: 50GiB", "size: 60GiB")
    (one,) = drift(site, expect=7).stack["findings"]
    assert (one["property"], one["seenBy"]) == ("size", "refresh")
    patch(site, size=53687091200)
    (one,) = drift(site, expect=7).stack["findings"]
    assert (one["declared"], one["actual"], one["seenBy"]) == ("60GiB", "50GiB", "up")


def test_a_stack_that_was_never_brought_up_is_said_as_such(site: Site) -> None:
    told = drift(site, expect=1)
    assert told.stack["status"] == "never brought up"
    site.project.pulumi("stack", "rm", "lab", "--yes", "--preserve-config")
    assert drift(site, expect=1).stack["status"] == "never brought up"


ACCEPTED = """\
  strata:drift:
    accepted:
      - {resource: ontap:Volume/images, property: size, reason: "ticket 4711", until: 2099-12-31}
      - {resource: ontap:Volume/images, property: junctionPath, reason: "ticket 4712", until: 2001-12-31}
"""


def test_a_known_difference_is_accepted_until_its_day(site: Site) -> None:
    site.project.up()
    site.project.write(site.project.stack_file.read_text() + ACCEPTED)
    patch(site, size=64424509440)
    told = drift(site, expect=0)
    assert [one["reason"] for one in told.stack["accepted"]] == ["ticket 4711"]
    assert ["nothing is otherwise there" in note for note in told.stack["notes"]] == [True]
    patch(site, nas={"path": "/elsewhere"})
    told = drift(site, expect=7)
    assert list(told.findings) == ["ontap:Volume/images junctionPath"]
    assert "was accepted until 2001-12-31 (ticket 4712)" in told.stack["notes"][0]


def test_a_stack_file_that_does_not_hold_hides_no_drift(site: Site) -> None:
    site.project.up()
    patch(site, size=64424509440)
    site.project.edit("junctionPath:", "junctionPth:")
    told = drift(site, expect=1)
    assert told.findings == {"ontap:Volume/images size": ("50GiB", "60GiB")}
    assert "stacks/Pulumi.lab.yaml:" in told.stack["troubles"][0]["message"]


def test_a_wrong_passphrase_could_not_be_told(site: Site) -> None:
    site.project.up()
    site.project.environ = {"PULUMI_CONFIG_PASSPHRASE": "another"}
    told = drift(site, expect=1)
    assert "incorrect passphrase" in told.stack["troubles"][0]["message"]


def test_a_resource_that_left_the_stack_file_and_one_that_came_are_told(site: Site) -> None:
    site.project.up()
    site.project.write(STACK.replace("      images:\n", "      other:\n").replace("/images\n", "/other\n"))
    assert sorted(drift(site, expect=7).findings) == [
        "ontap:ExportPolicy/images undeclared",
        "ontap:ExportPolicy/other unmade",
        "ontap:Volume/images undeclared",
        "ontap:Volume/other unmade",
    ]


@pytest.mark.parametrize(
    ("number", "code", "said"),
    [
        (signal.SIGINT, 130, "strata drift: interrupted."),
        (signal.SIGTERM, 143, "strata drift: ended by SIGTERM."),
        (signal.SIGHUP, 129, "strata drift: ended by SIGHUP."),
    ],
    ids=["Ctrl-C", "a cancelled job", "a closed terminal"],
)
def test_whoever_ends_it_ends_the_engine_too_and_leaves_nothing(
    site: Site, number: signal.Signals, code: int, said: str
) -> None:
    site.project.up()
    before = fingerprint(site.project.folder / ".state")
    site.ontap.configure(latency=10.0)
    started = site.project.start("python", "-m", "strata.cli.main", "drift", "lab")
    happens(lambda: _engines(site), within=60)
    started.process.send_signal(number)
    ran = started.end(timeout=60, expect=code)
    site.ontap.configure(latency=0.0)
    assert said in ran.output
    assert _engines(site) == []
    assert fingerprint(site.project.folder / ".state") == before


def _engines(site: Site) -> list[str]:
    """The processes that work in the project's folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            name = (process / "comm").read_text().strip()
            if name.startswith("pulumi") and (process / "cwd").readlink() == site.project.folder:
                found.append(process.name)
    return found
