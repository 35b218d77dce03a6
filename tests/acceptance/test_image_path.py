"""From a stack file to images on the volume: that it is so, stays so, and is seen when it is no longer so."""

from __future__ import annotations

import hashlib
import itertools
import os
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests.acceptance.environment import CONF, FSTAB_LINE, Environment

pytestmark = pytest.mark.acceptance

TOKENS = {
    "strata:ontap:ExportPolicy": "images",
    "strata:ontap:Volume": "images",
    "strata:host:Mount": "glance-images-tkstack",
    "strata:glance:FilesystemStore": "glance-tkstack",
}


def test_an_uploaded_image_lies_in_the_exported_directory(environment: Environment) -> None:
    content = os.urandom(3 * 1024 * 1024)
    id = environment.upload("probe", content)
    try:
        assert hashlib.sha512(environment.stored(id)).hexdigest() == hashlib.sha512(content).hexdigest()
        assert environment.download(id) == hashlib.sha512(content).hexdigest()
    finally:
        environment.delete_images()
    assert not (environment.exported() / id).exists(), "a deleted image leaves its file on the volume"


def test_the_guest_mounts_the_volume_from_the_data_lif(environment: Environment) -> None:
    found = environment.host("findmnt --noheadings --output SOURCE,FSTYPE --target /glance/images").split()
    assert found == ["10.130.208.55:/images", "nfs4"]
    lines = environment.host("grep -c . /etc/fstab; grep -F /glance/images /etc/fstab").splitlines()
    assert lines[1:] == [FSTAB_LINE]


def test_the_volume_deduplicates(environment: Environment) -> None:
    volume = environment.volume()
    assert volume["efficiency"] == {"dedupe": "background", "state": "enabled"}


def test_a_second_up_changes_nothing_and_writes_nothing(environment: Environment) -> None:
    touched = "stat --format '%Y %Z %n' /etc/fstab /etc/glance/glance-api.conf; systemctl show -P ActiveEnterTimestamp glance-api"
    before = environment.host(touched)
    with environment.no_ontap_writes():
        assert "8 unchanged" in environment.project.up().output
        environment.project.drift(expect=0)
        environment.project.pulumi("refresh", "--preview-only", "--expect-no-changes")
    assert environment.host(touched) == before


def test_the_edges_stand_in_the_state(environment: Environment) -> None:
    order = [
        "strata:ontap:ExportPolicy",
        "strata:ontap:Volume",
        "strata:host:Mount",
        "strata:glance:FilesystemStore",
    ]
    for first, after in itertools.pairwise(order):
        earlier, later = environment.project.resource(first), environment.project.resource(after)
        assert earlier["urn"] in later["dependencies"], f"{after} has to come after {first}"


def test_verify_proves_it_by_use(environment: Environment) -> None:
    ran = environment.project.run("strata", "verify", environment.project.stack)
    assert "5 of 5 checks hold." in ran.output


@dataclass(frozen=True)
class Drift:
    """A change behind Strata's back: what is done, and which property the preview has to name."""

    name: str
    change: Callable[[Environment], object]
    shows: str
    repaired: Callable[[Environment], object]
    writes: tuple[str, ...] = ()


def _rules(environment: Environment) -> str:
    with environment.lab.ontap() as client:
        found = client.get("/api/protocols/nfs/export-policies", params={"name": "images"}).json()["records"]
    return f"/api/protocols/nfs/export-policies/{found[0]['id']}/rules/1"


DRIFTS = [
    Drift(
        "volume size",
        lambda e: e.change_volume(size=60 * 1024**3),
        '~ size: "60GiB" => "50GiB"',
        lambda e: e.volume()["size"] == 50 * 1024**3,
        ('"size"',),
    ),
    Drift(
        "junction path",
        lambda e: e.change_volume(nas={"path": "/elsewhere"}),
        '~ junctionPath: "/elsewhere" => "/images"',
        lambda e: e.volume()["nas"]["path"] == "/images",
        ('"path"',),
    ),
    Drift(
        "efficiency",
        lambda e: e.change_volume(efficiency={"dedupe": "none"}),
        '~ dedupe: "none" => "background"',
        lambda e: e.volume()["efficiency"]["dedupe"] == "background",
        ('"dedupe"',),
    ),
    Drift(
        "export rule",
        lambda e: e.ontap("PATCH", _rules(e), json={"rw_rule": ["never"]}),
        "readWrite",
        lambda e: e.ontap("GET", _rules(e) + "?fields=rw_rule")["rw_rule"] == ["sys"],
        ('"rw_rule"',),
    ),
    Drift(
        "fstab line",
        lambda e: e.host("sed -i 's#nfs defaults 0 0#nfs noatime 0 0#' /etc/fstab"),
        "options",
        lambda e: FSTAB_LINE in e.host("cat /etc/fstab"),
    ),
    Drift(
        "fstab line gone",
        lambda e: e.host("sed -i '/glance.images/d' /etc/fstab"),
        "fstabLines",
        lambda e: FSTAB_LINE in e.host("cat /etc/fstab"),
    ),
    Drift(
        "mount options",
        lambda e: e.host("mount -o remount,ro /glance/images"),
        "options",
        lambda e: " rw," in e.host("grep ' /glance/images ' /proc/mounts"),
    ),
    Drift(
        "unmounted",
        lambda e: e.host("umount /glance/images"),
        "~ mounted: false => true",
        lambda e: "10.130.208.55:/images" in e.host("findmnt -n -o SOURCE /glance/images"),
    ),
    Drift(
        "datadir setting",
        lambda e: e.host(
            f"sed -i 's#^filesystem_store_datadir.*#filesystem_store_datadir = /tmp/images#' {CONF}"
        ),
        '~ directory: "/tmp/images" => "/glance/images"',
        lambda e: (
            "filesystem_store_datadir = /glance/images" in e.host(f"grep ^filesystem_store_datadir {CONF}")
        ),
    ),
    Drift(
        "directory owner",
        lambda e: e.host("chown root:root /glance/images"),
        '~ owner: "root" => "glance"',
        lambda e: e.host("stat -c %U:%G /glance/images").strip() == "glance:glance",
    ),
]


@pytest.mark.parametrize("drift", DRIFTS, ids=lambda drift: drift.name)
def test_drift_is_named_and_repaired_alone(environment: Environment, drift: Drift) -> None:
    conf = environment.host(f"sha256sum {CONF} /etc/fstab")
    drift.change(environment)
    assert drift.shows in environment.project.drift(expect=7).output
    before = environment.last_request()
    environment.project.up("--refresh")
    assert drift.repaired(environment)
    writes = environment.writes_since(before)
    assert len(writes) == len(drift.writes), f"nothing else is written: {writes}"
    assert all(wanted.strip('"') in written for wanted, written in zip(drift.writes, writes, strict=True))
    assert environment.host(f"sha256sum {CONF} /etc/fstab") == conf, "every other byte is as before"
    environment.project.drift(expect=0)


@pytest.mark.parametrize("token", TOKENS, ids=lambda token: token)
def test_every_kind_imports_by_its_documented_id(environment: Environment, token: str) -> None:
    project, name = environment.project, TOKENS[token]
    before = project.resource(token)
    ids = {
        "strata:ontap:ExportPolicy": ["cluster01/demo-nfs-svm/images", before["id"]],
        "strata:ontap:Volume": ["cluster01/demo-nfs-svm/images", before["id"]],
        "strata:host:Mount": ["tkstack:/glance/images"],
        "strata:glance:FilesystemStore": ["tkstack"],
    }[token]
    with environment.no_ontap_writes():
        for id in ids:
            project.forget(token)
            imported = project.pulumi(
                "import", token, name, id, "--yes", "--generate-code=false", "--protect=false"
            )
            assert "1 imported" in imported.output
            project.preview("--expect-no-changes")
            project.up()
            after = project.resource(token)
            assert after["id"] == before["id"], "an import by a readable id ends with the documented one"
            ignored = {
                "memory",
                "usedBytes",
                "availableBytes",
                "logicalUsedBytes",
                "savedBytes",
                "savingsPercent",
            }
            same = {key: value for key, value in before["outputs"].items() if key not in ignored}
            assert {key: value for key, value in after["outputs"].items() if key not in ignored} == same
    project.drift(expect=0)


def test_an_import_by_a_wrong_id_says_not_found(environment: Environment) -> None:
    ran = environment.project.pulumi(
        "import",
        "strata:ontap:Volume",
        "x",
        "cluster01/demo-nfs-svm/nope",
        "--yes",
        "--generate-code=false",
        expect=None,
    )
    assert ran.code != 0
    assert "There is no strata:ontap:Volume with the id cluster01/demo-nfs-svm/nope" in ran.output
