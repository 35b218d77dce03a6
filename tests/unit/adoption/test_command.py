"""`strata adopt` as an operator calls it: what it prints, what it writes, and how it ends."""

from __future__ import annotations

import json

import pytest
import yaml

from lab.ontap.testing import RunningOntap
from strata.cli.main import main
from tests.unit.adoption import by_hand
from tests.unit.adoption.conftest import Site

pytestmark = pytest.mark.usefixtures("project")


@pytest.fixture
def project(site: Site, cluster: RunningOntap) -> None:
    """A project with a cluster that has one volume to adopt, and one that can't be."""
    (site.folder / "Pulumi.yaml").write_text("name: strata\nruntime: python\n")
    by_hand.volume(cluster, "images")
    uuid = by_hand.volume(cluster, "dark")
    by_hand.ontap(cluster, "PATCH", f"/storage/volumes/{uuid}", {"state": "offline"})
    site.write()
    site.file.write_text("# of Tokyo\n" + site.file.read_text() + "# the end\n")


def test_without_write_it_prints_and_changes_nothing(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    before = site.file.read_bytes()
    assert main(["adopt", "found"]) == 0
    said = capsys.readouterr()
    assert site.file.read_bytes() == before
    assert "      images:\n        svm: demo-nfs-svm\n" in said.out
    assert (
        "# strata adopt left out: volume dark of SVM demo-nfs-svm on cluster01: its online is False"
        in said.out
    )
    assert "left out: volume dark" in said.err
    assert "passed over: 1 of the systems' own objects" in said.err
    assert sorted(one.name for one in site.folder.glob("*.json")) == []


def test_write_keeps_what_stands_there(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    before = site.file.read_text().removesuffix("# the end\n")
    site.file.chmod(0o640)
    assert main(["adopt", "found", "--write"]) == 0
    now = site.file.read_text()
    assert now.startswith(before)
    assert "\n# the end\n" in now
    assert site.file.stat().st_mode & 0o777 == 0o640
    imports = json.loads((site.folder / "import.found.json").read_text())
    assert [one["type"] for one in imports["resources"]] == [
        "strata:components:OntapVolume",
        "strata:ontap:Volume",
    ]
    assert "pulumi import --file import.found.json --stack found" in capsys.readouterr().err
    assert main(["validate", "found"]) == 0
    assert main(["adopt", "found", "--write"]) == 0
    assert site.file.read_text() == now, "a second time there is nothing to add, notes included"


def test_an_import_file_that_was_not_imported_yet_is_added_to(
    site: Site, cluster: RunningOntap, capsys: pytest.CaptureFixture[str]
) -> None:
    """A look that is repeated when a system is back, or after something more was made by hand."""
    assert main(["adopt", "found", "--write"]) == 0
    first = json.loads((site.folder / "import.found.json").read_text())["resources"]
    by_hand.volume(cluster, "later")
    capsys.readouterr()
    assert main(["adopt", "found", "--write"]) == 0
    both = json.loads((site.folder / "import.found.json").read_text())["resources"]
    assert both[: len(first)] == first
    assert [one["name"] for one in both if "id" in one] == ["images", "later"]
    assert "1 resources and 1 that an earlier look had found" in capsys.readouterr().err


def test_without_write_the_import_file_is_of_this_look_alone(site: Site) -> None:
    file = site.folder / "found.json"
    file.write_text(json.dumps({"resources": [{"type": "strata:ontap:Volume", "name": "gone", "id": "x"}]}))
    assert main(["adopt", "found", "--import-file", "found.json"]) == 0
    assert "gone" not in file.read_text(), "its entry is nowhere"


@pytest.mark.parametrize("content", ["config: {}\n", '{"resources": ["x"]}', "[]", '{"resources": 1}'])
def test_a_file_of_another_kind_is_not_overwritten(
    content: str, site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    other = site.folder / "stacks" / "base.yaml"
    other.write_text(content)
    assert main(["adopt", "found", "--write", "--import-file", "stacks/base.yaml"]) == 2
    assert "stacks/base.yaml is there already and is no import file" in capsys.readouterr().err
    assert other.read_text() == content


def test_lines_end_as_they_did(site: Site) -> None:
    site.file.write_bytes(site.file.read_bytes().replace(b"\n", b"\r\n"))
    before = site.file.read_bytes().removesuffix(b"# the end\r\n")
    assert main(["adopt", "found", "--write"]) == 0
    now = site.file.read_bytes()
    assert now.startswith(before)
    assert now.count(b"\n") == now.count(b"\r\n")


def test_into_another_file(site: Site) -> None:
    before = site.file.read_bytes()
    assert main(["adopt", "found", "--output", "found.yaml", "--import-file", "found.json"]) == 0
    assert site.file.read_bytes() == before
    assert "images:" in (site.folder / "found.yaml").read_text()
    assert (site.folder / "found.json").exists()


def test_what_could_not_be_looked_at_ends_with_1(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    site.sections["strata:ontap"]["clusters"]["cluster01"]["port"] = 1
    site.write()
    assert main(["adopt", "found"]) == 1
    assert "could not tell:" in capsys.readouterr().err


def test_a_stack_file_that_is_wrong_ends_with_2(site: Site) -> None:
    site.file.write_text("config:\n  strata:ontap: {volumes: {x: {}}}\n")
    assert main(["adopt", "found", "--write"]) == 2
    assert not (site.folder / "import.found.json").exists()


def test_only_one_system(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["adopt", "found", "--only", "swift"]) == 0
    assert "volumes:" not in capsys.readouterr().out


def test_a_base_is_looked_into_and_not_touched(site: Site) -> None:
    base = site.folder / "stacks" / "base.yaml"
    base.write_text(
        "config:\n  strata:ontap:\n    volumes:\n      theirs:\n        name: images\n"
        "        svm: demo-nfs-svm\n        aggregate: aggr1\n        size: 1GiB\n"
    )
    text = site.file.read_text().replace("config:\n", "config:\n  strata:extends: base.yaml\n")
    site.file.write_text(text)
    before = base.read_bytes()
    assert main(["adopt", "found", "--write"]) == 0
    assert base.read_bytes() == before
    assert "images:" not in site.file.read_text(), "the base declares that volume already"


def test_what_another_stack_declares_is_left_to_it(
    site: Site, cluster: RunningOntap, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two stacks that own one volume would each undo what the other does, and one's destroy is the other's loss."""
    by_hand.policy(cluster, "shared", by_hand.rule())
    for name in ("theirs", "ours"):
        uuid = by_hand.volume(cluster, name)
        by_hand.ontap(
            cluster, "PATCH", f"/storage/volumes/{uuid}", {"nas": {"export_policy": {"name": "shared"}}}
        )
    clusters = site.sections["strata:ontap"]["clusters"]
    volume = {"svm": "demo-nfs-svm", "aggregate": "aggr1", "size": "1GiB", "name": "theirs"}
    policy = {"svm": "demo-nfs-svm", "rules": [{"clients": ["10.0.0.0/8"]}]}
    section = {
        "clusters": clusters,
        "exportPolicies": {"shared": policy},
        "volumes": {"x": {**volume, "exportPolicy": "shared"}},
    }
    other = site.folder / "stacks" / "Pulumi.other.yaml"
    other.write_text(yaml.safe_dump({"config": {"strata:ontap": section}}))
    (site.folder / "stacks" / "Pulumi.broken.yaml").write_text("config: [")

    assert main(["adopt", "found", "--write"]) == 0

    told = capsys.readouterr().err
    assert "left out: volume theirs of SVM demo-nfs-svm on cluster01: stack other declares it" in told
    assert "The stack file of broken can't be read" in told
    volumes = yaml.safe_load(site.file.read_text())["config"]["strata:ontap"]["volumes"]
    assert sorted(volumes) == ["images", "ours"]
    assert volumes["ours"]["exportPolicy"] == {"existing": "shared"}
