"""Objects that are there already: never touched unasked, taken over when asked, given back as they were."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lab.environment import Lab
from tests.acceptance.environment import Environment
from tests.acceptance.project import Project

pytestmark = pytest.mark.acceptance

FOREIGN = {
    "name": "legacy",
    "svm": {"name": "demo-nfs-svm"},
    "aggregates": [{"name": "aggr1"}],
    "size": 1024**3,
    "comment": "made by hand",
    "nas": {"path": "/legacy"},
}

STACK = """
config:
  strata:ontap:
    clusters:
      cluster01:
        hostname: {{file: .lab/{lab}/ontap/address}}
        port: {{file: .lab/{lab}/ontap/port}}
        username: admin
        password: {{file: .lab/{lab}/ontap/password}}
        caFile: .lab/{lab}/ontap/ca.pem
    volumes:
      legacy: {{svm: demo-nfs-svm, aggregate: aggr1, size: 2GiB, junctionPath: /legacy, protect: false, comment: ours{extra}}}
"""


@pytest.fixture
def foreign(environment: Environment) -> Iterator[str]:
    """A volume that another administrator made; its UUID."""
    environment.ontap("POST", "/api/storage/volumes", json=FOREIGN)
    with environment.lab.ontap() as client:
        (record,) = client.get("/api/storage/volumes", params={"name": "legacy"}).json()["records"]
    yield record["uuid"]
    with environment.lab.ontap() as client:
        client.delete(
            f"/api/storage/volumes/{record['uuid']}", params={"force": "true", "return_timeout": 15}
        )


def test_a_volume_that_is_not_ours_stops_up_before_any_write(
    environment: Environment, foreign: str, lab: Lab, other: Project
) -> None:
    other.write(STACK.format(lab=lab.name, extra=""))
    with environment.no_ontap_writes():
        for ran in (other.preview(expect=None), other.up(expect=None)):
            assert ran.code != 0
            assert "pulumi import strata:ontap:Volume legacy cluster01/demo-nfs-svm/legacy" in ran.output
            assert "adopt: true" in ran.output


def test_with_adopt_it_is_taken_over(
    environment: Environment, foreign: str, lab: Lab, other: Project
) -> None:
    other.write(STACK.format(lab=lab.name, extra=", adopt: true"))
    other.up()
    with environment.lab.ontap() as client:
        fields = {"fields": "size,comment,nas.path"}
        taken = client.get(f"/api/storage/volumes/{foreign}", params=fields).json()
    assert taken["size"] == 2 * 1024**3
    assert taken["comment"].startswith("ours"), taken["comment"]
    other.drift(expect=0)
    other.destroy()


def test_the_import_line_of_the_message_works(
    environment: Environment, foreign: str, lab: Lab, other: Project
) -> None:
    stack = (
        STACK.format(lab=lab.name, extra="")
        .replace("2GiB", "1GiB")
        .replace("comment: ours", "comment: made by hand")
    )
    other.write(stack)
    message = other.preview(expect=None).output
    line = next(line.strip() for line in message.splitlines() if line.strip().startswith("pulumi import"))
    with environment.no_ontap_writes():
        other.pulumi(*line.split()[1:], "--yes", "--generate-code=false", "--protect=false")
        # The first `up` only records the component that the volume belongs to.
        assert "updated" not in other.up().output
        other.preview("--expect-no-changes")
