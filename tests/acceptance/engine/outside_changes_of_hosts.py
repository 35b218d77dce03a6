"""What others change on a Glance host: every managed property of its kinds, in rounds of what can be seen together."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from tests.lifecycle.glance_migration.site import CONF, DROP_IN, FOLDER, OLD
from tests.lifecycle.glance_migration.site import Site as GlanceHost

MOUNT, SCRATCH = "host:Mount/glance-images-tkstack", "host:Mount/scratch-tkstack"
STORE, MOVE = "glance:FilesystemStore/glance-tkstack", "glance:ImageMigration/glance-images"
OTHER_UNIT = "openstack-glance-api"


@dataclass(frozen=True)
class OnHost:
    """One change: `findings` are what a look must name because of it, and nothing else."""

    findings: tuple[str, ...]
    change: Callable[[GlanceHost], object]

    @property
    def managed(self) -> set[str]:
        """`host:Mount options`: the kinds and the properties that it covers."""
        named = (one.partition(" ") for one in self.findings)
        return {f"{resource.split('/')[0]} {path.split('.')[0].split('[')[0]}" for resource, _, path in named}


def script(text: str, *findings: str) -> OnHost:
    return OnHost(findings, lambda host: host.host.sh(text))


def record(*findings: str, result: dict[str, Any] | None = None, **changes: Any) -> OnHost:
    """What the host remembers of the move says otherwise."""

    def change(host: GlanceHost) -> None:
        file = host.path(f"{FOLDER}/record.json")
        known = json.loads(file.read_text())
        known["result"].update(result or {})
        file.write_text(json.dumps({**known, **changes}))

    return OnHost(findings, change)


def line(old: str, new: str, *names: str) -> OnHost:
    """The fstab line of the mount `scratch` is edited, as by somebody who has not mounted it anew yet."""
    edit = f"sed -i '/scratch/s,{old},{new},' /etc/fstab"
    return script(edit, *(f"{SCRATCH} {name}" for name in names))


def another_service(host: GlanceHost) -> None:
    """The drop-in is moved to a unit of another name."""
    there = DROP_IN.replace("glance-api.service.d", f"{OTHER_UNIT}.service.d")
    host.host.state(services={**host.host.state()["services"], OTHER_UNIT: {"active": False}})
    host.host.sh(f"mkdir -p {there.rpartition('/')[0]}; mv {DROP_IN} {there}; systemctl daemon-reload")


ROUNDS: Final = (
    (
        line("10.130.208.55:/moved", "10.130.208.56:/elsewhere", "server", "export"),
        line("nfs defaults 0 0", "nfs4 ro 1 2", "type", "options", "dump", "fsckPass"),
        script("chown root /glance/images", f"{STORE} owner"),
        script("chgrp root /glance/images", f"{STORE} group"),
        script("chmod 0777 /glance/images", f"{STORE} mode"),
        script("systemctl stop -- glance-api", f"{STORE} running"),
        script(f"rm {DROP_IN}; systemctl daemon-reload", f"{STORE} guard"),
        record(f"{MOVE} sources", sources=["/srv/elsewhere"]),
        record(f"{MOVE} hosts", hosts=["another"]),
        record(f"{MOVE} keepSource", result={"pruned": False}),
    ),
    (
        script("umount /mnt/scratch", f"{SCRATCH} mounted"),
        script(
            "echo '10.130.208.55:/moved /mnt/scratch nfs defaults 0 0' >>/etc/fstab", f"{SCRATCH} fstabLines"
        ),
        script(
            f"sed -i 's,^filesystem_store_datadir = .*,filesystem_store_datadir = {OLD},' {CONF}",
            f"{STORE} directory",
            f"{STORE} inEffect",
            f"{MOVE} complete",
        ),
        record(f"{MOVE} directory", directory="/srv/elsewhere"),
    ),
    (OnHost((f"{STORE} service", f"{STORE} running"), another_service),),
    (
        script(
            f"sed -i 's,^RequiresMountsFor=/glance/images$,RequiresMountsFor=/glance,' {DROP_IN}; systemctl daemon-reload",
            f"{STORE} mount",
            f"{STORE} guard",
        ),
    ),
)
"""Everything of a round is changed before one look, and put back by one `up`."""
