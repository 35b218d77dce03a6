"""The host client against a real SSH server and shell."""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path

import asyncssh
import pytest

from strata.clients import host_script
from strata.clients.host import CommandFailed, FileChanged
from strata.deadline import Deadline
from strata.errors import Failed, TimedOut, Unreachable
from tests.lifecycle.host.fake_host import FakeHost


async def test_a_script_and_its_input_travel_by_standard_input(host: FakeHost) -> None:
    printed = await host.client().run("echo canary; cat", input=b"more canary\n\xff", doing="looking")
    assert printed == b"canary\nmore canary\n\xff"
    assert "canary" not in "".join(host.commands)


async def test_a_failing_script_says_what_for_and_why(host: FakeHost) -> None:
    with pytest.raises(CommandFailed) as caught:
        await host.client().run("echo first >&2; echo last >&2; false; echo never", doing="making tea")
    assert str(caught.value) == "Making tea on host tkstack failed with exit code 1: last"


async def test_a_sudo_user_and_one_who_may_not(host: FakeHost) -> None:
    client = host.client(user="operator")
    assert await client.run("echo yes", doing="looking") == b"yes\n"
    assert host.commands[0].startswith("sudo -n -- sh -c ")
    host.state(sudo=False)
    with pytest.raises(
        Failed,
        match=r"User operator may not use sudo without a password on host tkstack \(a password is required\)",
    ):
        await client.run("echo yes", doing="looking")


async def test_another_host_key_is_refused_with_both_fingerprints(host: FakeHost) -> None:
    other = asyncssh.generate_private_key("ssh-ed25519")
    with pytest.raises(Failed) as caught:
        await host.client(host_key=other.export_public_key().decode()).run("true", doing="looking")
    assert not isinstance(caught.value, Unreachable)
    assert other.get_fingerprint() in str(caught.value)
    assert host.host_key.get_fingerprint() in str(caught.value)
    assert not host.commands


async def test_another_sort_of_host_key_is_refused(host: FakeHost) -> None:
    other = asyncssh.generate_private_key("ecdsa-sha2-nistp256")
    with pytest.raises(Failed, match="no host key of the expected sort"):
        await host.client(host_key=other.export_public_key().decode()).run("true", doing="looking")


async def test_a_refused_key_names_the_user_and_never_the_key(host: FakeHost) -> None:
    other = asyncssh.generate_private_key("ssh-ed25519").export_private_key().decode()
    with pytest.raises(Failed, match=r"refused the key of user root") as caught:
        await host.client(private_key=other).run("true", doing="looking")
    assert other.splitlines()[1] not in str(caught.value)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"private_key": "canary"}, "The privateKey of host tkstack cannot be used"),
        ({"host_key": "ssh-ed25519 nonsense"}, "The hostKey of host tkstack is not an OpenSSH public key"),
    ],
)
async def test_keys_that_are_none(host: FakeHost, change: dict[str, str], words: str) -> None:
    with pytest.raises(Failed, match=words) as caught:
        await host.client(**change).run("true", doing="looking")
    assert "canary" not in str(caught.value)


async def test_nobody_there_is_unreachable(host: FakeHost) -> None:
    host.port = 1
    with pytest.raises(Unreachable, match=r"Host tkstack \(root@127.0.0.1:1\) could not be reached by SSH"):
        await host.client().run("true", doing="looking")


async def test_reading_is_repeated_after_a_lost_connection(host: FakeHost) -> None:
    client = host.client()
    host.drop_after = 1
    assert await client.read("echo there", doing="looking") == b"there\n"
    assert len(host.commands) == 2


async def test_a_write_is_not_handed_over_twice(host: FakeHost) -> None:
    client = host.client()
    host.drop_after = 1
    with pytest.raises(Unreachable, match="was lost"):
        await client.run("echo x >>/tmp/count", doing="writing")
    await client.run("echo x >>/tmp/count", doing="writing")
    assert host.path("/tmp/count").read_text() == "x\n"


async def test_one_connection_serves_many_at_once(host: FakeHost) -> None:
    client = host.client()
    printed = await asyncio.gather(*(client.run(f"echo {n}", doing="looking") for n in range(12)))
    assert printed == [f"{n}\n".encode() for n in range(12)]


async def test_the_deadline_ends_the_waiting(host: FakeHost) -> None:
    with pytest.raises(TimedOut, match=r"Waiting on host tkstack was not over after 0.5 s"):
        await host.client().run("sleep 20", doing="waiting", deadline=Deadline(0.5))


async def test_replace_keeps_mode_owner_and_link_and_the_first_backup(host: FakeHost) -> None:
    client, conf = host.client(), host.path("/etc/glance/glance-api.conf")
    before = conf.read_bytes()
    host.path("/etc/link.conf").symlink_to("glance/glance-api.conf")
    host.sh("setfattr -n user.note -v kept /etc/glance/glance-api.conf 2>/dev/null || true")
    file = await client.read_file("/etc/link.conf")
    assert file is not None
    assert (file.path, file.mode, file.owner, file.group) == (
        "/etc/glance/glance-api.conf",
        "0640",
        "root",
        "glance",
    )
    await client.replace_file("/etc/link.conf", file.sha256, b"one\r\n", "editing")
    assert host.path("/etc/link.conf").is_symlink()
    assert conf.read_bytes() == b"one\r\n"
    assert (conf.stat().st_mode & 0o7777, conf.stat().st_gid) == (0o640, 64062)
    await client.edit_file("/etc/link.conf", lambda content: content + b"two", "editing")
    backup = host.path("/etc/glance/glance-api.conf.strata-backup")
    assert backup.read_bytes() == before
    assert (backup.stat().st_mode & 0o7777, backup.stat().st_gid) == (0o640, 64062)
    assert sorted(one.name for one in conf.parent.iterdir()) == [
        "glance-api.conf",
        "glance-api.conf.strata-backup",
    ]


async def test_a_file_that_somebody_changed_meanwhile_is_left_alone(host: FakeHost) -> None:
    client, conf = host.client(), host.path("/etc/fstab")
    file = await client.read_file("/etc/fstab")
    assert file is not None
    conf.write_text("theirs\n")
    with pytest.raises(FileChanged, match="was changed by somebody else"):
        await client.replace_file("/etc/fstab", file.sha256, b"ours\n", "editing")
    assert conf.read_text() == "theirs\n"
    assert sorted(one.name for one in conf.parent.iterdir() if "strata" in one.name) == []


async def test_an_edit_is_repeated_on_what_somebody_wrote_meanwhile(host: FakeHost) -> None:
    conf, turns = host.path("/etc/fstab"), []

    def edit(content: bytes) -> bytes:
        turns.append(content)
        if len(turns) == 1:
            conf.write_text("theirs\n")
        return content + b"ours\n"

    assert await host.client().edit_file("/etc/fstab", edit, "editing")
    assert conf.read_text() == "theirs\nours\n"


async def test_an_edit_that_changes_nothing_writes_nothing(host: FakeHost) -> None:
    before = host.path("/etc/fstab").stat()
    assert not await host.client().edit_file("/etc/fstab", lambda content: content, "editing")
    assert host.path("/etc/fstab").stat() == before


async def test_content_that_arrives_cut_off_changes_nothing(host: FakeHost) -> None:
    script = host_script.REPLACE_FILE.format(path="/etc/fstab", old="none", new="0" * 64, backup="yes")
    with pytest.raises(CommandFailed, match="did not arrive whole"):
        await host.client().run(script, input=b"half", doing="editing")
    assert "half" not in host.path("/etc/fstab").read_text()


def test_a_script_cut_off_runs_no_part_of_itself(tmp_path: Path) -> None:
    line, stdin = host_script.command(f"touch {tmp_path}/ran", sudo=False)
    cut = subprocess.run(["sh", "-c", line], input=stdin[: -len(b"\n}\n")], capture_output=True)
    assert cut.returncode != 0
    assert not (tmp_path / "ran").exists()
    assert subprocess.run(["sh", "-c", line], input=stdin).returncode == 0
    assert (tmp_path / "ran").exists()
