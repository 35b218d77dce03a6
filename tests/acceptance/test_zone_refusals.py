"""A cloud on which Swift can't come first gets its sentence at preview, before any change, or is carried to a good end."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import pytest
from cs import CloudStackApiException

from lab.environment import Lab
from tests.acceptance.project import Project
from tests.acceptance.zones import Cloud, Document, changed, store_text

pytestmark = pytest.mark.acceptance


@pytest.fixture(scope="module")
def empty(cloud: Cloud) -> Iterator[Cloud]:
    """A management server right after its installation."""
    with cloud.as_installed():
        yield cloud


@pytest.fixture
def project(lab: Lab, tmp_path: Path) -> Project:
    """The store and a zone, nothing else; its stack file is there to be spoilt."""
    return Project.make(tmp_path / "project", store_text(lab))


def spoil(project: Project, change: Callable[[Document], object]) -> None:
    """Change what the stack file declares."""
    project.write(changed(project.stack_file.read_text(), change))


def _account(**values: object) -> Callable[[Project], None]:
    def change(config: Document) -> None:
        config["strata:swift"]["accounts"]["cloudstack"].update(values)

    return lambda project: spoil(project, change)


def _store(**values: object) -> Callable[[Project], None]:
    return lambda project: spoil(
        project, lambda config: config["strata:cloudstack"]["objectStore"].update(values)
    )


def _key_from(text: str, key: str = "key") -> Callable[[Project], None]:
    def change(project: Project) -> None:
        (project.folder / "given").write_text(text + "\n")
        _account(**{key: {"file": "given"}})(project)

    return change


def _as_it_is(project: Project) -> None:
    """The stack file is good."""


@contextmanager
def swift_down(cloud: Cloud) -> Iterator[None]:
    """Swift does not run."""
    cloud.lab.swift.stop()
    try:
        yield
    finally:
        cloud.lab.swift.start()


@contextmanager
def with_zone(cloud: Cloud) -> Iterator[str]:
    """Somebody has made a zone already."""
    made = cloud.ask("createZone", name="z0", networktype="Basic", dns1="8.8.8.8", internaldns1="10.0.0.2")
    id = str(made["zone"]["id"])
    try:
        yield id
    finally:
        cloud.ask("deleteZone", id=id)


@contextmanager
def with_nfs_store(cloud: Cloud) -> Iterator[None]:
    """Somebody has made a zone with secondary storage on NFS, as most clouds have it."""
    with with_zone(cloud) as zone:
        url = "nfs://10.130.208.55/old"
        made = cloud.ask("addImageStore", provider="NFS", name="old", url=url, zoneid=zone)
        try:
            yield
        finally:
            cloud.ask("deleteImageStore", id=made["imagestore"]["id"])


def quiet(cloud: Cloud) -> AbstractContextManager[None]:
    """Nothing special about the systems."""
    return nullcontext()


@dataclass(frozen=True)
class Refusal:
    """How the systems are and what is wrong in the stack file, and the words that the sentence must have."""

    name: str
    arranged: Callable[[Cloud], AbstractContextManager[object]]
    spoil: Callable[[Project], None]
    words: tuple[str, ...]


UNTOUCHED = "Nothing was changed."
REFUSALS = [
    Refusal("Swift is down", swift_down, _as_it_is, ("cloudstack", "no connection", "Swift's proxy running")),
    Refusal(
        "wrong key",
        quiet,
        _key_from("nottherightkey"),
        ("test:tester", "with that key (401)", "user and key"),
    ),
    Refusal(
        "user without account", quiet, _account(user="tester"), ("tester", "ACCOUNT:USER", "test:tester")
    ),
    Refusal(
        "user without account, from a file",
        quiet,
        _key_from("tester", "user"),
        ("'tester'", "ACCOUNT:USER", "test:tester"),
    ),
    Refusal("storage URL's account", quiet, _account(user="AUTH_test:tester"), ("AUTH_", "test:tester")),
    Refusal(
        "NFS image store",
        with_nfs_store,
        _as_it_is,
        ("another provider", "old (NFS", UNTOUCHED, "updateCloudToUseObjectStore"),
    ),
    Refusal(
        "zone before Swift",
        with_zone,
        _as_it_is,
        ("zones already (z0)", "is not in Swift", UNTOUCHED, "allowExistingZones: true"),
    ),
]


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: refusal.name)
def test_it_is_said_at_preview_before_anything_is_changed(
    empty: Cloud, project: Project, refusal: Refusal
) -> None:
    refusal.spoil(project)
    stored = empty.stored()
    with refusal.arranged(empty):
        before = empty.last()
        ran = project.preview(expect=None)
        assert ran.code != 0
        assert all(word in ran.output for word in refusal.words), ran
        assert "Traceback" not in ran.output
        assert empty.writes(before) == []
    assert empty.stored() == stored


def test_when_swift_fails_no_zone_call_is_made(empty: Cloud, project: Project) -> None:
    before = empty.last()
    _key_from("nottherightkey")(project)
    assert project.up("--continue-on-error", expect=None).code != 0
    assert empty.writes(before) == []
    assert [one["type"] for one in project.resources() if one["type"].startswith("strata:cloudstack:")] == []


def test_a_zone_before_swift_is_a_warning_where_that_is_wanted(empty: Cloud, project: Project) -> None:
    _store(allowExistingZones=True)(project)
    with with_zone(empty):
        ran = project.preview()
    assert "zones already (z0)" in ran.output
    assert "warning" in ran.output


def test_system_vms_that_will_never_come_are_foreseen(empty: Cloud, project: Project) -> None:
    ran = project.preview()
    assert "warning: The system VMs of the zones will not come by themselves" in ran.output, ran
    assert "systemVmTemplate" in ran.output


def test_a_stack_of_the_older_era_is_told_what_the_server_is(empty: Cloud, lab: Lab, tmp_path: Path) -> None:
    other = Project.make(tmp_path / "legacy", store_text(lab, "lab-legacy"))
    before = empty.last()
    ran = other.preview(expect=None)
    assert ran.code != 0
    assert "swift.enable" in ran.output, ran
    assert "era: modern" in ran.output
    assert empty.writes(before) == []


def test_the_row_of_a_failed_add_is_carried_to_a_good_end(empty: Cloud, project: Project) -> None:
    with contextlib.suppress(CloudStackApiException):
        # A detail without a value: the server says that it failed, and lists the store all the same.
        url = empty.lab.swift.auth_url
        empty.ask("addImageStore", provider="Swift", name="swift01", url=url, details=[{"key": "account"}])
    row = empty.row("listImageStores")
    before = empty.last()
    said = project.preview().output
    assert f"swift01 ({row['id']})" in said, said
    assert "is in CloudStack already, and is kept" in said
    assert f"deleteImageStore id={row['id']}" in said, "how to be sure of the credentials"
    assert empty.writes(before) == []
    project.up()
    assert project.resource("strata:cloudstack:ImageStore")["id"] == row["id"]
    assert "addImageStore" not in empty.writes(before), "it is not added twice"
    assert empty.row("listZones")["allocationstate"] == "Enabled"
    project.drift(expect=0)
    project.destroy()
    assert empty.rows("listImageStores") == []
