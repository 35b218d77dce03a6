"""The life of every kind that the provider serves, all at once: from the first preview to the destroy of what is gone.

The numbers are those of the scenarios in docs/testing.md.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.engine import every_kind_site, what_goes
from tests.acceptance.engine.every_kind_site import COMMAND, TOKENS, EveryKind, kind_of
from tests.acceptance.engine.test_drift_of_every_property import look

pytestmark = pytest.mark.acceptance

DATA = (
    "ontap:Volume/images",
    "swift:Account/cloudstack",
    "swift:Container/archive-backups",
    "cloudstack:ImageStore/object-store",
)
"""What holds data is protected where the stack file does not say otherwise."""


@pytest.fixture
def new(tmp_path: Path) -> Iterator[EveryKind]:
    """A site with nothing in it."""
    if os.geteuid() != 0:
        pytest.skip("the played host has a mount namespace of its own, which needs root")
    with every_kind_site.running(tmp_path) as site:
        yield site


def test_no_kind_is_forgotten(every_kind: EveryKind) -> None:
    assert {kind_of(name) for name in every_kind.resources()} == {*TOKENS, COMMAND}


def test_a_first_preview_writes_nothing_and_the_file_is_wrong_in_all_its_lines_at_once(
    new: EveryKind,
) -> None:
    """21, and 16: a broken file makes no call at all."""
    with new.untouched():
        shown = new.project.preview().output
    assert f"+ {len(what_goes.RESOURCES) + what_goes.COMPONENTS} to create" in shown, shown[-1000:]
    text = new.project.stack_file.read_text()
    for old, spoilt in BROKEN:
        new.project.edit(old, spoilt)
    lines = new.project.stack_file.read_text().splitlines()
    ontap, cloudstack, commands = (
        new.whole.site.ontap.journal.last,
        new.whole.cloudstack.journal.last,
        len(new.host.host.commands),
    )
    for command in (("preview",), ("up", "--yes", "--skip-preview")):
        told = new.project.pulumi(*command, expect=1).output
        for _, spoilt in BROKEN:
            number = next(number for number, line in enumerate(lines, 1) if spoilt.split("\n")[0] in line)
            assert f"Pulumi.lab.yaml:{number}:" in told, f"nothing is said of line {number}: {spoilt}\n{told}"
        assert "Traceback" not in told
    assert new.whole.site.ontap.journal.last == ontap
    assert new.whole.cloudstack.journal.last == cloudstack
    assert len(new.host.host.commands) == commands
    new.project.write(text)


BROKEN = (
    ("size: 50GiB", "size: 50 gigs"),
    ("path: /mnt/scratch", "path: mnt/scratch"),
    ('mode: "0750"', 'mode: "rwx"'),
    ("quota: 10TiB", "quota: 10 bananas"),
    ("objectStore: {account: cloudstack,", "objectStore: {account: clodstack,"),
    ("gateway: 10.130.208.1\n", "gateway: 10.130.208.1111\n"),
)
"""A mistake for every section of the file."""


def test_a_second_run_and_each_look_write_nothing(every_kind: EveryKind) -> None:
    """1 and 2."""
    with every_kind.untouched():
        every_kind.project.preview("--expect-no-changes")
        every_kind.project.drift(expect=0)
        every_kind.project.pulumi("refresh", "--preview-only", "--expect-no-changes")
        again = every_kind.project.up().output
    assert f"{len(what_goes.RESOURCES) + what_goes.COMPONENTS} unchanged" in again, again[-1000:]


def test_what_is_protected_is_not_destroyed_and_nothing_is_touched(every_kind: EveryKind) -> None:
    """18."""
    project, text = every_kind.project, every_kind.project.stack_file.read_text()
    protecting = text.replace("protect: false", "protect: true")
    assert protecting.count("protect: true") == 5
    project.write(protecting)
    project.up()
    assert {name for name, one in every_kind.resources().items() if one.get("protect")} >= set(DATA)
    state = {name: one["id"] for name, one in every_kind.resources().items()}
    with every_kind.untouched():
        # With the engine's own look first: told to skip it, the engine destroys what is not protected itself.
        refused = project.pulumi("destroy", "--yes", expect=1).output
    assert "cannot be deleted" in refused
    assert "because it is protected" in refused
    assert {name: one["id"] for name, one in every_kind.resources().items()} == state
    project.write(text)
    project.up()
    assert not any(one.get("protect") for one in every_kind.resources().values())


def test_what_is_gone_is_named_and_made_again_and_what_depends_on_it_is_kept(every_kind: EveryKind) -> None:
    """3."""
    project = every_kind.project
    before = {name: one["id"] for name, one in every_kind.resources().items()}
    for one in what_goes.ALONE:
        what_goes.WAYS[one](every_kind)
    found = look(every_kind.whole, expect=7)
    assert {name.removesuffix(" gone") for name in found if name.endswith(" gone")} == set(what_goes.ALONE)
    planned = json.loads(project.pulumi("preview", "--refresh", "--json").output)["steps"]
    assert {one["op"] for one in planned} <= {"same", "create", "update", "refresh"}
    project.up("--refresh")
    after = {name: one["id"] for name, one in every_kind.resources().items()}
    assert after.keys() == before.keys()
    assert {name for name in before if after[name] != before[name]} <= set(what_goes.ALONE)
    assert look(every_kind.whole, expect=0) == {}


def test_what_everything_else_lies_in_is_made_again_with_all_of_it(every_kind: EveryKind) -> None:
    """3, of what nobody can take away alone."""
    what_goes.the_cloud(every_kind)
    found = look(every_kind.whole, expect=7)
    gone = {name.removesuffix(" gone") for name in found if name.endswith(" gone")}
    assert gone == set(what_goes.IN_THE_CLOUD)
    every_kind.project.up("--refresh")
    assert look(every_kind.whole, expect=0) == {}


def test_no_kind_is_forgotten_among_what_goes() -> None:
    going = {kind_of(name) for name in (*what_goes.ALONE, *what_goes.IN_THE_CLOUD)}
    assert going | set(what_goes.NEVER_GONE) == {*TOKENS}
    assert not going & set(what_goes.NEVER_GONE)


def test_a_destroy_when_everything_is_gone_already_succeeds(every_kind: EveryKind) -> None:
    """20. The last test of this file: the next one would find nothing."""
    what_goes.images(every_kind)
    for one in what_goes.ALONE:
        what_goes.WAYS[one](every_kind)
    what_goes.the_cloud(every_kind)
    every_kind.project.destroy()
    assert every_kind.resources() == {}
    every_kind.project.destroy()
