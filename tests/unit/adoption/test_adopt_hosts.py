"""Mounts and Glance's store that were made by hand."""

from __future__ import annotations

import pytest

from tests.lifecycle.host.fake_host import FakeHost
from tests.unit.adoption.conftest import Site

LINE = "10.130.208.55:/images /glance/images nfs soft,vers=4.2 0 0"


def mounted(host: FakeHost, line: str = LINE) -> None:
    """As an administrator would."""
    path = line.split()[1]
    host.sh(f"printf '\\n%s\\n' '{line}' >>/etc/fstab; mkdir -p {path}; mount {path}")


async def test_a_mount_of_a_volume(site: Site, host: FakeHost) -> None:
    mounted(host)
    before = host.path("/etc/fstab").read_bytes(), host.systemctl_log()

    adopted = await site.adopt()

    assert (host.path("/etc/fstab").read_bytes(), host.systemctl_log()) == (before[0], [])
    assert site.config["strata:mounts"] == {
        "images": {
            "host": "tkstack",
            "volume": "images",
            "dataLif": "10.130.208.55",
            "path": "/glance/images",
            "options": ["soft", "vers=4.2"],
        }
    }
    assert await site.preview(adopted) == []


async def test_the_same_mount_on_two_hosts_is_one_entry(site: Site, host: FakeHost) -> None:
    mounted(host)
    site.sections["strata:hosts"]["tkstack2"] = site.sections["strata:hosts"]["tkstack"]
    adopted = await site.adopt()
    (entry,) = site.config["strata:mounts"].values()
    assert entry["hosts"] == ["tkstack", "tkstack2"]
    assert await site.preview(adopted) == []


async def test_a_host_that_is_away_keeps_no_other_from_it(site: Site, host: FakeHost) -> None:
    mounted(host)
    site.sections["strata:hosts"]["away"] = {**site.sections["strata:hosts"]["tkstack"], "port": 1}
    adopted = await site.adopt()
    assert site.config["strata:mounts"]["images"]["host"] == "tkstack"
    assert len(adopted.troubles) == 1
    assert "away" in adopted.troubles[0]


@pytest.mark.parametrize(
    ("line", "why", "because"),
    [
        ("10.130.208.55:/moved /mnt/moved nfs defaults 0 0", "no volume of this stack", "no volume is there"),
        (
            "10.9.9.9:/images /mnt/other nfs defaults 0 0",
            "no volume of this stack",
            "another server's /images",
        ),
    ],
)
async def test_a_mount_of_something_else_is_only_named(
    site: Site, host: FakeHost, line: str, why: str, because: str
) -> None:
    host.sh(f"printf '\\n%s\\n' '{line}' >>/etc/fstab")
    adopted = await site.adopt()
    assert "strata:mounts" not in site.config, because
    assert any(why in one.why for one in adopted.findings), because


async def test_a_line_that_is_not_mounted_is_not_taken_for_a_mount(site: Site, host: FakeHost) -> None:
    host.sh(f"printf '\\n%s\\n' '{LINE}' >>/etc/fstab; mkdir -p /glance/images")
    adopted = await site.adopt()
    assert "strata:mounts" not in site.config
    assert "its mounted is False" in adopted.findings[-1].why


async def test_glance_without_the_drop_in_is_shown_and_not_written(site: Site, host: FakeHost) -> None:
    mounted(host)
    host.sh(
        "sed -i 's|^#filesystem_store_datadir = .*|filesystem_store_datadir = /glance/images|' /etc/glance/glance-api.conf"
    )
    host.sh("chown 64062:64062 /glance/images")

    adopted = await site.adopt()

    assert "strata:glance" not in site.config
    (found,) = [one for one in adopted.findings if one.what.startswith("Glance")]
    assert "its guard is False" in found.why
    assert found.entry.strip() == "strata:glance:\n    hosts: [tkstack]\n    store: {mount: images}"
    assert await site.preview(adopted) == []


async def test_a_store_as_strata_keeps_it_is_written(site: Site, host: FakeHost) -> None:
    from strata.provider.kinds.glance_filesystem_store import FilesystemStore
    from tests.lifecycle.host.world import Declared, Hosts

    mounted(host)
    inputs = {"host": "tkstack", "directory": "/glance/images", "mount": "/glance/images"}
    await Declared(FilesystemStore(Hosts(host)), inputs).up()

    adopted = await site.adopt()

    assert site.config["strata:glance"] == {"hosts": ["tkstack"], "store": {"mount": "images"}}
    assert await site.preview(adopted) == []
