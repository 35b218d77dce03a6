"""What the secondary storage VM leaves on the staging volume and in real Swift, from the emulator's own order."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from swiftclient import Connection  # type: ignore[import-untyped]

from lab.cloudstack import ssvm
from lab.cloudstack.config import SsvmWork, SwiftAccess, TemplateOnStaging
from lab.cloudstack.ssvm_staging import directory_of, template_folder
from lab.cloudstack.testing import running
from lab.failures import LabFailure
from lab.swift.testing import RunningSwift
from tests.unit.lab_cloudstack.wire import enable, whole_zone

URL = "nfs://10.0.0.1/staging-z1"
KVM = TemplateOnStaging(3, "11111111-2222", "SystemVM Template (KVM)", "template-3", "QCOW2")
CENTOS = TemplateOnStaging(4, "33333333-4444", "CentOS (KVM)", "template-4", "QCOW2")


@dataclass(frozen=True)
class Lab:
    """The emulator's folder and the directory behind the staging volume's junction path."""

    emulator: Path
    volume: Path

    def work(self, swift: RunningSwift, era: Any = "modern", **details: str) -> SsvmWork:
        """What the emulator hands out for one zone with two templates."""
        account, _, username = swift.user.partition(":")
        details = {"account": account, "username": username, "key": swift.key, **details}
        access = SwiftAccess("uuid", "swift01", swift.auth_url, details)
        return SsvmWork("zone", "zone1", (URL,), (access,), (KVM, CENTOS), era)


@pytest.fixture
def lab(tmp_path: Path, account: Connection) -> Iterator[Lab]:
    emulator, volume = tmp_path / "cloudstack", tmp_path / "volume"
    emulator.mkdir()
    volume.mkdir()
    (tmp_path / "exports.json").write_text(
        json.dumps([{"junction_path": "/staging-z1", "directory": str(volume)}])
    )
    (emulator / "exports").write_text(f"{tmp_path / 'exports.json'}\n")
    yield Lab(emulator, volume)
    for container in account.get_account()[1]:
        for each in account.get_container(container["name"])[1]:
            account.delete_object(container["name"], each["name"])
        account.delete_container(container["name"])


def _names(account: Connection, container: str) -> list[str]:
    return [each["name"] for each in account.get_container(container)[1]]


def test_today_a_template_is_its_file_and_four_lines(
    lab: Lab, swift: RunningSwift, account: Connection
) -> None:
    ssvm.deliver(lab.work(swift), lab.emulator)
    assert _names(account, "T-3") == ["11111111-2222.qcow2", "template.properties"]
    content = account.get_object("T-3", "11111111-2222.qcow2")[1]
    told = account.get_object("T-3", "template.properties")[1].decode().splitlines()
    assert told == [
        "uniquename=template-3",
        "filename=11111111-2222.qcow2",
        f"size={len(content)}",
        "virtualsize=2147483648",
    ]
    assert content == (lab.volume / "template/tmpl/1/3/11111111-2222.qcow2").read_bytes()
    assert 100 * 1024 <= len(content) <= 1024 * 1024
    assert len((lab.volume / "template/tmpl/1/3/template.properties").read_text().splitlines()) > 4


def test_up_to_4_1_a_template_is_every_file_of_its_folder(
    lab: Lab, swift: RunningSwift, account: Connection
) -> None:
    folder = template_folder(lab.volume, 3)
    ssvm.stage(folder, KVM)
    folder.write(".nfs0001", b"hidden")
    folder.write("notes.txt", b"somebody's")
    ssvm.deliver(lab.work(swift, "legacy"), lab.emulator)
    assert _names(account, "T-3") == ["11111111-2222.qcow2", "notes.txt", "template.properties"]
    assert account.get_object("T-3", "template.properties")[1] == folder.read("template.properties")


def test_the_second_time_nothing_is_written(lab: Lab, swift: RunningSwift, account: Connection) -> None:
    """It is repeated after every trouble and every new store."""
    ssvm.deliver(lab.work(swift), lab.emulator)
    before = [account.head_object("T-4", name)["x-timestamp"] for name in _names(account, "T-4")]
    staged = (lab.volume / "template/tmpl/1/4/template.properties").stat().st_mtime_ns
    ssvm.deliver(lab.work(swift), lab.emulator)
    assert [account.head_object("T-4", name)["x-timestamp"] for name in _names(account, "T-4")] == before
    assert (lab.volume / "template/tmpl/1/4/template.properties").stat().st_mtime_ns == staged


def test_what_was_cut_short_is_finished(lab: Lab, swift: RunningSwift, account: Connection) -> None:
    ssvm.deliver(lab.work(swift), lab.emulator)
    account.put_object("T-3", "11111111-2222.qcow2", b"half")
    account.delete_object("T-4", "template.properties")
    ssvm.deliver(lab.work(swift), lab.emulator)
    assert int(account.head_object("T-3", "11111111-2222.qcow2")["content-length"]) > 100 * 1024
    assert "template.properties" in _names(account, "T-4")


def test_the_installers_template_is_the_one_that_is_uploaded(
    lab: Lab, swift: RunningSwift, account: Connection
) -> None:
    folder = template_folder(lab.volume, 3)
    folder.write("seeded.qcow2", b"QFI\xfbthe real one")
    folder.write(
        "template.properties", b"#Mon\nfilename=seeded.qcow2\nuniquename=routing-3\nsize=16\nqcow2=true\n"
    )
    ssvm.deliver(lab.work(swift), lab.emulator)
    assert _names(account, "T-3") == ["seeded.qcow2", "template.properties"]
    assert folder.names() == ["seeded.qcow2", "template.properties"]


WRONG = [
    ({"key": "wrong"}, "401", "a wrong key"),
    ({"account": "AUTH_test"}, "401", "the storage account's name in place of the user's"),
    ({"account": "test", "username": "test:tester"}, "401", "the whole user in place of its second half"),
    ({"storagepolicy": "diamond"}, "400", "a policy that Swift doesn't have"),
]


@pytest.mark.parametrize(("details", "status", "because"), WRONG, ids=[row[2] for row in WRONG])
def test_swift_refuses_what_it_would_refuse_cloudstack(
    lab: Lab, swift: RunningSwift, details: dict[str, str], status: str, because: str
) -> None:
    work = lab.work(swift, **details)
    with pytest.raises(LabFailure, match=f"HTTP {status}") as told:
        ssvm.deliver(work, lab.emulator)
    assert work.swifts[0].details["key"] not in str(told.value), because
    assert template_folder(lab.volume, 3).names(), "staging comes first"


def test_a_storage_policy_is_that_of_the_containers(
    lab: Lab, swift: RunningSwift, account: Connection
) -> None:
    ssvm.deliver(lab.work(swift, storagepolicy="gold"), lab.emulator)
    assert account.head_container("T-3")["x-storage-policy"] == "gold"


def test_an_unreachable_swift_is_told(lab: Lab, swift: RunningSwift) -> None:
    work = lab.work(swift)
    away = replace(work.swifts[0], url="http://127.0.0.1:1/auth/v1.0")
    with pytest.raises(LabFailure, match=r"could not (reach|use) Swift swift01 at http://127.0.0.1:1/"):
        ssvm.deliver(replace(work, swifts=(away,)), lab.emulator)


def test_a_staging_url_that_nothing_exports_is_told(lab: Lab, swift: RunningSwift) -> None:
    work = replace(lab.work(swift), staging_urls=("nfs://10.0.0.1/staging",))
    with pytest.raises(LabFailure, match=r"can't mount nfs://10.0.0.1/staging: .* \(exported: /staging-z1\)"):
        ssvm.deliver(work, lab.emulator)


def _refuse(*_arguments: Any, **_named: Any) -> None:
    raise PermissionError(13, "Permission denied")


def _let_only_sudo(monkeypatch: pytest.MonkeyPatch, programs: Path) -> None:
    """This user may do nothing in the folder; `sudo` is a program in `programs`."""
    for owner, name in ((os, "listdir"), (Path, "mkdir")):
        monkeypatch.setattr(owner, name, _refuse)
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")


def test_what_belongs_to_root_is_written_and_listed_by_sudo(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when the lab runs for an ordinary user and the volume's files are those of NFS clients."""
    programs, folder = tmp_path / "bin", template_folder(tmp_path, 3)
    programs.mkdir()
    (programs / "sudo").write_text('#!/bin/sh\nshift\nexec "$@"\n')
    (programs / "sudo").chmod(0o755)
    _let_only_sudo(monkeypatch, programs)
    assert folder.names() == []
    folder.write("a.qcow2", b"content")
    assert (folder.names(), folder.read("a.qcow2")) == (["a.qcow2"], b"content")


def test_a_sudo_that_refuses_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And not taken for an empty folder."""
    (tmp_path / "sudo").write_text("#!/bin/sh\necho a password is required >&2\nexit 1\n")
    (tmp_path / "sudo").chmod(0o755)
    _let_only_sudo(monkeypatch, tmp_path)
    with pytest.raises(LabFailure, match=r"belongs to another user .* a password is required"):
        template_folder(tmp_path, 3).names()
    with pytest.raises(LabFailure, match=r"belongs to another user .* a password is required"):
        template_folder(tmp_path, 3).write("a.qcow2", b"content")


EXPORTS = {"/": "/svm", "/a": "/v/1", "/a/b": "/v/2"}
PLACES = [
    ("nfs://lif/a", "/v/1", "the volume itself"),
    ("nfs://lif/a/", "/v/1", "a slash at the end says nothing"),
    ("nfs://lif/a/sub/dir", "/v/1/sub/dir", "a folder inside the volume"),
    ("nfs://lif/a/b/sub", "/v/2/sub", "a volume mounted below another one"),
    ("nfs://lif/ab", None, "another name with the same beginning"),
    ("nfs://lif/other", None, "the SVM's root volume holds no data"),
]


@pytest.mark.parametrize(("url", "place", "because"), PLACES, ids=[row[2] for row in PLACES])
def test_a_url_finds_its_directory(url: str, place: str | None, because: str) -> None:
    if place is None:
        with pytest.raises(LabFailure):
            directory_of(url, EXPORTS)
    else:
        assert directory_of(url, EXPORTS) == Path(place), because


def test_seeded_means_that_the_installer_was_there(lab: Lab, tmp_path: Path) -> None:
    """Asked of a store of no volume yet, of an empty one, after a builtin template, after the system's."""
    assert not ssvm.seeded("nfs://10.0.0.1/elsewhere", "KVM", lab.emulator)
    assert not ssvm.seeded(URL, "KVM", lab.emulator)
    ssvm.stage(template_folder(lab.volume, 4), CENTOS)
    assert not ssvm.seeded(URL, "KVM", lab.emulator)
    ssvm.stage(template_folder(lab.volume, 3), KVM)
    assert ssvm.seeded(URL, "KVM", lab.emulator)


def test_the_template_of_one_hypervisor_is_none_for_another(lab: Lab) -> None:
    """XenServer hosts start nothing from KVM's file, and a hypervisor without a system template never has one."""
    ssvm.stage(template_folder(lab.volume, 3), KVM)
    asked = ("KVM", "XenServer", "VMware", "None")
    assert [each for each in asked if ssvm.seeded(URL, each, lab.emulator)] == ["KVM"]


def test_volumes_are_looked_up_afresh(lab: Lab, tmp_path: Path) -> None:
    """The lab's ontap folder beside the emulator's is asked when no `exports` names another; its list comes later."""
    (lab.emulator / "exports").unlink()
    ssvm.stage(template_folder(lab.volume, 3), KVM)
    assert not ssvm.seeded(URL, "KVM", lab.emulator)
    (tmp_path / "ontap").mkdir()
    (tmp_path / "ontap/exports.json").write_text(json.dumps({"/staging-z1": str(lab.volume)}))
    assert ssvm.seeded(URL, "KVM", lab.emulator)


def _hook(what: Callable[..., Any], directory: Path) -> Callable[..., Any]:
    return lambda *asked: what(*asked, directory)


@pytest.mark.parametrize("era", ["modern", "legacy"])
def test_a_zone_that_comes_up_fills_swift(
    lab: Lab, swift: RunningSwift, account: Connection, era: str
) -> None:
    """The whole way, from Swift's add over a seeded staging volume to the containers, in both eras."""
    ssvm.stage(template_folder(lab.volume, 3), KVM)
    name, _, user = swift.user.partition(":")
    hooks: dict[str, Any] = {
        "on_ssvm": _hook(ssvm.deliver, lab.emulator),
        "template_seeded": _hook(ssvm.seeded, lab.emulator),
    }
    access = {"account": name, "username": user, "key": swift.key}
    with running(lab.emulator, era=era, **hooks) as cloud:
        if era == "legacy":
            cloud.ask("updateConfiguration", name="swift.enable", value="true")
            cloud.ask("addSwift", url=swift.auth_url, **access)
        else:
            details = {
                f"details[{index}].{part}": text
                for index, (key, value) in enumerate(access.items())
                for part, text in (("key", key), ("value", value))
            }
            cloud.ask("addImageStore", provider="Swift", name="sw1", url=swift.auth_url, **details)
        enable(cloud, whole_zone(cloud).id)
        for _ in range(6):
            cloud.advance(20)
        assert cloud.state()["ssvm_error"] is None
    assert [each["name"] for each in account.get_account()[1]] == ["T-3", "T-4"]
    lines = account.get_object("T-4", "template.properties")[1].decode().splitlines()
    assert (len(lines) == 4) == (era == "modern")
