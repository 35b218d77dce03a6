"""A password in the stack file is found nowhere else."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from lab.environment import Lab
from tests.acceptance.environment import Environment
from tests.acceptance.project import Project

pytestmark = pytest.mark.acceptance


def test_a_canary_password_is_found_nowhere(
    environment: Environment, lab: Lab, other: Project, tmp_path: Path
) -> None:
    password = (lab.folder.ontap / "password").read_text().strip()
    key = "".join((lab.folder.path / "host" / "key").read_text().splitlines()[2:3])
    assert len(password) >= 16
    assert len(key) >= 30
    _encrypt(other, lab, password)
    assert password not in other.stack_file.read_text()
    seen = {"stack file": other.stack_file.read_text()}
    watch = _Processes(environment)
    with watch:
        # A volume and a mount of their own, so that every kind of call is made.
        seen["preview"] = other.preview("--save-plan", str(tmp_path / "plan.json")).output
        seen["plan"] = (tmp_path / "plan.json").read_text()
        seen["up"] = other.up().output
        seen["preview as JSON"] = other.pulumi("preview", "--json", "--refresh").output
        seen["verify"] = other.run("strata", "validate", "lab").output
        seen["failed run"] = _failed_run(other)
        seen["exported state"] = other.pulumi("stack", "export").output
        seen["config"] = other.pulumi("config").output
        seen["destroy"] = other.destroy().output
    seen["processes of the guest"] = watch.seen
    seen["state folder"] = "".join(
        file.read_text(errors="replace") for file in _files(other.folder / ".state")
    )
    with lab.ontap() as client:
        seen["journal"] = client.get("/_lab/journal").text
    seen["log of the guest"] = environment.host("journalctl --no-pager -b | tail -n 5000")
    assert "ssh" in watch.seen, "the list of processes is empty, so it proves nothing"
    for where, text in seen.items():
        assert text, f"nothing was looked at in the {where}"
        assert password not in text, f"the ONTAP password stands in the {where}"
        assert key not in text, f"the SSH key stands in the {where}"


def test_a_password_from_a_file_is_not_even_in_the_engines_most_verbose_log(
    environment: Environment, lab: Lab
) -> None:
    password = (lab.folder.ontap / "password").read_text().strip()
    log = environment.project.preview("--logtostderr", "--logflow", "-v=11").output
    assert "Configure" in log, "the log is not verbose, so it proves nothing"
    assert password not in log


def _encrypt(project: Project, lab: Lab, password: str) -> None:
    """Put the secrets into the stack file as an operator does, and declare objects that nobody else has."""
    project.edit(f"password: {{file: .lab/{lab.name}/ontap/password}}", "password: {secure: later}")
    project.edit("      images:\n        cluster", "      canary:\n        cluster")
    project.edit("volume: images", "volume: canary")
    project.edit("junctionPath: /images", "junctionPath: /canary")
    project.edit("path: /glance/images", "path: /srv/canary")
    project.write(project.stack_file.read_text().split("  strata:glance:")[0])
    (project.folder / "password").write_text(password)
    command = f"pulumi config set --secret --path 'strata:ontap.clusters.cluster01.password' --stack {project.stack} < password"
    project.run("sh", "-c", command)
    (project.folder / "password").unlink()


def _failed_run(project: Project) -> str:
    text = project.stack_file.read_text()
    project.edit("aggregate: aggr1", "aggregate: aggr9")
    project.edit("      canary:", "      nowhere:")
    project.edit("volume: canary", "volume: nowhere")
    output = project.up(expect=None).output
    project.write(text)
    return output


def _files(folder: Path) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file()]


class _Processes:
    """Collects the argument lists and environments of the guest's processes while it is entered."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self.seen = ""

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        files = "/proc/[0-9]*/cmdline /proc/[0-9]*/environ"
        look = f"for i in $(seq 20); do cat {files} 2>/dev/null | tr '\\0' ' '; sleep 0.1; done; true"
        while not self._over.is_set():
            self.seen += self._environment.lab.ssh(look).output
