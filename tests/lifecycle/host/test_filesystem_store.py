"""glance:FilesystemStore from create to delete: what it writes, what it does again, and what it gives back."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from strata.provider.outcome import InitFailed, OperationFailed
from tests.lifecycle.host.fake_host import FakeHost
from tests.lifecycle.host.glance_store import CONF, DROP_IN, INPUTS, RESTART, declared, know_images, mounted


@pytest.mark.parametrize("user", ["root", "operator"])
async def test_from_create_to_delete(host: FakeHost, user: str) -> None:
    before = host.path(CONF).read_bytes()
    mount = await mounted(host)
    store = declared(host, user, mode="0750")
    await store.preview()
    assert host.path(CONF).read_bytes() == before, "a preview only reads"
    await store.up()
    assert store.id == "tkstack"
    commented = "#filesystem_store_datadir = /var/lib/glance/images\n"
    assert host.path(CONF).read_text() == before.decode().replace(
        commented, f"{commented}filesystem_store_datadir = /glance/images\n"
    )
    assert (host.path(CONF).stat().st_mode & 0o7777, host.path(CONF).stat().st_gid) == (0o640, 64062)
    assert host.sh("stat -c '%U:%G %a' /glance/images") == "glance:glance 750\n"
    assert "RequiresMountsFor=/glance/images" in host.path(DROP_IN).read_text()
    assert "AssertPathIsMountPoint=/glance/images" in host.path(DROP_IN).read_text()
    assert [call for call in host.systemctl_log() if "reload" not in call] == RESTART
    assert await store.drift() == {}
    know_images(host)
    await store.destroy()
    assert host.path(CONF).read_bytes() == before
    assert not host.path(DROP_IN).parent.exists()
    assert host.systemctl_log() == ["daemon-reload", "try-restart -- glance-api"]
    await store.destroy()
    assert await store.kind.observe("tkstack") is None
    await mount.destroy()


async def test_nothing_to_do_means_no_write_no_call_and_one_round_trip(host: FakeHost) -> None:
    await mounted(host)
    store = declared(host)
    await store.up()
    host.systemctl_log()
    before, count = host.path(CONF).stat(), len(host.commands)
    await store.up()
    assert len(host.commands) - count == 1
    assert host.path(CONF).stat() == before
    assert host.systemctl_log() == []


async def test_an_import_gives_what_was_declared(host: FakeHost) -> None:
    await mounted(host)
    store = declared(host, mode="0750")
    await store.up()
    found = await store.imported("tkstack")
    assert found is not None
    settings = {"adopt": False, "allowImagesLeft": False}
    assert {**found[1], **settings} == {
        **INPUTS,
        "mode": "0750",
        "configFile": CONF,
        "section": "glance_store",
        "service": "glance-api",
        "owner": "glance",
        "group": "glance",
        "running": True,
        "guard": True,
        "inEffect": True,
        **settings,
    }


async def test_what_was_imported_is_given_back_from_the_backup(host: FakeHost) -> None:
    before = host.path(CONF).read_bytes()
    await mounted(host)
    await declared(host).up()
    know_images(host)
    imported = declared(host)
    imported.id = "tkstack"
    assert await imported.refresh()
    assert await imported.drift() == {}
    await imported.destroy()
    assert host.path(CONF).read_bytes() == before


async def test_one_that_disappeared_is_made_again(host: FakeHost) -> None:
    await mounted(host)
    store = declared(host, mode="0750")
    await store.up()
    conf = host.path(CONF).read_bytes()
    host.sh(f"rm {DROP_IN}; sed -i '/^filesystem_store_datadir = /d' {CONF}; systemctl daemon-reload")
    assert not await store.refresh()
    await store.up()
    assert await store.drift() == {}
    assert host.path(CONF).read_bytes() == conf


async def test_a_create_repeated_after_a_lost_answer_changes_nothing(host: FakeHost) -> None:
    await mounted(host)
    await declared(host).up()
    written = [host.path(path).read_bytes() for path in (CONF, DROP_IN)]
    host.systemctl_log()
    again = declared(host)
    await again.up()
    assert await again.drift() == {}
    assert host.systemctl_log() == [], "what runs as declared is not restarted"
    assert [host.path(path).read_bytes() for path in (CONF, DROP_IN)] == written


async def test_what_a_repeated_create_remembers_gives_the_first_setting_back(host: FakeHost) -> None:
    before = host.path(CONF).read_bytes()
    await mounted(host)
    await declared(host).up()
    know_images(host)
    again = declared(host)
    await again.up()
    await again.destroy()
    assert host.path(CONF).read_bytes() == before


class HalfWay(NamedTuple):
    script: str
    calls: list[str]
    because: str


@pytest.mark.parametrize(
    "case",
    [
        HalfWay(f"rm {DROP_IN}; systemctl daemon-reload", RESTART, because="the guard is missing"),
        HalfWay("systemctl stop -- glance-api", RESTART, because="the service does not run"),
        HalfWay(
            "sed -i s,/glance/images,/glance/old, /proc/4242/environ", RESTART, because="it runs with another"
        ),
        HalfWay("chown root /glance/images", [], because="a chown needs no restart"),
    ],
    ids=lambda case: case.because,
)
async def test_a_create_does_only_what_is_left(host: FakeHost, case: HalfWay) -> None:
    await mounted(host)
    await declared(host).up()
    host.sh(case.script)
    host.systemctl_log()
    again = declared(host)
    await again.up()
    assert await again.drift() == {}, case.because
    assert [call for call in host.systemctl_log() if "reload" not in call] == case.calls, case.because


async def test_an_older_answer_about_access_is_waited_out(host: FakeHost) -> None:
    await mounted(host)
    host.state(unwritable=1)
    store = declared(host)
    await store.up()
    assert await store.drift() == {}


async def test_glance_does_not_start_without_its_mount(host: FakeHost) -> None:
    await mounted(host)
    await declared(host).up()
    host.sh("systemctl stop -- glance-api; umount /glance/images")
    assert "refused" in host.sh("systemctl start -- glance-api 2>/dev/null && echo started || echo refused")


async def test_a_service_that_does_not_come_up_shows_its_journal_without_secrets(host: FakeHost) -> None:
    await mounted(host)
    host.state(broken=True)
    store = declared(host)
    with pytest.raises(InitFailed) as caught:
        await store.up()
    assert "the service glance-api failed" in str(caught.value)
    assert "ERROR glance: connection mysql://***@db/glance refused" in str(caught.value)
    assert "canary" not in str(caught.value)
    store.id, store.state = caught.value.id, caught.value.properties
    host.state(broken=False)
    await store.up()
    assert await store.drift() == {}


async def test_images_elsewhere_stay_and_are_told_of(host: FakeHost) -> None:
    await mounted(host)
    host.sh(f"sed -i 's,^#filesystem_store_datadir = ,filesystem_store_datadir = ,' {CONF}")
    know_images(host, "file:///var/lib/glance/images/a")
    before = host.path(CONF).read_bytes()
    store = declared(host)
    await store.up()
    assert (
        store.lines[0]
        == "1 images stay in /var/lib/glance/images and are read from there as before; only new ones go to /glance/images"
    )
    await store.destroy()
    assert host.path(CONF).read_bytes() == before


async def test_edits_of_others_stay_when_the_setting_is_given_back(host: FakeHost) -> None:
    before = host.path(CONF).read_text()
    await mounted(host)
    store = declared(host)
    await store.up()
    know_images(host)
    host.sh(f"echo 'debug = true' >>{CONF}")
    await store.destroy()
    assert host.path(CONF).read_text() == f"{before}debug = true\n"


async def test_another_directory_moves_the_setting_and_still_gives_back_the_first_one(host: FakeHost) -> None:
    before = host.path(CONF).read_bytes()
    await mounted(host)
    store = declared(host)
    await store.up()
    await store.declare(directory="/glance/images/store").up()
    assert await store.drift() == {}
    assert host.sh("stat -c %U /glance/images/store") == "glance\n"
    know_images(host)
    await store.destroy()
    assert host.path(CONF).read_bytes() == before


async def test_another_section_has_an_id_and_a_drop_in_of_its_own(host: FakeHost) -> None:
    await mounted(host)
    host.sh(
        f"sed -i 's/^bind_port/enabled_backends = fast:file,web:http\\nbind_port/' {CONF}; printf '[fast]\\nx = 1\\n' >>{CONF}"
    )
    with pytest.raises(OperationFailed, match=r"has enabled_backends = fast:file,web:http.*: fast\."):
        await declared(host).preview()
    store = declared(host, section="fast")
    await store.up()
    assert store.id == f"tkstack:{CONF}#fast"
    assert host.path(DROP_IN.replace("store.conf", "store-fast.conf")).exists()
    assert await store.drift() == {}


async def test_no_password_of_the_configuration_leaves_the_host_in_an_observe(host: FakeHost) -> None:
    from strata.clients import glance

    await mounted(host)
    await declared(host).up()
    store = await glance.look(host.client(), CONF, "glance_store")
    assert "canary" not in repr(store)
    assert store.started == "/glance/images"
