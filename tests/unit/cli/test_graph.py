"""The picture shows what orders the resources, and nothing else."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from strata.cli import graph_drawing
from strata.cli.graph_order import from_state
from strata.cli.main import main

URN = "urn:pulumi:lab::strata::"


def record(type: str, name: str, *after: str, custom: bool = True, **more: Any) -> dict[str, Any]:
    urn = f"{URN}{type}::{name}"
    return {"urn": urn, "type": type, "custom": custom, "dependencies": [URN + one for one in after], **more}


STATE = {
    "version": 3,
    "deployment": {
        "resources": [
            record("pulumi:pulumi:Stack", "strata-lab", custom=False),
            record("pulumi:providers:strata", "strata"),
            record("strata:components:OntapVolume", "images", custom=False),
            record("strata:ontap:ExportPolicy", "images"),
            record("strata:ontap:Volume", "images", "strata:ontap:ExportPolicy::images"),
            record(
                "strata:host:Mount",
                "glance-images",
                "strata:ontap:Volume::images",
                "strata:components:OntapVolume::images",
            ),
            record(
                "strata:glance:FilesystemStore",
                "<store>",
                "strata:host:Mount::glance-images",
                "strata:ontap:Volume::images",
            ),
            record("strata:host:Mount", "old", delete=True),
        ]
    },
}


def test_custom_resources_and_their_order() -> None:
    order = from_state(STATE)
    assert [[one.name for one in layer] for layer in order.layers()] == [
        ["images"],
        ["images"],
        ["glance-images"],
        ["<store>"],
    ]
    assert len(order.edges) == 4, "an edge to a component orders nothing by itself"


def test_a_lost_edge_is_seen() -> None:
    state = json.loads(json.dumps(STATE))
    state["deployment"]["resources"][5]["dependencies"] = []
    first = from_state(state).layers()[0]
    assert {one.type for one in first} == {"strata:ontap:ExportPolicy", "strata:host:Mount"}


def test_dot_points_from_first_to_after() -> None:
    text = graph_drawing.dot(from_state(STATE), "stack lab")
    assert '"strata:ontap:ExportPolicy::images" -> "strata:ontap:Volume::images";' in text
    assert text.count("->") == 4


def test_svg_is_xml_with_a_box_for_each_resource_left_to_right() -> None:
    picture = ElementTree.fromstring(graph_drawing.svg(from_state(STATE), "stack <lab>"))
    boxes = [float(box.attrib["x"]) for box in picture.iter("{http://www.w3.org/2000/svg}rect")]
    assert len(boxes) == 4
    assert boxes == sorted(boxes)
    starts = [
        re.match(r"M(\d+),", path.attrib["d"]) for path in picture.iter("{http://www.w3.org/2000/svg}path")
    ]
    assert len([start for start in starts if start]) == 4 + 1, "four edges and the tip of the arrow"


@pytest.mark.parametrize("deployment", [None, {}, {"resources": None}])
def test_a_stack_with_nothing_in_it_is_an_empty_picture(deployment: object) -> None:
    order = from_state({"deployment": deployment})
    assert order.resources == ()
    assert ElementTree.fromstring(graph_drawing.svg(order, "stack lab")) is not None


def test_from_an_exported_state(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "state.json").write_text(json.dumps(STATE))
    picture = tmp_path / "lab.svg"
    assert main(["graph", "lab", "--state", str(tmp_path / "state.json"), "--output", str(picture)]) == 0
    assert capsys.readouterr().out == f"{picture}: 4 resources, 4 edges that order them\n"
    assert picture.read_text().startswith("<svg")


@pytest.mark.parametrize(
    ("state", "output", "sentence"),
    [
        ("{}", "lab.png", "neither a .svg nor a .dot file"),
        ("{}", "lab.svg", "it has no deployment"),
        ("<html>", "lab.svg", "it is not JSON"),
        (None, "lab.svg", "No such file"),
        (json.dumps(STATE), "nowhere/lab.svg", "can't be written"),
    ],
)
def test_what_goes_wrong_is_one_sentence(
    state: str | None, output: str, sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if state is not None:
        (tmp_path / "state.json").write_text(state)
    assert (
        main(["graph", "lab", "--state", str(tmp_path / "state.json"), "--output", str(tmp_path / output)])
        == 2
    )
    said = capsys.readouterr().err
    assert sentence in said
    assert said.count("\n") == 1


def test_without_the_engine(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    assert main(["graph", "lab", "--output", "lab.svg"]) == 2
    assert "isn't on PATH" in capsys.readouterr().err
