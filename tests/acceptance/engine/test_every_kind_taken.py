"""Scenario 8: the name is somebody else's. Refused before any write, with the line that imports it; taken over with `adopt`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

import pytest
import yaml

from tests.acceptance.engine.every_kind_site import TOKENS, EveryKind, kind_of, label
from tests.acceptance.engine.strangers import BACK, FOREIGN, NEVER_FOREIGN
from tests.acceptance.engine.test_drift_of_every_property import look

pytestmark = pytest.mark.acceptance

ADOPTABLE = (
    ("strata:ontap", "volumes", "*"),
    ("strata:ontap", "volumes", "*", "exportPolicy"),
    ("strata:mounts", "*"),
    ("strata:glance", "store"),
    ("strata:swift", "accounts", "*"),
    ("strata:swift", "accounts", "*", "containers", "*"),
    ("strata:cloudstack", "objectStore"),
    ("strata:cloudstack", "zones", "*"),
    ("strata:cloudstack", "zones", "*", "physicalNetworks", "*"),
    ("strata:cloudstack", "zones", "*", "publicIpRanges", "*"),
    ("strata:cloudstack", "zones", "*", "guestNetwork"),
    ("strata:cloudstack", "zones", "*", "pods", "*"),
    ("strata:cloudstack", "zones", "*", "pods", "*", "storageIpRange"),
    ("strata:cloudstack", "zones", "*", "pods", "*", "clusters", "*"),
    ("strata:cloudstack", "zones", "*", "pods", "*", "clusters", "*", "hosts", "*"),
    ("strata:cloudstack", "zones", "*", "pods", "*", "clusters", "*", "primaryStorage", "*"),
)
"""Where `adopt: true` may stand in the stack file."""


def places(tree: Any, path: tuple[str, ...]) -> Iterable[dict[str, Any]]:
    """The mappings at a path; `*` is every key."""
    if not path:
        yield tree
        return
    for key in list(tree) if path[0] == "*" else [path[0]]:
        if key in tree:
            yield from places(tree[key], path[1:])


def adopting(text: str) -> str:
    """The stack file that takes over whatever is there."""
    document = yaml.safe_load(text)
    for path in ADOPTABLE:
        for place in places(document["config"], path):
            place["adopt"] = True
    return yaml.safe_dump(document, sort_keys=False)


def levels(resources: Mapping[str, dict[str, Any]]) -> list[set[str]]:
    """What FOREIGN names, in sets of resources that do not wait for each other."""
    names = {one["urn"]: name for name, one in resources.items()}

    def depth(name: str) -> int:
        before = [names[urn] for urn in resources[name].get("dependencies", []) if urn in names]
        return max((depth(one) for one in before), default=0) + (name in FOREIGN)

    found: dict[int, set[str]] = {}
    for name in FOREIGN:
        found.setdefault(depth(name), set()).add(name)
    return [found[number] for number in sorted(found)]


def without(deployment: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """The state without these resources, which then nothing depends on."""
    gone = {
        one["urn"] for one in deployment["deployment"]["resources"] if one["custom"] and label(one) in names
    }
    kept = []
    for one in deployment["deployment"]["resources"]:
        if one["urn"] not in gone:
            by_property = one.get("propertyDependencies") or {}
            kept.append(
                {
                    **one,
                    "dependencies": [other for other in one.get("dependencies", []) if other not in gone],
                    "propertyDependencies": {
                        key: [other for other in others or [] if other not in gone]
                        for key, others in by_property.items()
                    },
                }
            )
    return {**deployment, "deployment": {**deployment["deployment"], "resources": kept}}


def recorded(site: EveryKind, deployment: dict[str, Any]) -> None:
    """This is the state from now on."""
    file = site.project.folder / "recorded.json"
    file.write_text(json.dumps(deployment))
    site.project.pulumi("stack", "import", "--file", str(file))


def refusal(output: str, name: str) -> str:
    """The sentence about one resource; empty when there is none."""
    kind, _, resource = name.partition("/")
    found = re.search(
        rf"Creating strata:{kind} {re.escape(resource)} stopped before any change: .*\n\s*(pulumi import \S+ \S+ \S+)\n"
        r".*adopt: true",
        output,
    )
    return found.group(1) if found else ""


def test_each_is_refused_before_any_write_and_then_taken_over(every_kind: EveryKind) -> None:
    project = every_kind.project
    resources = every_kind.resources()
    state = json.loads(project.pulumi("stack", "export").output)
    for change in FOREIGN.values():
        change(every_kind)
    for together in levels(resources):
        recorded(every_kind, without(state, together))
        with every_kind.untouched():
            told = project.up("--continue-on-error", expect=1).output
        for name in together:
            line = refusal(told, name).split()
            assert line, f"{name} is not refused with the way to take it over:\n{told}"
            assert line[2:4] == [kind_of(name), name.partition("/")[2]]
            recorded_id = str(resources[name]["id"])
            assert line[4] in (recorded_id, "cluster01/demo-nfs-svm/images"), name
    for change in BACK.values():
        change(every_kind)
    recorded(every_kind, without(state, FOREIGN))
    project.write(adopting(project.stack_file.read_text()))
    project.up()
    project.preview("--expect-no-changes")
    assert look(every_kind.whole, expect=0) == {}
    assert {name: one["id"] for name, one in every_kind.resources().items()} == {
        name: one["id"] for name, one in resources.items()
    }, "nothing was made anew"


def test_no_kind_is_forgotten() -> None:
    foreign = {kind_of(name) for name in FOREIGN}
    assert foreign | set(NEVER_FOREIGN) == {*TOKENS}
    assert not foreign & set(NEVER_FOREIGN)
