"""What stands in a file that the stack file extends reaches the program and the provider alike, with and without a program."""

from __future__ import annotations

import pytest

from tests.acceptance.engine.site import POLICY_TOKEN, STACK, VOLUME_TOKEN, Site

pytestmark = pytest.mark.acceptance

SALT = STACK[: STACK.index("config:")]
BASE = STACK[STACK.index("config:") :].replace("port: {file: port}", "port: 1\n        verifyTls: true")
PASSWORD = "strata:ontap.clusters.cluster01.password"
OWN = f"""\
{SALT}config:
  strata:extends: [nothing.yaml, base.yaml]
  strata:ontap:
    clusters: {{cluster01: {{port: {{file: port}}, verifyTls: null}}}}
    volumes: {{images: {{size: 60GiB}}}}
"""


@pytest.fixture
def split(site: Site) -> Site:
    """The site, its stack file in two: the base names the cluster and the volume, the stack's own a port and a size."""
    stacks = site.project.folder / "stacks"
    (stacks / "base.yaml").write_text(BASE)
    (stacks / "nothing.yaml").write_text("config: {}\n")
    site.project.write(OWN)
    return site


def test_the_whole_life_of_a_stack_in_two_files(split: Site) -> None:
    split.project.up()
    assert split.volume()["size"] == 60 * 2**30, "the program has the base's volume with the stack's own size"
    split.project.preview("--expect-no-changes")
    split.project.drift(expect=0)
    # Without the program the engine knows the provider's configuration from the state alone.
    split.project.destroy()
    assert split.volumes() == []


def test_an_import_runs_no_program_and_finds_the_cluster_of_the_base(split: Site) -> None:
    split.project.up()
    imported = {token: split.project.resource(token)["id"] for token in (POLICY_TOKEN, VOLUME_TOKEN)}
    for token in (VOLUME_TOKEN, POLICY_TOKEN):
        split.project.forget(token)
    ran = split.project.pulumi(
        "import",
        POLICY_TOKEN,
        "images",
        imported[POLICY_TOKEN],
        "--yes",
        "--generate-code=false",
        "--protect=false",
    )
    assert split.project.resource(POLICY_TOKEN)["id"] == imported[POLICY_TOKEN], ran
    split.project.up()


def test_a_secret_of_the_stack_goes_over_a_reference_of_the_base(split: Site) -> None:
    (split.project.folder / "password").write_text("the password of nobody\n")
    split.project.pulumi("config", "set", "--secret", "--path", PASSWORD, split.ontap.password)
    ran = split.project.up()
    assert split.volume()["size"] == 60 * 2**30
    kept = "".join(path.read_text() for path in (split.project.folder / ".state").rglob("*.json*"))
    assert split.ontap.password not in kept + ran.output


def test_a_base_that_is_gone_is_said_before_anything_is_done(split: Site) -> None:
    (split.project.folder / "stacks" / "base.yaml").unlink()
    sentence = "config.strata:extends[1]: there is no file stacks/base.yaml."
    assert sentence in split.project.preview(expect=1).output
    ran = split.project.pulumi("import", POLICY_TOKEN, "images", "cluster01/1", "--yes", expect=1)
    assert sentence in ran.output.replace(f"{split.project.folder}/", ""), (
        "no program has looked before the provider"
    )
