"""Each format holds to the schema of those who read it, and leaves nothing out."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import xmlschema
from jsonschema import Draft4Validator, Draft202012Validator

from strata.drift.finding import Change, Trouble
from strata.drift.formats import words
from strata.drift.formats.as_json import as_json
from strata.drift.formats.junit import junit
from strata.drift.formats.markdown import LARGEST, markdown
from strata.drift.formats.sarif import sarif
from strata.drift.formats.table import table
from strata.drift.report import Report, grouped
from tests.unit.drift.reports import CLEAN, EVERYTHING, GONE, HOSTILE, MOVED, SIZE, STRAYS, long, trouble

ROOT = Path(__file__).resolve().parents[3]
SCHEMAS = Path(__file__).parent / "schemas"
REPORTS = pytest.mark.parametrize(
    "report",
    [CLEAN, EVERYTHING, STRAYS, long(3), Report(CLEAN.checked, ())],
    ids=["clean", "everything", "unmanaged", "long", "none"],
)


def json_schema() -> Draft202012Validator:
    schema: dict[str, Any] = json.loads((ROOT / "schemas" / "drift.schema.json").read_text())
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


@REPORTS
def test_json_is_by_its_schema(report: Report) -> None:
    assert [error.message for error in json_schema().iter_errors(json.loads(as_json(report)))] == []


def spoilt(document: dict[str, Any]) -> list[tuple[dict[str, Any], str]]:
    finding = document["stacks"][1]["findings"][0]
    stack = document["stacks"][1]
    return [
        ({**document, "version": 2}, "another version has another schema"),
        ({**document, "stacks": [{**stack, "status": "fine"}]}, "no such status"),
        (
            {**document, "stacks": [{**stack, "findings": [{**finding, "more": 1}]}]},
            "a key that nobody knows",
        ),
        ({**document, "stacks": [{**stack, "accepted": [finding]}]}, "accepted without a reason"),
    ]


@pytest.mark.parametrize("number", range(4))
def test_the_schema_of_the_json_refuses_what_is_otherwise(number: int) -> None:
    document, because = spoilt(json.loads(as_json(EVERYTHING)))[number]
    assert list(json_schema().iter_errors(document)), because


@REPORTS
def test_sarif_is_by_its_schema(report: Report) -> None:
    schema = json.loads((SCHEMAS / "sarif-2.1.0-rtm.5.json").read_text())
    assert [error.message for error in Draft4Validator(schema).iter_errors(json.loads(sarif(report)))] == []


@REPORTS
def test_junit_is_by_its_schema(report: Report) -> None:
    schema = xmlschema.XMLSchema(SCHEMAS / "junit-10.xsd")
    assert [str(error) for error in schema.iter_errors(junit(report))] == []


def test_junit_counts_what_it_holds() -> None:
    root = ElementTree.fromstring(junit(EVERYTHING))
    found = [
        (suite.get("name"), suite.get("failures"), suite.get("errors"), suite.get("skipped"))
        for suite in root
    ]
    assert found == [
        ("osaka", "0", "0", "0"),
        ("tokyo", "8", "0", "3"),
        ("kyoto", "1", "3", "0"),
        ("new", "0", "1", "0"),
    ]
    assert (root.get("failures"), root.get("errors"), root.get("tests")) == ("9", "4", "17")


def test_sarif_points_at_the_line_that_declares_it() -> None:
    results = json.loads(sarif(EVERYTHING))["runs"][0]["results"]
    (size, *_) = [one for one in results if "size: declared" in one["message"]["text"]]
    assert size["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "stacks/Pulumi.tokyo.yaml"},
        "region": {"startLine": 12},
    }


def test_sarif_names_a_file_by_its_uri() -> None:
    odd = replace(CLEAN.stacks[0], file="stacks/Pulumi.a b.yaml", findings=(GONE,))
    (result,) = json.loads(sarif(replace(CLEAN, stacks=(odd,))))["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "stacks/Pulumi.a%20b.yaml"


def test_sarif_keeps_what_is_accepted_as_suppressed() -> None:
    results = json.loads(sarif(EVERYTHING))["runs"][0]["results"]
    suppressed = [one["suppressions"][0]["justification"] for one in results if "suppressions" in one]
    assert suppressed == ["ticket 4711 (until 2026-12-31)"]


def test_sarif_knows_a_difference_again_when_its_value_moves_on() -> None:
    def prints(report: Report) -> set[str]:
        results = json.loads(sarif(report))["runs"][0]["results"]
        return {one["partialFingerprints"]["strataDrift/v1"] for one in results}

    assert prints(long(3, "60GiB")) == prints(long(3, "70GiB"))
    assert len(prints(long(3))) == 3


def test_the_table_has_one_line_per_property() -> None:
    lines = table(EVERYTHING).splitlines()
    assert sum(line.startswith("tokyo  ontap:Volume/images") for line in lines) == 8
    assert lines[0].split() == ["STACK", "RESOURCE", "PROPERTY", "DECLARED", "ACTUAL", "SEEN", "BY"]
    assert lines[-1] == EVERYTHING.summary
    assert (
        "tokyo: accepted until 2026-12-31: ontap:Volume/images size: declared 50GiB, is 60GiB (ticket 4711)"
        in lines
    )
    assert any(line.startswith("new: never brought up") for line in lines)


def test_a_clean_table_is_one_line() -> None:
    assert table(CLEAN) == "1 stack: 1 as declared.\n"


def test_a_cluster_that_is_down_is_one_line_for_all_its_resources() -> None:
    assert grouped([trouble("v1"), trouble("v2"), trouble("v3", "cluster03")]) == [
        (trouble("v1").message, 2),
        (trouble("v3", "cluster03").message, 1),
    ]
    (line,) = [line for line in table(EVERYTHING).splitlines() if line.startswith("kyoto: could not tell")]
    assert "cluster02" in line
    assert line.endswith("(and 2 more like this)")


@pytest.mark.parametrize(
    ("messages", "because"),
    [
        (
            [
                f"Reading {what}: ONTAP cluster c1 does not accept user x (401). Correct it."
                for what in ("a", "b")
            ],
            "a refused password is one trouble",
        ),
        (
            [
                f"CloudStack at http://x:1/api does not answer while asking {what}: no connection."
                for what in ("a", "b")
            ],
            "so is a management server that is down",
        ),
    ],
)
def test_one_system_is_one_line_whatever_was_asked_of_it(messages: list[str], because: str) -> None:
    assert grouped(map(Trouble, messages)) == [(messages[0], 2)], because


def test_two_systems_are_two_lines() -> None:
    messages = [f"Swift account {name} at http://x does not answer while reading: no." for name in ("a", "b")]
    assert grouped(map(Trouble, messages)) == [(message, 1) for message in messages]


@pytest.mark.parametrize("text", ["x" * 100, "\U0001f4be" * 100, "|`<@" * 30])
@pytest.mark.parametrize("findings", [10, 400, 5000])
def test_markdown_fits_a_comment(findings: int, text: str) -> None:
    written = markdown(long(findings, text))
    assert len(written.encode("utf-16-le")) // 2 <= LARGEST
    shown = written.count("| both |")
    assert shown == findings or f"… and {findings - shown + 1} more lines" in written
    assert shown >= min(findings, 60), "it is cut far too early"


def test_markdown_shows_the_worst_first_and_the_good_in_one_line() -> None:
    written = markdown(EVERYTHING)
    order = [written.index(f"#### {stack}") for stack in ("kyoto", "new", "tokyo")]
    assert order == sorted(order)
    assert "As declared: osaka." in written


def test_markdown_holds_no_markup_of_what_it_reports() -> None:
    (row,) = [line for line in markdown(EVERYTHING).splitlines() if "`comment`" in line]
    assert row.count("\n") == 0
    cells = [cell for cell in row.replace("\\|", "").split("|") if cell.strip()]
    assert len(cells) == 5, "a bar in a value opens no cell"
    assert row.count("``") == 2 or "``" in row, "a backtick in a value does not close the code"


def test_a_value_that_no_terminal_should_get_is_spelt_out() -> None:
    assert words.actual(HOSTILE).startswith('"\\u0000\\u001b[31m')
    assert "\x1b" not in table(EVERYTHING)


@pytest.mark.parametrize(
    ("finding", "expected"),
    [
        (SIZE, "ontap:Volume/images size: declared 50GiB, is 60GiB"),
        (MOVED, "ontap:Volume/images aggregate: declared aggr2, is aggr1; up would make a new one"),
        (GONE, "ontap:Volume/images is not there"),
    ],
)
def test_a_finding_reads(finding: Any, expected: str) -> None:
    assert words.sentence(finding) == expected


def test_every_change_has_words_and_a_rule() -> None:
    rules = {rule["id"] for rule in json.loads(sarif(CLEAN))["runs"][0]["tool"]["driver"]["rules"]}
    assert {change.value for change in Change} <= rules
    assert {change for change in Change if change is not Change.CHANGED} == set(words.WHOLE)


@pytest.mark.parametrize(
    ("value", "expected", "because"),
    [
        (None, "(none)", "nothing is not an empty text"),
        ("", '""', "an empty text is shown"),
        (5.0, "5", "the engine counts in floating point"),
        (True, "true", "as in the stack file"),
        (["a", "b"], '["a", "b"]', "a list in one line"),
        ("a\nb", '"a\\nb"', "one line stays one line"),
    ],
)
def test_a_value_reads(value: Any, expected: str, because: str) -> None:
    assert words.value(value) == expected, because


def test_a_long_value_is_cut_where_a_line_must_fit() -> None:
    assert words.value("x" * 100, 10) == "xxxxxxxxx…"
