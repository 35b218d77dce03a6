"""host:Mount from create to delete, and each drift with its repair."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from strata.provider.kinds.host_mount import Mount
from strata.provider.outcome import InitFailed
from tests.lifecycle.host.fake_host import FakeHost
from tests.lifecycle.host.world import Declared, Hosts

LINE = "10.130.208.55:/images /glance/images nfs defaults 0 0"
INPUTS = {"host": "tkstack", "path": "/glance/images", "server": "10.130.208.55", "export": "/images"}


def declared(host: FakeHost, user: str = "root", **changes: Any) -> Declared:
    return Declared(Mount(Hosts(host, user)), {**INPUTS, **changes})


@pytest.mark.parametrize("user", ["root", "operator"])
async def test_from_create_to_delete(host: FakeHost, user: str) -> None:
    before = host.path("/etc/fstab").read_bytes()
    mount = declared(host, user)
    await mount.preview()
    assert host.path("/etc/fstab").read_bytes() == before, "a preview only reads"
    await mount.up()
    assert mount.id == "tkstack:/glance/images"
    assert host.path("/etc/fstab").read_text() == f"{before.decode()}\n{LINE}\n"
    assert host.path("/etc/fstab.strata-backup").read_bytes() == before
    assert host.sh("touch /glance/images/seen; ls /srv/images") == "seen\n"
    assert (
        host.sh("umount /glance/images; stat -c '%U:%G %a' /glance/images; mount /glance/images")
        == "root:root 755\n"
    )
    assert await mount.drift() == {}
    await mount.destroy()
    assert host.path("/etc/fstab").read_bytes() == before
    assert not host.path("/glance").exists(), "what was made for the mount goes with it"
    await mount.destroy()
    assert await mount.kind.observe("tkstack:/glance/images") is None


async def test_nothing_to_do_means_no_write_and_no_call(host: FakeHost) -> None:
    mount = declared(host)
    await mount.up()
    host.systemctl_log()
    before = host.path("/etc/fstab").stat()
    count = len(host.commands)
    await mount.up()
    assert len(host.commands) - count == 1, "an observe is one round trip"
    assert host.path("/etc/fstab").stat() == before
    assert host.systemctl_log() == []


async def test_an_import_gives_what_was_declared(host: FakeHost) -> None:
    mount = declared(host, options=["soft", "vers=4.2"], fsckPass=2)
    await mount.up()
    found = await mount.imported("tkstack:/glance/images")
    assert found is not None
    assert found[0] == mount.id
    assert found[1] == {
        **INPUTS,
        "type": "nfs",
        "options": ["soft", "vers=4.2"],
        "dump": 0,
        "fsckPass": 2,
        "mounted": True,
        "fstabLines": 1,
    }


class Drift(NamedTuple):
    script: str
    found: dict[str, tuple[Any, Any]]
    remounts: bool
    because: str


DRIFTS = [
    Drift("umount /glance/images", {"mounted": (True, False)}, False, because="unmounted"),
    Drift(
        "sed -i '/nfs/d' /etc/fstab",
        {"fstabLines": (1, 0)},
        False,
        because="the line is gone while the mount is there",
    ),
    Drift(
        "sed -i 's/defaults 0 0$/defaults 0 2/' /etc/fstab; sed -i 's,ext4 defaults 0 2,ext4 defaults 0 0,' /etc/fstab",
        {"fsckPass": (0, 2)},
        False,
        because="a field of the line",
    ),
    Drift(
        "sed -i 's,55:/images,55:/moved,' /etc/fstab",
        {"export": ("/images", "/moved in fstab, /images mounted")},
        False,
        because="another export in the line, not mounted yet",
    ),
    Drift(
        "sed -i 's,55:/images,55:/moved,' /etc/fstab; umount /glance/images; mount /glance/images; "
        "sed -i 's,55:/moved,55:/images,' /etc/fstab",
        {"export": ("/images", "/images in fstab, /moved mounted")},
        True,
        because="another export is mounted than fstab says",
    ),
    Drift(
        "sed -i 's/nfs defaults/nfs ro/' /etc/fstab; mount -o remount /glance/images; sed -i 's/nfs ro/nfs defaults/' /etc/fstab",
        {"options": (["defaults"], ["defaults", "ro"])},
        False,
        because="remounted read-only: flags change without unmounting",
    ),
    Drift(
        "sed -i 's/nfs defaults/nfs ro/' /etc/fstab",
        {"options": (["defaults"], ["ro", "rw"])},
        False,
        because="options in the line only",
    ),
    Drift(
        "sed -i 's/nfs defaults/nfs soft/' /etc/fstab; umount /glance/images; mount /glance/images",
        {"options": (["defaults"], ["soft"])},
        True,
        because="soft needs a new mount",
    ),
    Drift(
        "sed -i 's,10.130.208.55:,10.130.208.56:,' /etc/fstab",
        {"server": ("10.130.208.55", "10.130.208.56 in fstab, 10.130.208.55 mounted")},
        False,
        because="another server in the line, not mounted yet",
    ),
    Drift(
        "sed -i 's, nfs defaults, nfs4 defaults,' /etc/fstab",
        {"type": ("nfs", "nfs4")},
        False,
        because="another type in the line",
    ),
    Drift(
        "sed -i 's/nfs defaults 0 0$/nfs defaults 1 0/' /etc/fstab",
        {"dump": (0, 1)},
        False,
        because="the field that backups read",
    ),
    Drift(f"echo '{LINE}' >>/etc/fstab", {"fstabLines": (1, 2)}, False, because="the line is there twice"),
]


@pytest.mark.parametrize("case", DRIFTS, ids=lambda case: case.because)
async def test_drift_is_named_and_repaired(host: FakeHost, case: Drift) -> None:
    mount = declared(host)
    await mount.up()
    host.path("/etc/systemd/system/glance-api.service.d").mkdir()
    host.path("/etc/systemd/system/glance-api.service.d/x.conf").write_text(
        "RequiresMountsFor=/glance/images\n"
    )
    host.sh("systemctl daemon-reload")
    good = host.path("/etc/fstab").read_text()
    host.sh(case.script)
    host.systemctl_log()
    assert await mount.drift() == case.found, case.because
    await mount.up()
    assert await mount.drift() == {}, case.because
    assert host.path("/etc/fstab").read_text() == good, case.because
    calls = [call for call in host.systemctl_log() if "glance-api" in call]
    expected = ["stop -- glance-api.service", "start -- glance-api.service"] if case.remounts else []
    assert calls == expected, case.because


async def test_the_junction_path_moved(host: FakeHost) -> None:
    mount = declared(host)
    await mount.up()
    await mount.declare(export="/moved").up()
    assert host.sh("touch /glance/images/x; ls /srv/moved") == "x\n"
    assert host.path("/etc/fstab").read_text().count("nfs") == 1


async def test_services_start_again_when_the_mount_fails_in_between(host: FakeHost) -> None:
    mount = declared(host)
    await mount.up()
    host.path("/etc/systemd/system/glance-api.service.d").mkdir()
    host.path("/etc/systemd/system/glance-api.service.d/x.conf").write_text(
        "RequiresMountsFor=/glance/images\n"
    )
    host.sh("systemctl daemon-reload")
    host.state(exports={"10.130.208.55:/images": "", "10.130.208.55:/moved": "access denied by server"})
    host.systemctl_log()
    with pytest.raises(InitFailed, match="export policy must have a rule whose clients include this host"):
        await mount.declare(export="/moved").up()
    assert host.systemctl_log()[-1] == "start -- glance-api.service"
    host.state(exports={"10.130.208.55:/moved": ""})
    await mount.up()
    assert await mount.drift() == {}


async def test_a_create_repeated_after_a_lost_answer_makes_no_second_line(host: FakeHost) -> None:
    await declared(host).up()
    again = declared(host)
    await again.up()
    assert host.path("/etc/fstab").read_text().count(LINE) == 1
    assert await again.drift() == {}


async def test_one_that_disappeared_is_made_again(host: FakeHost) -> None:
    mount = declared(host)
    await mount.up()
    good = host.path("/etc/fstab").read_text()
    host.sh("umount /glance/images; sed -i '/nfs/d' /etc/fstab")
    assert not await mount.refresh()
    await mount.up()
    assert await mount.drift() == {}
    assert host.path("/etc/fstab").read_text() == good


async def test_a_path_with_blanks(host: FakeHost) -> None:
    mount = declared(host, path="/mnt/two words")
    await mount.up()
    assert "10.130.208.55:/images /mnt/two\\040words nfs defaults 0 0" in host.path("/etc/fstab").read_text()
    assert await mount.drift() == {}
    await mount.declare(options=["soft"]).up()
    assert await mount.drift() == {}
    await mount.destroy()
    assert not host.path("/mnt").exists()


async def test_a_link_on_the_way_to_the_mount_point(host: FakeHost) -> None:
    host.sh("mkdir -p /data; ln -s data /glance")
    mount = declared(host)
    await mount.up()
    assert " /data/images " in host.path("/proc/self/mountinfo").read_text()
    assert await mount.drift() == {}
    await mount.destroy()
    assert host.sh("ls /data; readlink /glance") == "data\n"


async def test_not_mounted_by_choice(host: FakeHost) -> None:
    mount = declared(host, mounted=False, options=["noauto"])
    await mount.up()
    assert host.sh("cat /proc/self/mountinfo").count("\n") == 1
    await mount.declare(mounted=True, options=["defaults"]).up()
    assert await mount.drift() == {}
    await mount.declare(mounted=False).up()
    assert host.sh("cat /proc/self/mountinfo").count("\n") == 1
