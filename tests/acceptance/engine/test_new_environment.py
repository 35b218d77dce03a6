"""A new environment after the model of the site's, typed at a terminal, and it works at once."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.acceptance.engine.site import Site
from tests.acceptance.project import PASSPHRASE, Project

pytestmark = pytest.mark.acceptance

PASSWORD = "strata:ontap.clusters.cluster01.password"
QUESTIONS = ("]: ", "  : ")
SECRET = "at once: "


def typed(project: Project, secret: str, *command: str) -> tuple[int, str]:
    """Run a command at a terminal that answers Enter to every question, and `secret` where nothing is shown."""
    ours, its = pty.openpty()
    environ = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(project.folder),
        "PULUMI_CONFIG_PASSPHRASE": f"{PASSPHRASE} of another",
        "PULUMI_BACKEND_URL": f"file://{project.folder}/.state",
    }
    process = subprocess.Popen(
        command, cwd=project.folder, env=environ, stdin=its, stdout=its, stderr=its, close_fds=True
    )
    os.close(its)
    shown, answered = "", 0
    while True:
        ready, _, _ = select.select([ours], [], [], 60)
        assert ready, f"it asks what nobody answers:\n{shown}"
        try:
            shown += os.read(ours, 65536).decode()
        except OSError:
            break
        if len(shown) > answered and shown.endswith((*QUESTIONS, SECRET)):
            os.write(ours, (f"{secret}\n" if shown.endswith(SECRET) else "\n").encode())
            answered = len(shown) + 2
    os.close(ours)
    return process.wait(60), shown


def test_a_new_environment_works_at_once(site: Site) -> None:
    project = site.project
    project.pulumi("config", "set", "--secret", "--path", PASSWORD, "the model's own")
    model = project.stack_file.read_text()
    command = (sys.executable, "-m", "strata.cli.main", "new", "prod", "--from", "lab")
    code, shown = typed(
        project, site.ontap.password, *command, "--set", "strata:ontap.volumes.images.name=prod"
    )
    assert code == 0, shown
    assert site.ontap.password not in shown
    assert project.stack_file.read_text() == model, "the model is as it was"

    other = replace(project, stack="prod", environ={"PULUMI_CONFIG_PASSPHRASE": f"{PASSPHRASE} of another"})
    made = other.stack_file.read_text()
    assert site.ontap.password not in made
    assert "secure: " in made
    other.pulumi("stack", "select", "prod")
    other.up()
    assert site.volume()["name"] == "prod"
    other.destroy()

    code, shown = typed(project, "x", *command)
    assert code == 2
    assert "stacks/Pulumi.prod.yaml is there already" in shown
    assert other.stack_file.read_text() == made
