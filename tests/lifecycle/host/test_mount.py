"""host:Mount from create to delete, with everything that can go wrong in between."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from strata.errors import StrataError
from strata.provider.kinds.host_mount import Mount
from strata.provider.outcome import InitFailed, OperationFailed
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


class Refused(NamedTuple):
    words: str
    hint: str


@pytest.mark.parametrize(
    "case",
    [
        Refused("access denied by server while mounting", "export policy must have a rule"),
        Refused(
            "mounting failed, reason given by server: No such file or directory",
            "compare it with the volume's junction path",
        ),
        Refused("Connection refused", "is a data LIF of the SVM"),
        Refused(
            "requested NFS version or transport protocol is not supported", "do not agree on a version of NFS"
        ),
    ],
)
async def test_a_mount_that_fails_keeps_the_line_and_goes_on_later(host: FakeHost, case: Refused) -> None:
    before = host.path("/etc/fstab").read_bytes()
    host.state(exports={"10.130.208.55:/images": case.words})
    mount = declared(host)
    with pytest.raises(InitFailed) as caught:
        await mount.up()
    assert case.words in str(caught.value)
    assert case.hint in str(caught.value)
    mount.id, mount.state = caught.value.id, caught.value.properties
    assert mount.state["mounted"] is False
    host.state(exports={"10.130.208.55:/images": ""})
    await mount.up()
    assert await mount.drift() == {}
    await mount.destroy()
    assert host.path("/etc/fstab").read_bytes() == before
    assert not host.path("/glance").exists()


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


async def test_another_line_stops_before_any_write(host: FakeHost) -> None:
    theirs = "other:/x /glance/images nfs ro 0 0\n"
    host.path("/etc/fstab").write_text(theirs)
    with pytest.raises(OperationFailed) as caught:
        await declared(host).preview()
    assert "pulumi import strata:host:Mount images tkstack:/glance/images" in str(caught.value)
    assert "other:/x /glance/images nfs ro 0 0" in str(caught.value)
    with pytest.raises(OperationFailed):
        await declared(host).up()
    assert host.path("/etc/fstab").read_text() == theirs
    assert not host.path("/glance").exists()
    adopted = declared(host, adopt=True)
    await adopted.up()
    assert host.path("/etc/fstab").read_text() == f"{LINE}\n"
    assert await adopted.drift() == {}


async def test_files_in_the_mount_point_are_not_covered_silently(host: FakeHost) -> None:
    host.sh(
        "mkdir -p /glance/images; chown 64062 /glance/images; chmod 0700 /glance/images; cd /glance/images; touch 1 2 3 4 5 6 7"
    )
    with pytest.raises(OperationFailed, match=r"is not empty: it holds 7 files \(1, 2, 3, 4, 5, …\)"):
        await declared(host).preview()
    mount = declared(host, coverFiles=True)
    await mount.up()
    assert host.sh("ls /glance/images") == ""
    await mount.destroy()
    assert host.sh("ls /glance/images | wc -l; stat -c '%u %a' /glance/images") == "7\n64062 700\n"


async def test_a_busy_mount_names_who_uses_it(host: FakeHost) -> None:
    mount = declared(host)
    await mount.up()
    host.path("/proc/777/cwd").symlink_to("/glance/images/sub")
    host.state(busy=True)
    with pytest.raises(
        StrataError, match=r"could not be unmounted: in use by cp \(process 777\)\. End what uses it"
    ):
        await mount.destroy()
    assert LINE in host.path("/etc/fstab").read_text()
    host.state(busy=False)
    await mount.destroy()


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


class Wrong(NamedTuple):
    inputs: dict[str, Any]
    path: str
    because: str


@pytest.mark.parametrize(
    "case",
    [
        Wrong({"path": "glance/images"}, "path", because="relative"),
        Wrong({"path": "/a/../b"}, "path", because="a way up"),
        Wrong({"path": "/"}, "path", because="the root"),
        Wrong({"server": "a b"}, "server", because="no address"),
        Wrong({"export": "images"}, "export", because="relative"),
        Wrong({"type": "ext4"}, "type", because="not NFS"),
        Wrong({"options": ["ro,soft"]}, "options", because="two options in one"),
        Wrong({"fstabLines": 2}, "fstabLines", because="there is one line"),
    ],
    ids=lambda case: case.because,
)
def test_wrong_input_is_found_before_any_call(case: Wrong) -> None:
    from strata.errors import InvalidInput
    from strata.provider.lifecycle import Lifecycle

    with pytest.raises(InvalidInput) as caught:
        Lifecycle(Mount(None)).check({**INPUTS, **case.inputs})  # type: ignore[arg-type]
    assert [problem.path for problem in caught.value.problems] == [case.path]
