"""A Pulumi project folder of its own, with its own stack file and state, that runs this checkout's program and provider."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
LINKED = ("__main__.py", "components", "strata", "schemas", "provider", ".lab")
PASSPHRASE = "strata-lab"


@dataclass(frozen=True)
class Ran:
    """What a command printed and how it ended."""

    command: str
    code: int
    output: str

    def __str__(self) -> str:
        return f"$ {self.command}\n{self.output}\n(exit {self.code})"


@dataclass(frozen=True)
class Started:
    """A command that is running."""

    command: str
    process: subprocess.Popen[str]

    def end(self, timeout: float = 60, expect: int | None = None) -> Ran:
        """Wait until it is over."""
        output, _ = self.process.communicate(timeout=timeout)
        ran = Ran(self.command, self.process.returncode, output)
        assert expect is None or ran.code == expect, f"expected exit {expect}\n{ran}"
        return ran

    def interrupt(self) -> None:
        """What Ctrl-C sends, to the command alone."""
        self.process.send_signal(signal.SIGINT)

    def kill(self) -> None:
        """End it at once with everything that it started in its process group."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)

    def sweep(self) -> None:
        """End what a killed engine leaves behind in its session: the language host does not notice that it is gone."""
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError, ProcessLookupError):
                session = (folder / "stat").read_text().rpartition(")")[2].split()[3]
                if int(session) == self.process.pid:
                    os.kill(int(folder.name), signal.SIGKILL)


@dataclass
class Project:
    """One environment: `folder` holds Pulumi.yaml, stacks/ and the state; `stack` is its only stack."""

    folder: Path
    stack: str = "lab"
    environ: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def make(cls, folder: Path, stack_text: str, environ: Mapping[str, str] | None = None) -> Project:
        """A new folder that links this checkout's parts and holds `stack_text` as its stack file."""
        folder.mkdir(parents=True, exist_ok=True)
        for name in LINKED:
            (folder / name).symlink_to(ROOT / name)
        (folder / "Pulumi.yaml").write_text((ROOT / "Pulumi.yaml").read_text())
        (folder / "stacks").mkdir()
        (folder / ".state").mkdir()
        project = cls(folder, environ=environ or {})
        project.write(stack_text)
        project.pulumi("stack", "init", project.stack)
        return project

    @property
    def stack_file(self) -> Path:
        return self.folder / "stacks" / f"Pulumi.{self.stack}.yaml"

    def write(self, text: str) -> None:
        """Replace the stack file."""
        self.stack_file.write_text(text)

    def edit(self, old: str, new: str) -> None:
        """Change the stack file; `old` has to be there."""
        text = self.stack_file.read_text()
        assert old in text, f"{old!r} is not in the stack file:\n{text}"
        self.write(text.replace(old, new))

    def run(self, *command: str, expect: int | None = 0, timeout: float = 300) -> Ran:
        """Run a command in the folder as an operator with the activated environment would."""
        started = self.start(*command)
        try:
            return started.end(timeout, expect)
        except subprocess.TimeoutExpired:
            started.kill()
            raise

    def start(self, *command: str) -> Started:
        """Begin a command and go on; it has a process group and signals as a terminal would give them, also where these tests run
        behind `nohup` or `&`, which have the interrupt ignored."""
        bin = Path(sys.executable).parent
        environ = {
            **os.environ,
            "PATH": f"{bin}{os.pathsep}{os.environ['PATH']}",
            "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_BACKEND_URL": f"file://{self.folder}/.state",
            "NO_COLOR": "1",
            **self.environ,
        }
        process = subprocess.Popen(
            ("env", "--default-signal", *command),
            cwd=self.folder,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        return Started(" ".join(command), process)

    def pulumi(self, *arguments: str, expect: int | None = 0, timeout: float = 300) -> Ran:
        """`pulumi … --non-interactive --color never`."""
        return self.run(
            "pulumi", *arguments, "--non-interactive", "--color", "never", expect=expect, timeout=timeout
        )

    def up(self, *arguments: str, expect: int | None = 0) -> Ran:
        return self.pulumi("up", "--yes", "--skip-preview", "--diff", *arguments, expect=expect)

    def preview(self, *arguments: str, expect: int | None = 0) -> Ran:
        return self.pulumi("preview", "--diff", *arguments, expect=expect)

    def drift(self, *arguments: str, expect: int | None = 7) -> Ran:
        """What CI runs: exit 0 when nothing has moved, 7 when something has."""
        return self.preview("--refresh", "--expect-no-changes", *arguments, expect=expect)

    def destroy(self, *arguments: str, expect: int | None = 0) -> Ran:
        return self.pulumi("destroy", "--yes", "--skip-preview", *arguments, expect=expect)

    def resources(self) -> list[dict[str, Any]]:
        """The resources of the state, as its file holds them: what an export would print, without a run of the engine."""
        (file,) = (self.folder / ".state" / ".pulumi" / "stacks").glob(f"*/{self.stack}.json")
        found: list[dict[str, Any]] = json.loads(file.read_text())["checkpoint"]["latest"].get(
            "resources", []
        )
        return found

    def resource(self, token: str) -> dict[str, Any]:
        """The only resource of a kind."""
        (found,) = [resource for resource in self.resources() if resource["type"] == token]
        return found

    def forget(self, token: str) -> None:
        """Drop the only resource of a kind from the state; what depends on it stays and no longer says so."""
        urn = self.resource(token)["urn"]
        exported = json.loads(self.pulumi("stack", "export").output)
        resources = [one for one in exported["deployment"]["resources"] if one["urn"] != urn]
        for one in resources:
            one["dependencies"] = [other for other in one.get("dependencies", []) if other != urn]
            by_property = one.get("propertyDependencies") or {}
            one["propertyDependencies"] = {
                key: [other for other in urns or [] if other != urn] for key, urns in by_property.items()
            }
        exported["deployment"]["resources"] = resources
        file = self.folder / "exported.json"
        file.write_text(json.dumps(exported))
        self.pulumi("stack", "import", "--file", str(file))
        file.unlink()
