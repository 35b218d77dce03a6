"""What the program registers for a stack file: which resources, under which names, protected or not, and after what."""

from __future__ import annotations

from pathlib import Path

import pytest

from strata.stackfile import load
from tests.unit.components.registered import ROOT, Registered, key_of, registered

MIGRATION = "glance:ImageMigration glance-images"


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Registered:
    return registered(ROOT / "stacks" / "Pulumi.lab.yaml", tmp_path_factory.mktemp("lab"))


@pytest.fixture(scope="module")
def tokyo(tmp_path_factory: pytest.TempPathFactory) -> Registered:
    return registered(ROOT / "stacks" / "Pulumi.tokyo.yaml", tmp_path_factory.mktemp("tokyo"))


def test_each_comes_after_what_it_stands_on(lab: Registered) -> None:
    assert lab.after("ontap:Volume images") == {"ontap:ExportPolicy images"}
    assert lab.after("host:Mount glance-images-tkstack") == {"ontap:Volume images"}
    assert lab.after("glance:FilesystemStore glance-tkstack") == {"host:Mount glance-images-tkstack"}


def test_a_mount_takes_its_export_from_the_volume(lab: Registered) -> None:
    request = lab.requests["host:Mount glance-images-tkstack"]
    assert [key_of(urn) for urn in request.propertyDependencies["export"].urns] == ["ontap:Volume images"]
    assert lab.inputs("host:Mount glance-images-tkstack")["export"] == "/images"


def test_several_volumes_hosts_and_glance_hosts_on_one_store(tokyo: Registered) -> None:
    stack = load(ROOT / "stacks" / "Pulumi.tokyo.yaml")
    assert stack.glance is not None
    assert len(stack.ontap.volumes) > 1
    assert len(stack.glance.hosts) > 1
    assert tokyo.names("ontap:Volume") == sorted(stack.ontap.volumes)
    expected = sorted(f"{key}-{host}" for key, mount in stack.mounts.items() for host in mount.hosts)
    assert tokyo.names("host:Mount") == expected
    assert tokyo.names("glance:FilesystemStore") == sorted(f"glance-{host}" for host in stack.glance.hosts)
    for host in stack.glance.hosts:
        before = tokyo.after(f"glance:FilesystemStore glance-{host}")
        assert before == {f"host:Mount {stack.glance.store.mount}-{host}", MIGRATION}, (
            "each store on the mount of its own host, and no setting before the images are there"
        )


def test_images_move_once_after_the_mounts_on_all_hosts(tokyo: Registered) -> None:
    assert tokyo.names("glance:ImageMigration") == ["glance-images"], (
        "one database, so one move for all hosts"
    )
    assert tokyo.after(MIGRATION) == {
        "host:Mount glance-images-tkstack",
        "host:Mount glance-images-tkstack2",
    }
    assert tokyo.inputs(MIGRATION) == {
        "host": "tkstack",
        "hosts": ["tkstack", "tkstack2"],
        "sources": ["/var/lib/glance/images"],
        "directory": "/glance/images",
        "mount": "/glance/images",
        "export": "10.130.208.55:/images",
        "configFile": "/etc/glance/glance-api.conf",
        "section": "glance_store",
        "service": "glance-api",
        "owner": "glance",
        "group": "glance",
        "mode": "0750",
        "stores": {"tkstack": "glance-tkstack", "tkstack2": "glance-tkstack2"},
        "workers": 8,
        "proof": "auto",
        "switch": "auto",
        "leave": [],
        "keepSource": True,
        "adopt": False,
        "allowImagesLeft": False,
    }


def test_each_store_knows_what_moved_its_images(lab: Registered, tokyo: Registered) -> None:
    for key in tokyo.names("glance:FilesystemStore"):
        request = tokyo.requests[f"glance:FilesystemStore {key}"]
        assert [key_of(urn) for urn in request.propertyDependencies["movedBy"].urns] == [MIGRATION]
    assert lab.names("glance:ImageMigration") == [], "nothing is moved unless it is declared"
    assert "movedBy" not in lab.inputs("glance:FilesystemStore glance-tkstack")


def test_the_stores_by_which_drop_ins_are_marked_are_those_that_follow(tokyo: Registered) -> None:
    named = tokyo.inputs(MIGRATION)["stores"]
    assert sorted(named.values()) == tokyo.names("glance:FilesystemStore")
    for host, store in named.items():
        assert tokyo.inputs(f"glance:FilesystemStore {store}")["host"] == host


GLANCE = """config:
  strata:hosts: {{tkstack: {{address: a, privateKey: {{file: key}}, hostKey: {{file: h}}}}}}
  strata:mounts:
    new: {{host: tkstack, server: nfs01, export: /x, path: /glance/images}}
    old: {{host: tkstack, server: "fd20::55", export: /y, path: /srv/old}}
    other: {{host: tkstack, server: nfs03, export: /z, path: /srv/older}}
  strata:glance: {{hosts: [tkstack], {glance}}}
"""


def of_glance(glance: str, folder: Path) -> Registered:
    file = folder / "Pulumi.x.yaml"
    file.write_text(GLANCE.format(glance=glance))
    return registered(file, folder)


def test_back_to_a_local_directory(tmp_path: Path) -> None:
    found = of_glance(
        "store: {directory: /var/lib/glance/images}, migrateFrom: /glance/images, "
        "migration: {keepSource: false, workers: 2, proof: 20, switch: restart, leave: [lost], timeouts: {create: 2h}}",
        tmp_path,
    )
    inputs = found.inputs(MIGRATION)
    assert "mount" not in inputs
    assert "export" not in inputs
    assert (inputs["directory"], inputs["sources"]) == ("/var/lib/glance/images", ["/glance/images"])
    assert (inputs["keepSource"], inputs["workers"], inputs["proof"]) == (False, 2, "20")
    assert inputs["switch"] == "restart"
    assert inputs["leave"] == ["lost"], "an image whose file is lost stops nothing"
    assert found.requests[MIGRATION].customTimeouts.create == "2h"
    assert found.after(MIGRATION) == {"host:Mount new-tkstack"}, "the images lie on it until they are moved"
    assert found.after("glance:FilesystemStore glance-tkstack") == {MIGRATION}
    assert "mount" not in found.inputs("glance:FilesystemStore glance-tkstack")


def test_from_one_volume_to_another(tmp_path: Path) -> None:
    found = of_glance("store: {mount: old}, migrateFrom: [/glance/images, /var/lib/glance/images]", tmp_path)
    assert found.after(MIGRATION) == {"host:Mount new-tkstack", "host:Mount old-tkstack"}, (
        "on a destroy the mount stays until the images are back on it; a path that only begins like it is another"
    )
    assert found.inputs(MIGRATION)["export"] == "[fd20::55]:/y", "as the kernel names it"


def test_volumes_are_protected_unless_the_stack_file_says_otherwise(
    lab: Registered, tokyo: Registered
) -> None:
    stack = load(ROOT / "stacks" / "Pulumi.tokyo.yaml")
    for key, volume in stack.ontap.volumes.items():
        assert tokyo.requests[f"ontap:Volume {key}"].protect is volume.protect
    assert any(volume.protect for volume in stack.ontap.volumes.values())
    assert lab.requests["ontap:Volume images"].protect is False


def test_every_resource_is_found_again_after_a_plain_import(tokyo: Registered) -> None:
    for key, request in tokyo.requests.items():
        assert any(alias.spec.noParent for alias in request.aliases), f"{key} has no alias at the root"


def test_a_secret_never_is_an_input(tokyo: Registered) -> None:
    for key, request in tokyo.requests.items():
        assert "v1:" not in str(request.object), key
        assert "password" not in str(request.object).lower(), key
