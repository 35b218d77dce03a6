"""What the kernel reports of mounts, and which declared options it contradicts."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from strata.hostfiles import mountinfo
from strata.hostfiles.mountinfo import KernelMount

RECORDED = (
    "21 1 254:0 / / rw,relatime shared:1 - ext4 /dev/root rw\n"
    "88 21 0:50 / /glance/images rw,relatime shared:45 - nfs4 10.0.2.2:/images rw,vers=4.2,rsize=1048576,wsize=1048576,"
    "namlen=255,hard,proto=tcp,timeo=600,retrans=2,sec=sys,clientaddr=10.0.2.15,local_lock=none,addr=10.0.2.2\n"
    "89 21 0:51 / /mnt/a\\040b ro,nosuid - tmpfs tmpfs rw,size=4k\n"
    "90 88 0:52 / /glance/images rw - tmpfs cover rw\n"
)


def test_parse() -> None:
    root, images, blank, cover = mountinfo.parse(RECORDED)
    assert (images.source, images.type, images.is_nfs) == ("10.0.2.2:/images", "nfs4", True)
    assert {"vers=4.2", "hard", "relatime", "rw"} <= images.options
    assert blank.mount_point == "/mnt/a b"
    assert "ro" in blank.options
    assert "rw" not in blank.options
    assert mountinfo.at([root, images, cover], "/glance/images/") is cover
    assert mountinfo.at([root, images], "/glance") is None
    assert mountinfo.holding([root, images, blank], "/glance/images/store") is images
    assert mountinfo.holding([root, images], "/glance/images2") is root


class Case(NamedTuple):
    declared: str
    kernel: str
    found: dict[str, str]
    because: str


CASES = [
    Case("defaults", "rw,relatime,hard,vers=4.2", {}, because="what a plain mount shows fits defaults"),
    Case("defaults", "ro,hard", {"rw": "ro"}, because="defaults means rw"),
    Case("rw", "ro", {"rw": "ro"}, because="remounted read-only"),
    Case("defaults,ro", "ro", {}, because="the later one counts"),
    Case("defaults,ro", "rw", {"ro": "rw"}, because="remounted read-write"),
    Case(
        "defaults",
        "rw,nosuid,noexec",
        {"suid": "nosuid", "exec": "noexec"},
        because="defaults means suid and exec",
    ),
    Case("nosuid", "rw", {"nosuid": "suid"}, because="the kernel never hides nosuid"),
    Case("soft", "rw,hard", {"soft": "hard"}, because="hard instead of soft"),
    Case("hard", "rw,soft", {"hard": "soft"}, because="soft instead of hard"),
    Case("noatime", "rw,relatime", {"noatime": "relatime"}, because="atime is shown"),
    Case("vers=4", "vers=4.2", {}, because="the minor version was left open"),
    Case("vers=4.1", "vers=4.2", {"vers=4.1": "vers=4.2"}, because="another minor version"),
    Case("nfsvers=3", "vers=4.2", {"nfsvers=3": "nfsvers=4.2"}, because="the older spelling"),
    Case("rsize=1048576", "rsize=65536", {"rsize=1048576": "rsize=65536"}, because="sizes are shown"),
    Case(
        "_netdev,nofail,x-systemd.automount,bg,nolock",
        "rw,vers=4.2",
        {},
        because="the kernel says nothing of these",
    ),
    Case("timeo=50,timeo=600", "timeo=600", {}, because="of one option twice the later counts"),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.because)
def test_contradictions(case: Case) -> None:
    mount = KernelMount("s:/x", "/x", "nfs4", frozenset(case.kernel.split(",")))
    assert mountinfo.contradictions(case.declared.split(","), mount) == case.found, case.because
