"""What the program registers for a stack file: which resources, under which names, protected or not, and after what."""

from __future__ import annotations

import pytest

from strata.stackfile import load
from tests.unit.components.registered import ROOT, Registered, key_of, registered


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
        mounts = tokyo.after(f"glance:FilesystemStore glance-{host}")
        assert mounts == {f"host:Mount {stack.glance.store.mount}-{host}"}, (
            "each store on the mount of its own host"
        )


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
