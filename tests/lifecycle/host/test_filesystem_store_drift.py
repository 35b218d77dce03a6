"""Each drift of a glance:FilesystemStore with its repair, and what is none of its own."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from tests.lifecycle.host.fake_host import FakeHost
from tests.lifecycle.host.glance_store import CONF, DROP_IN, RESTART, declared, mounted

OTHER_DROP_IN = DROP_IN.replace("/glance-api.", "/openstack-glance-api.")
OTHER_UNIT = f"mkdir {OTHER_DROP_IN.rpartition('/')[0]}"


class Drift(NamedTuple):
    script: str
    found: dict[str, tuple[Any, Any]]
    restarts: bool
    because: str


DRIFTS = [
    Drift(
        f"sed -i 's,^filesystem_store_datadir = .*,filesystem_store_datadir = /var/lib/glance/images,' {CONF}",
        {"directory": ("/glance/images", "/var/lib/glance/images"), "inEffect": (True, False)},
        True,
        because="the setting was changed",
    ),
    Drift(
        f"sed -i '/^filesystem_store_datadir = /d' {CONF}",
        {"directory": ("/glance/images", ""), "inEffect": (True, False)},
        True,
        because="the setting is gone",
    ),
    Drift(
        "chown root /glance/images", {"owner": ("glance", "root")}, False, because="a chown needs no restart"
    ),
    Drift("chgrp root /glance/images", {"group": ("glance", "root")}, False, because="nor does a chgrp"),
    Drift("chmod 0777 /glance/images", {"mode": ("0750", "0777")}, False, because="nor does a chmod"),
    Drift(
        f"rm {DROP_IN}",
        {"guard": (True, False)},
        True,
        because="the drop-in is gone, systemd does not know yet",
    ),
    Drift(
        f"rm {DROP_IN}; systemctl daemon-reload",
        {"guard": (True, False)},
        True,
        because="the drop-in is gone",
    ),
    Drift(
        f"sed -i /Assert/d {DROP_IN}; systemctl daemon-reload",
        {"guard": (True, False)},
        True,
        because="a line of the drop-in is gone",
    ),
    Drift(
        f"sed -i 's,=/glance/images\"$,=/elsewhere\",' {DROP_IN}; systemctl daemon-reload",
        {"guard": (True, False), "group": ("glance", ""), "mode": ("0750", None), "owner": ("glance", "")},
        True,
        because="the drop-in names another directory",
    ),
    Drift(
        f"sed -i 's,^RequiresMountsFor=/glance/images$,RequiresMountsFor=/glance,' {DROP_IN}; systemctl daemon-reload",
        {"mount": ("/glance/images", "/glance"), "guard": (True, False)},
        True,
        because="the drop-in names another mount",
    ),
    Drift(
        f"{OTHER_UNIT}; mv {DROP_IN} {OTHER_DROP_IN}; systemctl daemon-reload",
        {
            "service": ("glance-api", "openstack-glance-api"),
            "guard": (True, False),
            "running": (True, False),
        },
        True,
        because="the drop-in is another service's",
    ),
    Drift(
        "systemctl stop -- glance-api", {"running": (True, False)}, True, because="the service does not run"
    ),
]


@pytest.mark.parametrize("case", DRIFTS, ids=lambda case: case.because)
async def test_drift_is_named_and_repaired(host: FakeHost, case: Drift) -> None:
    await mounted(host)
    store = declared(host, mode="0750")
    await store.up()
    conf = host.path(CONF).read_bytes()
    host.sh(case.script)
    host.systemctl_log()
    assert await store.drift() == case.found, case.because
    await store.up()
    assert await store.drift() == {}, case.because
    assert host.path(CONF).read_bytes() == conf, case.because
    calls = [call for call in host.systemctl_log() if "reload" not in call]
    assert calls == (RESTART if case.restarts else []), case.because


async def test_a_restart_that_did_not_happen_is_seen(host: FakeHost) -> None:
    await mounted(host)
    store = declared(host)
    await store.up()
    host.sh("sed -i s,/glance/images,/glance/old, /proc/4242/environ")
    assert await store.drift() == {"inEffect": (True, False)}
    await store.up()
    assert await store.drift() == {}


async def test_without_the_mount_the_drift_is_the_mounts_own(host: FakeHost) -> None:
    mount = await mounted(host)
    store = declared(host)
    await store.up()
    host.sh("umount /glance/images")
    assert await store.drift() == {}, "the directory that shows now is the mount point below"
    assert await mount.drift() == {"mounted": (True, False)}
    await mount.up()
    assert await store.drift() == {}
