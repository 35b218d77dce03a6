"""The line of the stack file that a finding is about."""

from __future__ import annotations

from pathlib import Path

import pytest

from strata.drift.declaring import Declarations
from strata.drift.finding import Change, Finding, Net, Place

STACK = """\
config:
  strata:ontap:
    exportPolicies:
      shared: {svm: s, rules: []}
    volumes:
      images:
        size: 50GiB
        exportPolicy:
          rules:
            - {clients: [10.0.0.0/8]}
  strata:mounts:
    glance-images:
      options: [defaults]
  strata:cloudstack:
    endpoint: http://c
    zones:
      zone1:
        dns: [8.8.8.8]
        pods:
          pod1:
            endIp: 10.0.0.9
            storageIpRange: {endIp: 10.1.0.9}
            clusters:
              kvm:
                hosts:
                  kvm1: {address: 10.0.0.1}
"""

BASED = """\
config:
  strata:extends: base.yaml
  strata:ontap:
    volumes:
      images: {junctionPath: /images}
"""


def place(
    project: Path, kind: str, name: str, path: str = "", change: Change = Change.CHANGED
) -> Place | None:
    urn = f"urn:pulumi:lab::strata::strata:components:Part${kind}::{name}"
    file = project / "stacks" / "Pulumi.lab.yaml"
    return Declarations.of(file, project).place(Finding(urn, change, Net.UP, path))


def write(project: Path, **files: str) -> Path:
    (project / "stacks").mkdir()
    for name, text in files.items():
        (project / "stacks" / f"{name.replace('_', '.')}.yaml").write_text(text)
    return project


CASES = [
    ("strata:ontap:Volume", "images", "size", 7, "a property of the resource"),
    (
        "strata:ontap:Volume",
        "images",
        "autosize.mode",
        6,
        "a property that is not declared lies with its resource",
    ),
    (
        "strata:ontap:ExportPolicy",
        "images",
        "rules[0].clients",
        10,
        "a volume's own policy lies in the volume",
    ),
    ("strata:ontap:ExportPolicy", "shared", "rules", 4, "a shared policy by its key"),
    (
        "strata:host:Mount",
        "glance-images-tkstack",
        "options",
        13,
        "a mount is named after its key and its host",
    ),
    ("strata:cloudstack:Zone", "zone1", "dns[0]", 18, "an item of a list"),
    (
        "strata:cloudstack:Host",
        "zone1-pod1-kvm-kvm1",
        "address",
        26,
        "a name of several keys, from the zone on",
    ),
    (
        "strata:cloudstack:StorageIpRange",
        "zone1-pod1-storage",
        "endIp",
        22,
        "a name that ends in the beginning of a key",
    ),
    ("strata:cloudstack:Pod", "zone1-pod1", "endIp", 21, "the pod's own, not its range's"),
    ("strata:cloudstack:ImageStore", "object-store", "readOnly", 14, "no key of that name: the section"),
    ("command:remote:Command", "zone1-template", "create", 17, "a hook of CloudStack's"),
]


@pytest.mark.parametrize(("kind", "name", "path", "line", "because"), CASES)
def test_the_line(kind: str, name: str, path: str, line: int, because: str, tmp_path: Path) -> None:
    found = place(write(tmp_path, Pulumi_lab=STACK), kind, name, path)
    assert found == Place("stacks/Pulumi.lab.yaml", line), because


def test_what_a_base_declares_lies_in_the_base(tmp_path: Path) -> None:
    write(tmp_path, Pulumi_lab=BASED, base=STACK)
    assert place(tmp_path, "strata:ontap:Volume", "images", "size") == Place("stacks/base.yaml", 7)
    assert place(tmp_path, "strata:ontap:Volume", "images", "junctionPath") == Place(
        "stacks/Pulumi.lab.yaml", 5
    )


def test_what_is_declared_nowhere_has_no_line(tmp_path: Path) -> None:
    write(tmp_path, Pulumi_lab=STACK)
    assert place(tmp_path, "strata:ontap:Volume", "old", change=Change.UNDECLARED) is None
    assert place(tmp_path, "strata:swift:Account", "cloudstack") is None


def test_a_file_that_is_no_yaml_has_no_lines(tmp_path: Path) -> None:
    write(tmp_path, Pulumi_lab="config: {")
    assert place(tmp_path, "strata:ontap:Volume", "images") is None
