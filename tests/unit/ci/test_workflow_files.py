"""The workflow files are of the shape that GitHub and GitLab publish, and keep to what their jobs may do."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from strata.drift.formats.as_json import VERSION

ROOT = Path(__file__).resolve().parents[3]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
GITLAB = ROOT / "docs" / "ci" / "gitlab-ci.yml"


def jobs(file: Path) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = yaml.safe_load(file.read_text())["jobs"]
    return found


def check(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The schemas are part of the package; nothing is fetched."""
    command = [sys.executable, "-m", "check_jsonschema", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def gitlab(file: Path) -> subprocess.CompletedProcess[str]:
    return check("--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci", str(file))


def test_the_workflows_are_by_their_schema() -> None:
    assert [file.name for file in WORKFLOWS] == ["drift.yml", "preview.yml"]
    told = check("--builtin-schema", "vendor.github-workflows", *map(str, WORKFLOWS))
    assert told.returncode == 0, told.stdout


def test_the_gitlab_example_is_by_its_schema() -> None:
    told = gitlab(GITLAB)
    assert told.returncode == 0, told.stdout


def test_the_schemas_refuse_what_is_wrong(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yml"
    wrong.write_text(WORKFLOWS[0].read_text().replace("runs-on:", "runs-upon:"))
    assert check("--builtin-schema", "vendor.github-workflows", str(wrong)).returncode == 1
    wrong.write_text(GITLAB.read_text().replace("expire_in:", "expires:"))
    assert gitlab(wrong).returncode == 1


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_a_job_may_do_little_and_not_for_ever(file: Path) -> None:
    document = yaml.safe_load(file.read_text())
    assert document["permissions"] == {}, "a job says what it needs"
    for name, job in jobs(file).items():
        writes = {right for right, level in job["permissions"].items() if level == "write"}
        assert writes <= {"drift": {"security-events"}, "comment": {"pull-requests"}}.get(name, set()), name
        assert job["timeout-minutes"] <= 60, name
        credentials = "secrets." in yaml.safe_dump(job)
        assert not (credentials and "pull-requests" in writes), "who may write knows no password"
        for step in job["steps"]:
            uses = step.get("uses", "actions/run@v1")
            assert re.fullmatch(r"(actions|github)/[a-z/-]+@v\d+", uses), f"{uses}: a major version is named"
            if uses.startswith("actions/checkout"):
                assert step["with"]["persist-credentials"] is False


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_no_value_is_written_into_a_script(file: Path) -> None:
    """The name of a stack or a branch could be a command."""
    scripts = [step.get("run", "") for job in jobs(file).values() for step in job["steps"]]
    assert not [script for script in scripts if "${{" in script]


def test_a_strangers_pull_request_never_meets_the_credentials() -> None:
    for name, job in jobs(ROOT / ".github" / "workflows" / "preview.yml").items():
        if "secrets." in yaml.safe_dump(job):
            assert "head.repo.full_name == github.repository" in job["if"], name


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_what_was_built_is_kept_whatever_the_job_says_later(file: Path) -> None:
    """The cache's own last step runs only where all went well, which a night with drift does not."""
    for name, job in jobs(file).items():
        steps = job["steps"]
        assert not [step for step in steps if str(step.get("uses", "")).startswith("actions/cache@")], name
        names = [step.get("name") for step in steps]
        if "Set up Strata" in names:
            at = names.index("Set up Strata")
            restore, save = steps[at - 1], steps[at + 1]
            assert restore["uses"].startswith("actions/cache/restore@")
            assert save["uses"].startswith("actions/cache/save@")
            assert save["with"]["path"] == restore["with"]["path"]
            # Set-up leaves compiled files beside its sources: the key would be another one.
            assert save["with"]["key"] == "${{ steps.cache.outputs.cache-primary-key }}"


@pytest.mark.parametrize("step", ["Keep the report for tomorrow", "Show them in code scanning"])
def test_a_night_that_could_not_tell_takes_no_ones_place(step: str) -> None:
    """An alert that is not in a later report counts as fixed."""
    steps = jobs(ROOT / ".github" / "workflows" / "drift.yml")["drift"]["steps"]
    (found,) = [one for one in steps if one.get("name") == step]
    assert "(steps.drift.outputs.code == '0' || steps.drift.outputs.code == '7')" in found["if"]


def test_a_report_of_another_version_is_no_earlier_one() -> None:
    """It would be refused, night after night, as long as the cache gives it."""
    for file in (ROOT / ".github" / "workflows" / "drift.yml", GITLAB):
        assert set(re.findall(r"\bdrift-v(\d+)-", file.read_text())) == {str(VERSION)}, file.name


def test_no_stack_gets_the_earlier_report_of_one_whose_name_begins_like_its_own() -> None:
    """A cache is found by the beginning of its key: `drift-v1-tokyo-` is one of tokyo-2 as well."""
    text = (ROOT / ".github" / "workflows" / "drift.yml").read_text()
    behind = re.findall(r"drift-v1-\$\{\{ matrix\.stack \}\}(.)", text)
    assert len(behind) == 3
    assert not [one for one in behind if re.match(r"[A-Za-z0-9._-]", one)], "what no stack's name has"


def test_gitlab_keeps_it_too() -> None:
    document = yaml.safe_load(GITLAB.read_text())
    caches = [document["default"]["cache"], *document["drift"]["cache"]]
    assert [cache["when"] for cache in caches] == ["always"] * 3


def test_a_push_that_is_not_valid_has_its_comment_too() -> None:
    """Else the one of the push before goes on saying what this pull request would change."""
    job = jobs(ROOT / ".github" / "workflows" / "preview.yml")["comment"]
    assert set(job["needs"]) == {"validate", "preview"}
    assert "result" not in job["if"]
    assert "head.repo.full_name == github.repository" in job["if"], "a fork's job may not write"


def test_every_script_that_is_named_is_there() -> None:
    text = "".join(file.read_text() for file in [*WORKFLOWS, GITLAB])
    named = set(re.findall(r"tools/ci/[a-z_]+\.(?:sh|py)", text))
    assert {"tools/ci/drift.sh", "tools/ci/preview.sh"} <= named
    assert [name for name in named if not (ROOT / name).is_file()] == []


def test_gitlab_runs_what_github_runs() -> None:
    github = {
        step["run"]
        for file in WORKFLOWS
        for job in jobs(file).values()
        for step in job["steps"]
        if "run" in step
    }
    document = yaml.safe_load(GITLAB.read_text())
    for job in ("validate", "preview", "drift"):
        assert set(document[job]["script"]) <= github
    assert set(document["default"]["before_script"]) <= github
