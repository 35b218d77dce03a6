"""`strata verify` over a real Swift and a real folder: what is equal is said to be, and what is not is named."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, Literal

import pytest

from lab.cloudstack import ssvm
from lab.cloudstack.config import TemplateOnStaging
from lab.cloudstack.ssvm_staging import template_folder
from lab.cloudstack.testing import running
from strata.clients.cloudstack import CloudStackClient
from strata.deadline import Clock
from strata.stackfile import model
from strata.stackfile.model_cloudstack import CloudStack, ObjectStore, Staging, Zone
from strata.stackfile.model_swift import Swift, SwiftAccount
from strata.verify.object_store import verify

from .conftest import UNMOUNTED, Stored, Systems, write

SECRET = model.Outside("env", "KEY")
FULL = b"#\nfilename=a.qcow2\nuniquename=centos\nsize=3\nvirtualsize=20\nid=5\n"
FOUR = b"uniquename=centos\nfilename=a.qcow2\nsize=3\nvirtualsize=20\n"
FILES = {
    "template/tmpl/1/1/systemvm.qcow2": b"system",
    "template/tmpl/1/1/template.properties": FULL,
    "template/tmpl/1/5/a.qcow2": b"abc",
    "template/tmpl/1/5/template.properties": FULL,
    "template/tmpl/1/5/.nfs0001": b"left behind",
    "volumes/2/7/disk.qcow2": b"volume",
    "snapshots/2/7/one two": b"snapshot",
    "systemvm/readme": b"is none of Swift's",
}


def stack_of(directory: Path, mounted: bool = True, zones: tuple[str, ...] = ("zone1",)) -> model.StackFile:
    staging = Staging("nfs://10.130.208.55/secondary", volume="secondary")
    mount = model.Mount("secondary", ("tkstack",), "secondary", "10.130.208.55", "/secondary", str(directory))
    return model.StackFile(
        swift=Swift({"cloudstack": SwiftAccount("cloudstack", "http://x/auth/v1.0", "test:tester", SECRET)}),
        mounts={"secondary": mount} if mounted else {},
        cloudstack=CloudStack(
            "http://x/client/api",
            SECRET,
            SECRET,
            object_store=ObjectStore("cloudstack"),
            zones={key: Zone(key, key, "Advanced", (), (), staging, {}) for key in zones},
        ),
    )


def fill(stored: Stored) -> None:
    stored.put("T-1", "systemvm.qcow2", b"system")
    stored.put("T-1", "template.properties", FULL)
    stored.put("T-5", "a.qcow2", b"abc")
    stored.put("T-5", "template.properties", FOUR)
    stored.put("V-7", "disk.qcow2", b"volume")
    stored.put("S-7", "one two", b"snapshot")
    stored.put("backups", "mine", b"not CloudStack's")


async def verified(stack: model.StackFile, systems: Any) -> tuple[list[str], list[str]]:
    """(what failed, the picture's rows)."""
    found = await verify(stack, systems)
    failed = [check.found for check in found.checks if not check.holds]
    return failed, [f"{pair.path} {pair.files} {pair.container} {pair.objects}" for pair in found.pairs]


async def test_both_sides_are_the_same(systems: Systems, stored: Stored, tmp_path: Path) -> None:
    write(tmp_path, FILES)
    fill(stored)
    failed, rows = await verified(stack_of(tmp_path), systems)
    assert failed == []
    assert rows == [
        "template/tmpl/1/1 2 T-1 2",
        "template/tmpl/1/5 2 T-5 2",
        "volumes/2/7 1 V-7 1",
        "snapshots/2/7 1 S-7 1",
    ]
    assert systems.api.asked == ["listImageStores"]


async def test_every_difference_is_named(systems: Systems, stored: Stored, tmp_path: Path) -> None:
    write(tmp_path, FILES)
    fill(stored)
    stored.put("T-1", "systemvm.qcow2", b"SYSTEM")
    stored.put("T-5", "stranger", b"x")
    stored.put("T-9", "gone.qcow2", b"x")
    write(tmp_path, {"template/tmpl/1/5/late.iso": b"x", "volumes/2/8/new.qcow2": b"x"})
    failed, _ = await verified(stack_of(tmp_path), systems)
    assert [line.partition(" on ")[0] for line in failed if "MD5" in line] == [
        f"T-1/systemvm.qcow2: MD5 {hashlib.md5(b'system').hexdigest()}"
    ]
    assert [line for line in failed if "MD5" not in line] == [
        "T-5/late.iso is missing in Swift",
        "T-5/stranger is missing on secondary storage",
        "there is no container V-8",
        "container T-9 has no folder on secondary storage",
    ]


async def test_a_cloud_that_has_just_come_up_gets_its_time(
    systems: Systems, stored: Stored, tmp_path: Path
) -> None:
    now, said = [0.0], list[str]()

    async def sleep(seconds: float) -> None:
        now[0] += seconds
        if len(said) == 1:
            write(tmp_path, {"template/tmpl/1/5/a.qcow2": b"abc"})
        else:
            stored.put("T-5", "a.qcow2", b"abc")

    found = await verify(stack_of(tmp_path), systems, 60, Clock(lambda: now[0], sleep), said.append)  # type: ignore[arg-type]
    assert [check.found for check in found.checks if not check.holds] == []
    assert said == [
        "nothing is there yet, in Swift and on secondary storage; looking again",
        "1 of 1 containers are not the same yet; looking again",
    ]
    assert now[0] < 10


async def test_a_difference_that_stays_is_one(systems: Systems, stored: Stored, tmp_path: Path) -> None:
    now = [0.0]

    async def sleep(seconds: float) -> None:
        now[0] += seconds

    write(tmp_path, {"template/tmpl/1/5/a.qcow2": b"abc"})
    found = await verify(stack_of(tmp_path), systems, 60, Clock(lambda: now[0], sleep))  # type: ignore[arg-type]
    assert [check.found for check in found.checks if not check.holds] == ["there is no container T-5"]
    assert 50 < now[0] <= 60


async def test_a_large_object_is_compared_as_it_is_downloaded(
    systems: Systems, stored: Stored, tmp_path: Path
) -> None:
    write(tmp_path, {"template/tmpl/1/5/big.qcow2": b"first second"})
    stored.put("T-5_segments", "big/1", b"first ")
    stored.put("T-5_segments", "big/2", b"second")
    stored.put("T-5", "big.qcow2", b"", X_Object_Manifest="T-5_segments/big/")
    assert await verified(stack_of(tmp_path), systems) == ([], ["template/tmpl/1/5 1 T-5 1"])
    stored.put("T-5_segments", "big/2", b"SECOND")
    failed, _ = await verified(stack_of(tmp_path), systems)
    assert failed[0].startswith("T-5/big.qcow2: MD5")


async def test_a_template_of_two_zones_is_on_both_or_on_one(
    systems: Systems, stored: Stored, tmp_path: Path
) -> None:
    write(tmp_path, {"template/tmpl/1/5/a.qcow2": b"abc"})
    stored.put("T-5", "a.qcow2", b"abc")
    failed, rows = await verified(stack_of(tmp_path, zones=("zone1", "zone2")), systems)
    assert (failed, rows) == ([], ["template/tmpl/1/5 1 T-5 1"] * 2)


async def test_without_a_mount_nobody_can_tell(systems: Systems, stored: Stored, tmp_path: Path) -> None:
    fill(stored)
    failed, rows = await verified(stack_of(tmp_path, mounted=False), systems)
    assert len(failed) == 1, "nor can anybody say that a container has no folder"
    assert failed[0].startswith(
        "could not tell: no host of the stack file mounts the staging store nfs://10.130.208.55/secondary"
    )
    assert "volume: secondary" in failed[0]
    assert rows == []


async def test_a_mount_that_is_not_there_is_not_an_empty_store(
    systems: Systems, stored: Stored, tmp_path: Path
) -> None:
    systems.local.prelude = UNMOUNTED
    failed, _ = await verified(stack_of(tmp_path), systems)
    assert failed == [
        f"Nothing is mounted at {tmp_path} on host tkstack. Run `pulumi up`, or mount it there."
    ]


@pytest.mark.parametrize(
    ("stores", "found"),
    [
        ([], "CloudStack has no object store"),
        ([{"name": "nfs", "url": "nfs://1.2.3.4/x"}], "nfs at nfs://1.2.3.4/x"),
    ],
)
async def test_cloudstack_has_another_store(
    systems: Systems, tmp_path: Path, stores: list[dict[str, Any]], found: str
) -> None:
    systems.api.stores = stores
    failed, _ = await verified(stack_of(tmp_path), systems)
    assert failed == [found]


@pytest.mark.parametrize("era", ["modern", "legacy"])
async def test_cloudstacks_own_answer_names_the_store(
    systems: Systems, stored: Stored, tmp_path: Path, era: Literal["modern", "legacy"]
) -> None:
    """The emulator in both eras: it lists stores under different commands, both with their URL."""
    with running(tmp_path / "cloudstack", era=era) as emulator:
        url, account = stored.swift.auth_url, {"account": "test", "username": "tester", "key": "k"}
        if era == "legacy":
            emulator.ask("updateConfiguration", name="swift.enable", value="true")
            emulator.ask("addSwift", url=url, **account)
        else:
            details = {
                f"details[{index}].{part}": value
                for index, pair in enumerate(account.items())
                for part, value in zip(("key", "value"), pair, strict=True)
            }
            emulator.ask("addImageStore", name="swift01", provider="Swift", url=url, **details)
        real: Any = systems
        real.api = CloudStackClient(
            endpoint=emulator.endpoint, api_key=emulator.api_key, secret_key=emulator.secret_key
        )
        write(tmp_path, {"template/tmpl/1/5/a.qcow2": b"abc"})
        stored.put("T-5", "a.qcow2", b"abc")
        found = await verify(stack_of(tmp_path), real)
    store = next(check for check in found.checks if check.what.startswith("CloudStack's object store"))
    assert store.holds, store.found
    assert url in store.found


async def test_swift_that_is_down_is_said_once_for_each_thing_that_needs_it(
    systems: Systems, tmp_path: Path
) -> None:
    from strata.provider.connections import Connections

    async def at_once(seconds: float) -> None:
        now[0] += seconds

    now = [0.0]
    account = {"authUrl": "http://127.0.0.1:9/auth/v1.0", "user": "test:tester", "key": "canary"}
    clock = Clock(lambda: now[0], at_once)
    systems.real = Connections({}, {}, Path("/"), {}, clock, swift={"cloudstack": account})
    systems.api.stores = [{"name": "swift01", "url": account["authUrl"]}]
    failed, rows = await verified(stack_of(tmp_path), systems)
    assert rows == []
    assert len(failed) == 2
    assert all("no connection" in line and "canary" not in line for line in failed)


@pytest.mark.parametrize("era", ["modern", "legacy"])
async def test_what_a_secondary_storage_vm_uploads_is_the_same(
    systems: Systems, stored: Stored, tmp_path: Path, era: str
) -> None:
    """The lab's own secondary storage VM, in both eras: few files and four lines, or all files as they are."""
    for number, kind in ((1, "VHD"), (3, "QCOW2"), (5, "OVA")):
        template = TemplateOnStaging(
            number, f"0000-{number}", f"Template {number}", f"template-{number}", kind
        )
        folder = template_folder(tmp_path, number)
        ssvm.stage(folder, template)
        for name, content in ssvm.objects_of(folder, era).items():
            stored.put(f"T-{number}", name, content)
    failed, rows = await verified(stack_of(tmp_path), systems)
    assert failed == []
    assert rows == [f"template/tmpl/1/{number} 2 T-{number} 2" for number in (1, 3, 5)]
