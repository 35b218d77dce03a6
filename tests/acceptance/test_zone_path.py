"""From a stack file to templates in Swift: first the store, then the zone; that it is so, stays so, and is proved by use."""

from __future__ import annotations

import hashlib

import pytest

from strata import stackfile
from tests.acceptance.zones import HYPERVISOR_PASSWORD, ZonePath, journal_text
from tools.demo.order import order_of

pytestmark = pytest.mark.acceptance

STORE = "strata:cloudstack:ImageStore"


def test_no_zone_call_comes_before_the_store_was_listed(zones: ZonePath) -> None:
    order = order_of(zones.cloud.asked(zones.began), "modern")
    assert order.added is not None
    assert order.listed is not None
    assert order.zone is not None, "there is no zone call in the journal, so it proves nothing"
    assert order.added.number < order.listed.number < order.zone.number


def test_the_state_holds_the_edge_from_custom_resource_to_custom_resource(zones: ZonePath) -> None:
    store = zones.project.resource(STORE)
    zone = zones.project.resource("strata:cloudstack:Zone")
    assert store["custom"] is True
    assert store["urn"] in zone["dependencies"]
    account = zones.project.resource("strata:swift:Account")
    assert account["urn"] in store["dependencies"]


def test_the_picture_shows_the_edge(zones: ZonePath) -> None:
    zones.project.run("strata", "graph", zones.project.stack, "--output", "picture.dot")
    drawn = (zones.project.folder / "picture.dot").read_text()
    zone = zones.project.resource("strata:cloudstack:Zone")["urn"].split("::")[-1]
    assert f'"{STORE}::object-store" -> "strata:cloudstack:Zone::{zone}";' in drawn


def test_the_zone_is_enabled_and_its_system_vms_run(zones: ZonePath) -> None:
    zone = zones.cloud.row("listZones")
    assert zone["allocationstate"] == "Enabled"
    vms = {one["systemvmtype"]: one["state"] for one in zones.cloud.rows("listSystemVms", zoneid=zone["id"])}
    assert vms == {"consoleproxy": "Running", "secondarystoragevm": "Running"}


def test_a_second_up_writes_nothing_anywhere(zones: ZonePath) -> None:
    touched = "stat --format '%Y %n' /etc/fstab; systemctl show -P ActiveEnterTimestamp cloudstack-management"
    before = zones.host(touched)
    with zones.untouched():
        again = zones.project.up().output
        assert f"{len(zones.project.resources()) - providers(zones)} unchanged" in again
        zones.project.drift(expect=0)
    assert zones.host(touched) == before


def providers(zones: ZonePath) -> int:
    """Resources of the state that the engine does not count."""
    return sum(one["type"].startswith("pulumi:providers:") for one in zones.project.resources())


def test_swift_holds_what_secondary_storage_holds(zones: ZonePath) -> None:
    ran = zones.project.run("strata", "verify", zones.project.stack)
    assert "5 of 5 checks hold." in ran.output
    rows = [line.split() for line in ran.output.splitlines() if "template/tmpl/1/" in line]
    shown = {row[3]: row[1].rsplit("/", 1)[-1] for row in rows}
    assert shown == {name: name.removeprefix("T-") for name in zones.cloud.templates()}
    # The seed's T-1 and T-5: a system VM template and one for users.
    assert len(shown) == 2
    assert all(row[-2:] == ["the", "same"] for row in rows), ran


def test_an_object_that_is_gone_or_altered_is_named(zones: ZonePath) -> None:
    swift = zones.cloud.swift()
    container = min(zones.cloud.templates())
    name = next(one["name"] for one in swift.get_container(container)[1] if "properties" not in one["name"])
    headers, content = swift.get_object(container, name)
    spoilt = bytes([content[0] ^ 1]) + content[1:]
    try:
        swift.delete_object(container, name)
        assert f"{container}/{name} is missing in Swift" in _failed(zones)
        swift.put_object(container, "stray", b"nobody's")
        swift.put_object(container, name, spoilt)
        told = _failed(zones)
        assert (
            f"{container}/{name}: MD5 {_md5(content)} on secondary storage, {_md5(spoilt)} in Swift" in told
        )
        assert f"{container}/stray is missing on secondary storage" in told
    finally:
        swift.put_object(container, name, content, content_type=headers["content-type"])
        swift.delete_object(container, "stray")
    zones.project.run("strata", "verify", zones.project.stack)


def _failed(zones: ZonePath) -> str:
    ran = zones.project.run("strata", "verify", zones.project.stack, "--wait", "0", expect=1)
    assert "ok    volume secondary" in ran.output, "the other checks hold"
    return ran.output


def _md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def test_the_store_and_what_it_stands_between_import_by_id(zones: ZonePath) -> None:
    project, unreadable = zones.project, {"memory"}
    imported = {STORE: "object-store", "strata:swift:Account": "cloudstack"}
    imported["strata:cloudstack:StagingStore"] = declared(zones)[0]
    before = {token: project.resource(token) for token in imported}
    with zones.untouched():
        for token, name in imported.items():
            project.forget(token)
            command = ("import", token, name, before[token]["id"], "--yes", "--generate-code=false")
            assert "1 imported" in project.pulumi(*command, "--protect=false").output
        project.preview("--expect-no-changes")
        project.up()
    for token, was in before.items():
        after = project.resource(token)
        assert after["id"] == was["id"]
        same = {key: value for key, value in was["outputs"].items() if key not in unreadable}
        assert {key: value for key, value in after["outputs"].items() if key not in unreadable} == same


def declared(zones: ZonePath) -> list[str]:
    """The zones of the stack file."""
    stack = stackfile.load(zones.project.stack_file)
    assert stack.cloudstack is not None
    return list(stack.cloudstack.zones)


def test_secrets_stand_nowhere(zones: ZonePath) -> None:
    lab, project = zones.lab, zones.project
    secrets = {
        "Swift's key": (lab.swift.directory / "key").read_text().strip(),
        "CloudStack's secret key": (lab.management.directory / "secret_key").read_text().strip(),
        "CloudStack's API key": (lab.management.directory / "api_key").read_text().strip(),
        "the SSH key": "".join((lab.folder.path / "host" / "key").read_text().splitlines()[2:3]),
        "the hypervisors' password": HYPERVISOR_PASSWORD,
        "ONTAP's password": (lab.folder.ontap / "password").read_text().strip(),
    }
    assert all(len(secret) >= 16 for secret in secrets.values()), "too short to be told from other text"
    seen = {
        "preview as JSON": project.pulumi("preview", "--diff", "--json", "--refresh").output,
        "up": project.up("--refresh").output,
        "failed run": _refused(zones),
        "state": project.pulumi("stack", "export").output,
        "outputs": project.pulumi("stack", "output", "--json").output,
        "journals": journal_text(zones.cloud),
        "log of the emulator": lab.management.log.read_text(),
        "log of the guest": zones.host("journalctl --no-pager -b | tail -n 5000"),
        "state folder": "".join(
            file.read_text(errors="replace")
            for file in (project.folder / ".state").rglob("*")
            if file.is_file()
        ),
    }
    for where, text in seen.items():
        for what, secret in secrets.items():
            assert secret not in text, f"{what} stands in the {where}"


def _refused(zones: ZonePath) -> str:
    """What is printed when the store can't be changed."""
    text = zones.project.stack_file.read_text()
    zones.project.edit("account: cloudstack", "account: second")
    zones.project.edit("    accounts:\n", f"    accounts:\n{_second_account(zones)}")
    with zones.untouched():
        output = zones.project.preview(expect=None).output
    zones.project.write(text)
    assert "CloudStack can't change the URL or account" in output, output
    return output


def _second_account(zones: ZonePath) -> str:
    folder = f".lab/{zones.lab.name}/swift"
    return (
        f"      second:\n        authUrl: {{file: {folder}/auth_url}}\n"
        f"        user: {{file: {folder}/user2}}\n        key: {{file: {folder}/key2}}\n"
    )
