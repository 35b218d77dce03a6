"""A job's own commands, taken from its workflow file and run as a runner would: one after the other, until one fails."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from tests.acceptance.project import ROOT, Project, Ran

SET_UP = ("Install what set-up begins with", "Set up Strata")
"""What the machine of a test has already."""
EXPRESSION = re.compile(r"\$\{\{ *(.*?) *\}\}")


@dataclass(frozen=True)
class Finished:
    """How a job ended: the code of its last command, the outputs of its steps and its summary."""

    code: int
    log: str
    summary: str
    outputs: Mapping[str, str]
    ran: tuple[str, ...]


@dataclass(frozen=True)
class Runner:
    """What runs jobs in the folder of a project.

    contexts   values by expression: `matrix.stack`, `secrets.PULUMI_BACKEND_URL`; what is not there is empty, as at GitHub
    """

    project: Project
    contexts: Mapping[str, str] = field(default_factory=dict)

    def job(self, workflow: str, name: str) -> Finished:
        """Run the commands of `.github/workflows/WORKFLOW.yml`, job NAME."""
        folder = self.project.folder
        summary, outputs = folder / "summary.md", folder / "outputs"
        log: list[str] = []
        ran: list[str] = []
        code = 0
        for file in (summary, outputs):
            file.write_text("")
        for step in steps(workflow, name):
            if "run" not in step or step["name"] in SET_UP:
                continue
            done = self._step(step)
            ran.append(step["name"])
            log.append(str(done))
            if code := done.code:
                break
        values = dict(line.split("=", 1) for line in outputs.read_text().splitlines())
        return Finished(code, "\n".join(log), summary.read_text(), values, tuple(ran))

    def _step(self, step: Mapping[str, Any]) -> Ran:
        folder = self.project.folder
        given = {name: self.value(str(text)) for name, text in step.get("env", {}).items()}
        given |= {"GITHUB_STEP_SUMMARY": f"{folder}/summary.md", "GITHUB_OUTPUT": f"{folder}/outputs"}
        assert "${{" not in step["run"], (
            f"{step['name']}: values come by the environment, not into the script"
        )
        settings = [f"{name}={value}" for name, value in given.items()]
        # The project's own environment would hide one that the workflow forgets; `env` comes after it.
        without = ["-u", "PULUMI_CONFIG_PASSPHRASE", "-u", "PULUMI_BACKEND_URL"]
        return self.project.run(
            "env", *without, *settings, "bash", "-eo", "pipefail", "-c", step["run"], expect=None
        )

    def value(self, text: str) -> str:
        """`text` with its expressions replaced; of `a || b` the first that is not empty."""

        def first(found: re.Match[str]) -> str:
            values = (self._operand(one.strip()) for one in found[1].split("||"))
            return next((one for one in values if one), "")

        return EXPRESSION.sub(first, text)

    def _operand(self, text: str) -> str:
        return shlex.split(text)[0] if text.startswith("'") else self.contexts.get(text, "")


def steps(workflow: str, job: str) -> list[dict[str, Any]]:
    """The steps of a job, as the file has them."""
    document = yaml.safe_load((ROOT / ".github" / "workflows" / f"{workflow}.yml").read_text())
    found: list[dict[str, Any]] = document["jobs"][job]["steps"]
    return found
