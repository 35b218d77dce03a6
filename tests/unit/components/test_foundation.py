"""What the program registers for a stack file: which resources, under which names, protected or not, and after what."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pulumi
import pytest
from pulumi.runtime.mocks import MockMonitor, MockResourceArgs, Mocks, set_mocks

from strata.provider.registry import KINDS
from strata.stackfile import load

ROOT = Path(__file__).resolve().parents[3]
KNOWN = {kind.token for kind in KINDS}


class Echo(Mocks):
    """Every resource becomes what it was asked to be."""

    def new_resource(self, args: MockResourceArgs) -> tuple[str, dict[str, Any]]:
        return f"{args.name}-id", dict(args.inputs)

    def call(self, args: Any) -> dict[str, Any]:
        return {}


@dataclass
class Registered:
    """The custom resources by `kind name`, each as the engine gets it."""

    requests: dict[str, Any] = field(default_factory=dict)

    def names(self, kind: str) -> list[str]:
        return sorted(key.split()[1] for key in self.requests if key.startswith(f"{kind} "))

    def after(self, key: str) -> set[str]:
        """What has to be there before it, as `kind name`."""
        return {_key(urn) for urn in self.requests[key].dependencies}

    def inputs(self, key: str) -> dict[str, Any]:
        from google.protobuf.json_format import MessageToDict

        found: dict[str, Any] = MessageToDict(self.requests[key].object)
        return found


def _key(urn: str) -> str:
    *_, types, name = urn.split("::")
    return f"{types.split('$')[-1].removeprefix('strata:')} {name}"


class Recorder(MockMonitor):
    """Keeps the requests, dependencies included, which mocks do not show."""

    def __init__(self, registered: Registered) -> None:
        super().__init__(Echo())
        self._registered = registered

    def RegisterResource(self, request: Any) -> Any:
        if request.custom and request.type in KNOWN:
            self._registered.requests[f"{request.type.removeprefix('strata:')} {request.name}"] = request
        return super().RegisterResource(request)


def registered(stack_file: Path) -> Registered:
    """Run the program's composition over a stack file, on an event loop of its own: the SDK's mocks take the current one."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        return _registered(stack_file)
    finally:
        asyncio.set_event_loop(None)
        loop.close()


def _registered(stack_file: Path) -> Registered:
    found = Registered()
    set_mocks(Echo(), project="strata", stack="test", preview=False, monitor=Recorder(found))

    @pulumi.runtime.test
    def run() -> Any:
        from components.foundation import Foundation

        foundation = Foundation(load(stack_file))
        stores = foundation.glance.stores.values() if foundation.glance else ()
        mounts = [mount for component in foundation.mounts.values() for mount in component.mounts.values()]
        volumes = [component.volume for component in foundation.volumes.values()]
        return pulumi.Output.all(*(one.urn for one in (*stores, *mounts, *volumes)))

    run()
    return found


@pytest.fixture(scope="module")
def lab() -> Registered:
    return registered(ROOT / "stacks" / "Pulumi.lab.yaml")


@pytest.fixture(scope="module")
def tokyo() -> Registered:
    return registered(ROOT / "stacks" / "Pulumi.tokyo.yaml")


def test_each_comes_after_what_it_stands_on(lab: Registered) -> None:
    assert lab.after("ontap:Volume images") == {"ontap:ExportPolicy images"}
    assert lab.after("host:Mount glance-images-tkstack") == {"ontap:Volume images"}
    assert lab.after("glance:FilesystemStore glance-tkstack") == {"host:Mount glance-images-tkstack"}


def test_a_mount_takes_its_export_from_the_volume(lab: Registered) -> None:
    request = lab.requests["host:Mount glance-images-tkstack"]
    assert [_key(urn) for urn in request.propertyDependencies["export"].urns] == ["ontap:Volume images"]
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
