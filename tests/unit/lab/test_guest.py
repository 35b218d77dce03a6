"""The guest's command line, its seed disk, and the lists its packages come from."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest

from lab.addresses import GUESTS
from lab.failures import LabFailure
from lab.folder import Folder
from lab.guest import recipe
from lab.guest.image import Image, apt_sources
from lab.guest.keys import new_key_pair, write_seed
from lab.guest.machine import Ports, command_line
from lab.ports import free_port

PORTS = Ports(ssh=2201, glance=9201, nfs=12049, management=9280, records=9281)
SECOND = Ports(ssh=2201, glance=9201, nfs=12049)


def network(guest: int = 0) -> str:
    words = list(command_line(GUESTS[guest], Image(Path("/cache/x")), SECOND if guest else PORTS))
    return words[words.index("-netdev") + 1]


def test_nothing_but_nfs_and_the_way_to_the_records_leaves_the_guest() -> None:
    assert "restrict=on" in network().split(",")
    assert network().count("guestfwd=") == 2
    relayed = "cmd:socat -,,nodelay TCP:127.0.0.1:{},,bind=127.0.208.20,,nodelay"
    assert f"guestfwd=tcp:10.130.208.55:2049-{relayed.format(12049)}" in network()
    assert f"guestfwd=tcp:10.130.208.60:8080-{relayed.format(9281)}" in network()


def test_only_the_first_guest_is_a_management_server() -> None:
    assert network(1).count("guestfwd=") == 1
    assert ":8080" not in network(1)


def test_the_guests_services_listen_on_the_loopback_only() -> None:
    forwards = [each for each in network().split(",") if each.startswith("hostfwd=")]
    assert forwards == [
        "hostfwd=tcp:127.0.0.1:2201-10.130.208.20:22",
        "hostfwd=tcp:127.0.0.1:9201-10.130.208.20:9292",
        "hostfwd=tcp:127.0.0.1:9280-10.130.208.20:8080",
    ]


def test_the_nfs_server_can_tell_guests_apart() -> None:
    assert "TCP:127.0.0.1:12049,,bind=127.0.208.21," in network(1)


def test_emulation_unless_told_otherwise() -> None:
    plain = command_line(GUESTS[0], Image(Path("/cache/x")), PORTS)
    assert "kvm" not in plain
    assert "kvm" in command_line(GUESTS[0], Image(Path("/cache/x")), PORTS, kvm=True)


def test_the_seed_disk_brings_the_keys(tmp_path: Path) -> None:
    host, user = new_key_pair("tkstack"), new_key_pair("lab")
    write_seed(tmp_path / "seed.tar", GUESTS[0], GUESTS, host, user.public)
    with tarfile.open(tmp_path / "seed.tar") as archive:
        entries = {each.name: each for each in archive}
        authorized = archive.extractfile("root/.ssh/authorized_keys")
        assert authorized is not None
        assert authorized.read().decode() == user.public
    assert entries["etc/ssh/ssh_host_ed25519_key"].mode == 0o600
    assert entries["home/operator/.ssh/authorized_keys"].uid == 1000
    assert (tmp_path / "seed.tar").stat().st_size % 512 == 0, "a disk has whole sectors"
    assert user.private not in (tmp_path / "seed.tar").read_bytes().decode("latin-1")


def test_the_password_of_the_records_makes_the_management_server(tmp_path: Path) -> None:
    for password in (None, "word"):
        write_seed(tmp_path / "seed.tar", GUESTS[0], GUESTS, new_key_pair("host"), "", password)
        with tarfile.open(tmp_path / "seed.tar") as archive:
            found = [each for each in archive if each.name.endswith("db.properties")]
            assert bool(found) is (password is not None)
    assert found[0].mode == 0o600, "the password is root's"


def test_the_programs_are_put_into_the_image_as_they_stand() -> None:
    """What the shell makes of the script is the file, with all its quotes; and a change of it makes another image."""
    for path, _mode, name in recipe.PROGRAMS:
        text = (Path(recipe.__file__).with_name("programs") / name).read_text()
        assert f"\"$root/{path}\" <<'END-OF-PROGRAM'\n{text}END-OF-PROGRAM" in recipe.setup_script()


def test_the_image_holds_no_key() -> None:
    assert "rm -f" in recipe.setup_script()
    assert "ssh_host_*" in recipe.setup_script()
    assert "PRIVATE KEY" not in recipe.setup_script()


STANZA = "Types: deb\n# a note\nURIs: http://mirror.example/debian\nSuites: {}\nComponents: {}\n"


@pytest.mark.parametrize(
    ("name", "text", "taken", "because"),
    [
        ("debian.sources", STANZA.format("bookworm bookworm-updates", "main"), True, "Debian's own form"),
        (
            "security.sources",
            STANZA.format("bookworm-security", "main contrib"),
            True,
            "a suite with a suffix",
        ),
        ("node.sources", STANZA.format("nodistro", "main"), False, "another vendor's suite"),
        ("docker.sources", STANZA.format("bookworm", "stable"), False, "another vendor's component"),
        ("old.list", "deb http://mirror.example/debian bookworm main\n", True, "the old form"),
        (
            "signed.list",
            "deb [signed-by=/k.gpg] http://m.example/debian bookworm main\n",
            True,
            "with options",
        ),
        ("off.list", "# deb http://mirror.example/debian bookworm main\n", False, "commented out"),
        (
            "cloud.list",
            "deb https://mirror.example/apt cloud-sdk-bookworm main\n",
            False,
            "only looks like it",
        ),
        ("debian.sources.bak", STANZA.format("bookworm", "main"), False, "apt does not read it either"),
    ],
)
def test_apt_sources(tmp_path: Path, name: str, text: str, taken: bool, because: str) -> None:
    lists = tmp_path / "sources.list.d"
    lists.mkdir()
    (lists / name).write_text(text)
    assert apt_sources(tmp_path, "bookworm") == ([lists / name] if taken else []), because


def test_a_former_port_is_taken_again_when_it_is_free() -> None:
    port = free_port()
    assert free_port(port) == port


@pytest.mark.parametrize("name", ["../x", "Lab", "", "cache", "a" * 40])
def test_a_lab_cannot_be_called_so(name: str, tmp_path: Path) -> None:
    with pytest.raises(LabFailure, match="cannot be called"):
        Folder(name, tmp_path)
