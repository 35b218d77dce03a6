"""What a stack file allows is what the kinds take: neither says yes where the other says no."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from strata.provider import codec, fields
from strata.provider.kinds.glance_filesystem_store_args import StoreArgs
from strata.provider.kinds.host_mount_args import MountArgs
from strata.provider.kinds.ontap_export_policy import ExportPolicyArgs
from strata.provider.kinds.ontap_export_rules import ExportRule
from strata.provider.kinds.ontap_volume_args import Autosize, Efficiency, VolumeArgs
from strata.stackfile import load, model
from strata.stackfile.shape import SCHEMA_FILE

STACKS = Path(__file__).parents[3] / "stacks"
DEFINITIONS: dict[str, dict[str, Any]] = json.loads(SCHEMA_FILE.read_text())["$defs"]

PAIRS = [
    (model.Volume, VolumeArgs, {"key", "protect", "timeouts"}),
    (model.Efficiency, Efficiency, set()),
    (model.Autosize, Autosize, set()),
    (model.ExportPolicy, ExportPolicyArgs, {"key", "timeouts"}),
    (model.ExportRule, ExportRule, set()),
    (model.Mount, MountArgs, {"key", "timeouts", "hosts", "volume"}),
    (model.GlanceStore, StoreArgs, {"timeouts"}),
]


@pytest.mark.parametrize(
    ("declared", "taken", "the_stacks_own"), PAIRS, ids=lambda one: getattr(one, "__name__", "")
)
def test_the_kind_knows_each_property(declared: type, taken: type, the_stacks_own: set[str]) -> None:
    names = {field.name for field in dataclasses.fields(declared)} - the_stacks_own
    assert names <= {field.name for field in dataclasses.fields(taken)}


@pytest.mark.parametrize(
    ("declared", "taken", "the_stacks_own"), PAIRS, ids=lambda one: getattr(one, "__name__", "")
)
def test_both_have_the_same_defaults(declared: type, taken: type, the_stacks_own: set[str]) -> None:
    kinds = {field.name: field.default for field in dataclasses.fields(taken)}
    for field in dataclasses.fields(declared):
        if (
            field.name not in the_stacks_own
            and field.default is not dataclasses.MISSING
            and kinds[field.name] is not dataclasses.MISSING
        ):
            assert field.default == kinds[field.name], field.name


ENUMS = [
    (name, key, value, taken)
    for name, taken in (
        ("volume", VolumeArgs),
        ("efficiency", Efficiency),
        ("autosize", Autosize),
        ("exportRule", ExportRule),
        ("mount", MountArgs),
    )
    for key, entry in DEFINITIONS[name]["properties"].items()
    for value in [*entry.get("enum", []), *([one] for one in entry.get("items", {}).get("enum", []))]
]


@pytest.mark.parametrize(("name", "key", "value", "taken"), ENUMS)
def test_the_kind_takes_each_word_that_the_schema_allows(
    name: str, key: str, value: Any, taken: type
) -> None:
    _, problems = codec.decode(taken, {key: value})
    assert not [problem for problem in problems if problem.path.startswith(key)]


def test_there_are_words_to_compare() -> None:
    assert len(ENUMS) > 30


@pytest.mark.parametrize("stack", ["lab", "tokyo"])
def test_the_kinds_take_what_the_committed_stacks_declare(stack: str) -> None:
    file = load(STACKS / f"Pulumi.{stack}.yaml")
    for volume in file.ontap.volumes.values():
        taken(VolumeArgs, dataclasses.replace(volume, export_policy=None))
        if isinstance(volume.export_policy, model.ExportPolicy):
            taken(ExportPolicyArgs, volume.export_policy)
    for mount in file.mounts.values():
        taken(MountArgs, mount, host=mount.hosts[0])
    assert file.glance is not None
    point = file.mounts[file.glance.store.mount].path
    taken(StoreArgs, file.glance.store, host=file.glance.hosts[0], mount=point)


def taken(args: type, declared: Any, **more: str) -> None:
    known = {fields.wire_name(field.name) for field in dataclasses.fields(args)}
    wire = {key: value for key, value in {**codec.encode(declared), **more}.items() if key in known}
    decoded, problems = codec.decode(args, wire)
    assert not problems
    assert decoded is not None
