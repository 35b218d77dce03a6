"""The workflows' own steps, run here with the real engine: what a night and a pull request say, and how their jobs end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.engine.site import STACK, Site
from tests.acceptance.engine.test_drift import patch
from tests.acceptance.engine.workflow import Finished, Runner
from tests.acceptance.project import PASSPHRASE, ROOT, Project

pytestmark = pytest.mark.acceptance

REPORTS = ["drift.json", "drift.md", "drift.sarif", "drift.xml"]
GROWN = 64424509440


def runner(site: Site, **contexts: str) -> Runner:
    """A runner with the repository's variables and the secrets of the stack `lab`; its `strata` is this checkout's."""
    folder = site.project.folder
    if not (folder / "tools").exists():
        (folder / "tools").symlink_to(ROOT / "tools")
    if not (folder / "bin").exists():
        command = folder / "bin" / "strata"
        command.parent.mkdir()
        command.write_text('#!/bin/sh\nexec python -m strata.cli.main "$@"\n')
        command.chmod(0o755)
    given = {
        "matrix.stack": "lab",
        "vars.STRATA_STACKS": "lab",
        "secrets.PULUMI_BACKEND_URL": f"file://{folder}/.state",
        "secrets.PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
    }
    site.project.environ = {"PATH": _path(folder / "bin")}
    return Runner(site.project, given | contexts)


def _path(first: Path) -> str:
    return os.pathsep.join([str(first), str(Path(sys.executable).parent), os.environ["PATH"]])


def night(site: Site, **contexts: str) -> Finished:
    return runner(site, **contexts).job("drift", "drift")


def written(site: Site) -> list[str]:
    return sorted(file.name for file in (site.project.folder / "reports").glob("drift.*"))


def report(site: Site, name: str = "drift.json") -> dict[str, Any]:
    (stack,) = json.loads((site.project.folder / "reports" / name).read_text())["stacks"]
    return dict(stack)


def test_the_nights_of_a_stack(site: Site) -> None:
    """As declared, drifted, drifted still, not told: the code of the job, its reports, and since when."""
    site.project.up()
    good = night(site)
    assert (good.code, good.outputs, written(site)) == (0, {"code": "0"}, REPORTS), good.log
    assert "1 as declared" in good.summary

    patch(site, size=GROWN)
    drifted = night(site)
    assert (drifted.code, drifted.outputs, written(site)) == (7, {"code": "7"}, REPORTS), drifted.log
    assert "| `ontap:Volume/images` | `size` | `50GiB` | `60GiB` | both |" in drifted.summary
    (first,) = report(site)["findings"]

    assert night(site).code == 7
    (second,) = report(site)["findings"]
    assert second["since"] == first["since"], "the second night knows since when"

    port = (site.project.folder / "port").read_text()
    (site.project.folder / "port").write_text("1\n")
    down = night(site)
    assert (down.code, down.outputs, written(site)) == (1, {"code": "1"}, REPORTS), down.log
    assert "cluster01 at 127.0.0.1:1 cannot be reached" in down.summary
    assert report(site, "earlier.json")["status"] == "drifted", "a night that could not tell is not kept"

    (site.project.folder / "port").write_text(port)
    assert night(site).code == 7
    (third,) = report(site)["findings"]
    assert third["since"] == first["since"], "nor does it forget"


def test_a_night_without_its_secrets_could_not_tell(site: Site) -> None:
    """What the stack lacks is a job that fails; nothing of the machine it runs on stands in for it."""
    site.project.up()
    wrong = night(site, **{"secrets.PULUMI_CONFIG_PASSPHRASE": "another"})
    assert (wrong.code, written(site)) == (1, REPORTS), wrong.log
    assert "incorrect passphrase" in wrong.summary
    empty = night(site, **{"secrets.PULUMI_BACKEND_URL": f"file://{site.project.folder}/reports"})
    assert empty.code == 1
    assert "never brought up" in empty.summary


def test_a_stack_that_is_not_there_leaves_no_report_of_another_night(site: Site) -> None:
    site.project.up()
    night(site)
    lost = night(site, **{"matrix.stack": "osaka"})
    assert (lost.code, lost.outputs, written(site)) == (2, {"code": "2"}, []), lost.log
    assert "osaka could not be told" in lost.summary


def test_credentials_reach_the_stack_by_the_names_in_its_file(site: Site) -> None:
    site.project.edit("password: {file: password}", "password: {env: CLUSTER01_PASSWORD}")
    packed = json.dumps({"CLUSTER01_PASSWORD": site.ontap.password})
    assert runner(site, **{"secrets.STRATA_CREDENTIALS": packed}).job("preview", "preview").code == 0
    without = runner(site).job("preview", "preview")
    assert without.code != 0
    assert "CLUSTER01_PASSWORD" in without.summary
    assert site.ontap.password not in without.log


def test_a_pull_request_is_validated_and_previewed(site: Site) -> None:
    site.project.up()
    site.project.edit("size: 50GiB", "size: 60GiB")
    validated = runner(site).job("preview", "validate")
    assert (validated.code, validated.outputs) == (0, {"stacks": '["lab"]'}), validated.log
    shown = runner(site).job("preview", "preview")
    assert shown.code == 0, shown.log
    assert shown.summary.startswith("#### lab: ~ 1 to update\n")
    assert "60GiB" in shown.summary
    assert shown.summary == (site.project.folder / "reports" / "preview.md").read_text()
    assert site.volume()["size"] != GROWN, "a preview changes nothing"

    site.project.edit("junctionPath:", "junctionPth:")
    refused = runner(site).job("preview", "validate")
    assert (refused.code, refused.ran) == (2, ("Validate every stack file",))
    assert "stacks/Pulumi.lab.yaml:" in refused.summary


def test_a_preview_that_fails_says_why_in_the_comment(site: Site) -> None:
    site.project.edit("aggregate: aggr1", "aggregate: nowhere")
    failed = runner(site).job("preview", "preview")
    assert failed.code != 0
    assert failed.summary.startswith("#### lab: the preview failed\n")
    assert "nowhere" in failed.summary


def test_a_new_environment_is_all_new_and_its_state_is_not_begun(site: Site) -> None:
    site.project.pulumi("stack", "rm", "lab", "--yes", "--preserve-config")
    new = runner(site).job("preview", "preview")
    assert new.code == 0, new.log
    assert "It was never brought up" in new.summary
    assert new.summary.startswith("#### lab: + 4 to create\n")
    assert not list((site.project.folder / ".state" / ".pulumi" / "stacks").glob("*/lab.json"))


def test_a_clean_clone_has_all_that_the_steps_need(site: Site, tmp_path: Path) -> None:
    """What is committed, nothing else of this folder: every script is there and may be run."""
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "-q", "--depth", "1", f"file://{ROOT}", str(clone)], check=True)
    there = Site(site.ontap, Project(clone))
    there.project.write(STACK)
    there.point()
    (clone / ".state").mkdir()
    there.project.pulumi("stack", "init", "lab")
    validated = runner(there).job("preview", "validate")
    assert validated.code == 0, validated.log
    there.project.up()
    patch(there, size=GROWN)
    drifted = night(there)
    assert (drifted.code, written(there)) == (7, REPORTS), drifted.log
