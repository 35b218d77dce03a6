"""Where a mount stops before it does harm, and what it says when the NFS server or the host says no."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from strata.errors import StrataError
from strata.provider.kinds.host_mount import Mount
from strata.provider.outcome import InitFailed, OperationFailed
from tests.lifecycle.host.fake_host import FakeHost

from .test_mount import INPUTS, LINE, declared


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
