"""A Pulumi program of commands, and a host to run them on: an SSH server in this process with real shells.

Which plugin is under test is decided by what is there, as for every operator: `pulumi-resource-command` on PATH, else the
one in the engine's folder. To run these tests with the official plugin, where it can be had:

    pulumi plugin install resource command 1.2.1 && make setup && make test-unit

(set-up takes the stand-in away as soon as the engine has the official one), or with one at hand: put it first on PATH.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncssh

from tests.acceptance.project import Project

PROGRAM = '''\
"""The resources of resources.json."""

import json
from pathlib import Path

import pulumi
from pulumi_command import local, remote

KINDS = {"local": local.Command, "remote": remote.Command, "copy": remote.CopyToRemote}
for name, (kind, args, options) in json.loads(Path("resources.json").read_text()).items():
    if "source" in args:
        args["source"] = pulumi.FileArchive(args["source"]) if Path(args["source"]).is_dir() else pulumi.FileAsset(args["source"])
    for key in options.pop("secret", []):
        args[key] = pulumi.Output.secret(args[key])
    made = KINDS[kind](name, **args, opts=pulumi.ResourceOptions(**options))
    if kind != "copy":
        pulumi.export(name, {"stdout": made.stdout, "stderr": made.stderr})
    if "asset_paths" in args:
        pulumi.export(f"{name} assets", made.assets.apply(lambda found: sorted(found)))
ran = json.loads(Path("run.json").read_text()) if Path("run.json").exists() else None
if ran:
    pulumi.export("run", local.run_output(**ran).stdout)
'''


@dataclass(frozen=True)
class Commands:
    """The program's folder; `declare` writes what the next run finds."""

    project: Project

    @classmethod
    def make(cls, folder: Path) -> Commands:
        """A new stack with nothing in it."""
        folder.mkdir()
        (folder / ".state").mkdir()
        (folder / "Pulumi.yaml").write_text("name: commands\nruntime: python\n")
        (folder / "__main__.py").write_text(PROGRAM)
        commands = cls(Project(folder, stack="test"))
        commands.declare()
        commands.project.pulumi("stack", "init", "test")
        return commands

    def declare(self, **resources: tuple[Any, ...]) -> None:
        """name=(kind, arguments) or name=(kind, arguments, options)."""
        rows = {name: [*row, {}][:3] for name, row in resources.items()}
        (self.project.folder / "resources.json").write_text(json.dumps(rows))

    def state(self, name: str) -> dict[str, Any]:
        """The resource of that name, as exported: secrets are sealed."""
        (found,) = [each for each in self.project.resources() if each["urn"].endswith(f"::{name}")]
        return found

    def outputs(self) -> dict[str, Any]:
        """What the program exports."""
        printed = self.project.pulumi("stack", "output", "--json", "--show-secrets").output
        found: dict[str, Any] = json.loads(printed)
        return found

    def changes(self, name: str) -> tuple[str, dict[str, str]]:
        """What a preview would do with a resource: the operation, and the kind of each property's change."""
        shown = json.loads(self.project.pulumi("preview", "--json").output)
        (step,) = [each for each in shown["steps"] if each["urn"].endswith(f"::{name}")]
        kinds = {path: each["kind"] for path, each in (step.get("detailedDiff") or {}).items()}
        return step["op"], kinds


@dataclass
class SshHost:
    """A host of its own: `port`, its `host_key`, the `user_key` that opens it, and every command that it was given."""

    port: int
    host_key: str
    user_key: str
    commands: list[str] = field(default_factory=list)
    accepts: tuple[str, ...] = ("LANG", "PULUMI_COMMAND_STDOUT")

    def connection(self, **others: Any) -> dict[str, Any]:
        """The arguments that reach it as a careful operator declares them."""
        return {
            "host": "127.0.0.1",
            "port": self.port,
            "user": "operator",
            "private_key": self.user_key,
            "host_key": self.host_key,
            **others,
        }

    async def serve(self, process: asyncssh.SSHServerProcess[bytes]) -> None:
        """Run the command in a real shell."""
        command = process.command or ""
        given = {name: value for name, value in process.env.items() if name in self.accepts}
        if command != "env":  # the stand-in's question which variables have arrived
            self.commands.append(command)
        pipe = asyncio.subprocess.PIPE
        shell = await asyncio.create_subprocess_exec(
            "/bin/sh",
            "-c",
            command,
            stdin=pipe,
            stdout=pipe,
            stderr=pipe,
            env={"PATH": os.environ["PATH"], **given},
        )
        stdout, stderr = await shell.communicate(await process.stdin.read())
        process.stdout.write(stdout)
        process.stderr.write(stderr)
        process.exit(shell.returncode or 0)


class _Door(asyncssh.SSHServer):
    """Lets the one user in, with the one key."""

    def __init__(self, key: asyncssh.SSHKey) -> None:
        self._key = key

    def begin_auth(self, username: str) -> bool:
        return True

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        return username == "operator" and key.public_data == self._key.public_data

    def connection_requested(self, dest_host: str, dest_port: int, orig_host: str, orig_port: int) -> bool:
        return True  # a bastion host's work


@contextlib.contextmanager
def ssh_host() -> Iterator[SshHost]:
    """A running host, on the loopback."""
    host_key, user_key = (asyncssh.generate_private_key("ssh-ed25519") for _ in range(2))
    host = SshHost(0, host_key.export_public_key().decode().strip(), user_key.export_private_key().decode())
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def start() -> asyncssh.SSHAcceptor:
        return await asyncssh.create_server(
            lambda: _Door(user_key),
            "127.0.0.1",
            0,
            server_host_keys=[host_key],
            process_factory=host.serve,
            sftp_factory=True,
            encoding=None,
        )

    server = asyncio.run_coroutine_threadsafe(start(), loop).result(10)
    host.port = server.get_port()
    try:
        yield host
    finally:
        loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
