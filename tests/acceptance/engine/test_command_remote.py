"""`command.remote.Command` and `CopyToRemote` through the real engine, against an SSH server in this process."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import asyncssh
import pytest

from tests.acceptance.engine.command_site import Commands, SshHost, ssh_host


@pytest.fixture
def commands(tmp_path: Path) -> Commands:
    return Commands.make(tmp_path / "project")


@pytest.fixture
def host() -> Iterator[SshHost]:
    with ssh_host() as host:
        yield host


def test_life_of_a_remote_command(commands: Commands, host: SshHost) -> None:
    args = {"connection": host.connection(), "create": "echo one", "delete": "echo bye"}
    commands.declare(c=("remote", args))
    commands.project.up()
    assert commands.outputs()["c"] == {"stdout": "one", "stderr": ""}
    assert re.fullmatch(r"c[0-9a-f]{8}", commands.state("c")["id"])
    commands.project.preview("--expect-no-changes")
    commands.declare(
        c=("remote", {**args, "create": "echo two", "update": "echo now $PULUMI_COMMAND_STDOUT"})
    )
    assert commands.changes("c") == ("update", {"create": "update", "update": "add"})
    commands.project.up()
    assert commands.outputs()["c"]["stdout"] == "now one"
    commands.project.destroy()
    assert host.commands == ["echo one", "echo now $PULUMI_COMMAND_STDOUT", "echo bye"]


def test_connection_is_sealed_and_its_defaults_are_kept(commands: Commands, host: SshHost) -> None:
    commands.declare(c=("remote", {"connection": host.connection(), "create": "echo one"}))
    ran = commands.project.up()
    exported = commands.project.pulumi("stack", "export")
    key = host.user_key.splitlines()[1]
    assert key not in ran.output + exported.output
    assert "ciphertext" in commands.state("c")["inputs"]["connection"]
    assert "ciphertext" in commands.state("c")["outputs"]["connection"]
    assert key not in "".join(
        file.read_text() for file in (commands.project.folder / ".state").rglob("*.json")
    )


def test_changed_connection_is_one_change_whose_content_is_not_shown(
    commands: Commands, host: SshHost
) -> None:
    commands.declare(c=("remote", {"connection": host.connection(), "create": "echo one"}))
    commands.project.up()
    commands.declare(c=("remote", {"connection": host.connection(per_dial_timeout=7), "create": "echo one"}))
    assert commands.changes("c") == ("update", {"connection": "update"})


def test_failing_command_is_a_failed_resource_with_status_and_words(
    commands: Commands, host: SshHost
) -> None:
    args = {"connection": host.connection(), "create": "echo why >&2; exit 5"}
    commands.declare(c=("remote", args))
    failed = commands.project.up(expect=1).output
    assert "status 5" in failed
    assert "why" in failed
    assert host.user_key.splitlines()[1] not in failed


def test_stdin_and_environment_reach_the_command(commands: Commands, host: SshHost) -> None:
    args = {
        "connection": host.connection(),
        "create": "cat; echo $LANG",
        "stdin": "in ",
        "environment": {"LANG": "C"},
    }
    commands.declare(c=("remote", args))
    commands.project.up()
    assert commands.outputs()["c"]["stdout"] == "in C"


def test_other_host_key_than_declared_is_refused(commands: Commands, host: SshHost) -> None:
    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode().strip()
    connection = host.connection(host_key=other, dial_error_limit=0)
    commands.declare(c=("remote", {"connection": connection, "create": "echo one"}))
    assert "key" in commands.project.up(expect=1).output
    assert host.commands == []


def test_dialling_ends_at_the_limit(commands: Commands, host: SshHost) -> None:
    connection = host.connection(user="nobody", dial_error_limit=1)
    commands.declare(c=("remote", {"connection": connection, "create": "echo one"}))
    failed = commands.project.up(expect=1).output
    assert "failed attempts" in failed
    assert host.commands == []


def test_file_is_copied_and_again_when_its_content_has_changed(
    commands: Commands, host: SshHost, tmp_path: Path
) -> None:
    source, target = tmp_path / "source.txt", tmp_path / "target.txt"
    source.write_text("one")
    args = {"connection": host.connection(), "source": str(source), "remote_path": str(target)}
    commands.declare(f=("copy", args))
    commands.project.up()
    assert target.read_text() == "one"
    assert re.fullmatch(r"[0-9a-f]{8}", commands.state("f")["id"])
    commands.project.preview("--expect-no-changes")
    source.write_text("two")
    op, changes = commands.changes("f")
    assert (op, list(changes)) == ("update", ["source"])
    commands.project.up()
    assert target.read_text() == "two"
    commands.project.destroy()
    assert target.exists()


def test_folder_is_copied_by_its_name_into_the_target(
    commands: Commands, host: SshHost, tmp_path: Path
) -> None:
    source, target = tmp_path / "folder", tmp_path / "target"
    (source / "sub").mkdir(parents=True)
    (source / "sub" / "file").write_text("deep")
    args = {"connection": host.connection(), "source": str(source), "remote_path": str(target)}
    commands.declare(f=("copy", args))
    commands.project.up()
    assert (target / "folder" / "sub" / "file").read_text() == "deep"
