"""What the provider makes of the configuration that the engine hands it, and of the files that it extends."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pulumi.provider.experimental.property_value import PropertyValue

from strata.provider import codec
from strata.provider.inheritance import inherited
from strata.stackfile import StackFileError

SECTIONS = ("ontap", "hosts", "swift")
URN = "urn:pulumi:tokyo::strata::pulumi:providers:strata::default"
BASE = """\
config:
  strata:ontap: {clusters: {c1: {hostname: c1.example.org, password: {env: C1}}}}
  strata:hosts: {h1: {address: h1.example.org}}
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "stacks").mkdir()
    (tmp_path / "stacks" / "base.yaml").write_text(BASE)
    return tmp_path


def told(root: Path, **own: PropertyValue) -> dict[str, Any]:
    found = inherited(own, SECTIONS, root, URN)
    assert "extends" not in found, "what is merged once extends nothing"
    return {key: codec.section(value) for key, value in found.items()}


def text(value: Any) -> PropertyValue:
    return PropertyValue(json.dumps(value))


def test_a_section_that_stands_in_the_base_alone_arrives(root: Path) -> None:
    assert told(root, extends=PropertyValue("base.yaml"))["hosts"] == {"h1": {"address": "h1.example.org"}}


def test_the_stacks_own_goes_over_it_and_stays_secret(root: Path) -> None:
    own = PropertyValue(json.dumps({"clusters": {"c1": {"password": "canary"}}}), is_secret=True)
    found = inherited({"extends": PropertyValue("base.yaml"), "ontap": own}, SECTIONS, root, URN)
    assert found["ontap"].is_secret
    assert not found["hosts"].is_secret
    assert codec.section(found["ontap"]) == {
        "clusters": {"c1": {"hostname": "c1.example.org", "password": "canary"}}
    }


@pytest.mark.parametrize(
    "own", [PropertyValue(""), text({"h1": None})], ids=["the section", "its only entry"]
)
def test_a_null_takes_away(own: PropertyValue, root: Path) -> None:
    assert told(root, extends=PropertyValue("base.yaml"), hosts=own).get("hosts", {}) == {}


def test_several_come_as_json(root: Path) -> None:
    (root / "stacks" / "more.yaml").write_text("config: {strata:hosts: {h1: {address: h2.example.org}}}\n")
    names = PropertyValue('["base.yaml","more.yaml"]')
    assert told(root, extends=names)["hosts"] == {"h1": {"address": "h2.example.org"}}


def test_what_is_unknown_stays_unknown(root: Path) -> None:
    found = inherited(
        {"extends": PropertyValue("base.yaml"), "hosts": codec.from_plain(codec.UNKNOWN)}, SECTIONS, root, URN
    )
    assert codec.to_plain(found["hosts"]) is codec.UNKNOWN


def test_without_extends_nothing_is_read_or_changed(tmp_path: Path) -> None:
    own = {"hosts": text({"h": {}}), "mounts": text({})}
    assert inherited(own, SECTIONS, tmp_path, URN) == own


def test_a_base_that_is_gone_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(StackFileError, match=r"Pulumi.tokyo.yaml.*there is no file .*gone.yaml"):
        told(tmp_path, extends=PropertyValue("gone.yaml"))
